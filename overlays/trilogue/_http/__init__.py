"""Requests and responses over httpx; the only folder that knows an HTTP library."""
