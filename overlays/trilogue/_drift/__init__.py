"""Compares responses with the description of their platform."""
