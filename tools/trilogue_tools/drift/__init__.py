"""Reads a live server, or captured responses, and reports how they differ from the description."""
