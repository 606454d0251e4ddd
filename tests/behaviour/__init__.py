"""Behaviour coverage: what of the descriptions the sandbox was seen to do while the tests ran."""
