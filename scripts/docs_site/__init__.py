"""The documentation site: pages written by hand, references made of docstrings and descriptions, and llms.txt."""
