"""Cuts any number of items into calls, and keeps account of each item."""
