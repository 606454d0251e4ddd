"""Slows down before the platform has to refuse a request."""
