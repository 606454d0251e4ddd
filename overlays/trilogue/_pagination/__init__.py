"""Iterates over lists, page by page."""
