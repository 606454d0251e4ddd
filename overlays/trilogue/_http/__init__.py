"""Requests and responses over httpcore, aiohttp or a transport of httpx; the only folder that knows an HTTP library."""
