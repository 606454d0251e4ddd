"""Replays what was sent to real RapidPro servers on the sandbox, and compares the responses."""
