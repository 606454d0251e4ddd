"""The example in the docstring of each method, run against the sandbox."""
