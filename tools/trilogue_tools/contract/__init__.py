"""Holds a live server to its description: the form of what it responds, and what lists, filters and writes mean."""
