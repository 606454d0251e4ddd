"""Requests as httpcore has them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpcore
import httpx

from .messages import HttpRequest
from .rendering import headers_of, parse_url, timeout_extension
from .routes import to_raw_url


def render_raw(request: HttpRequest) -> httpcore.Request:
    """Render a request that sends no file."""
    url, body = parse_url(request.url), request.body if isinstance(request.body, bytes) else b""
    return httpcore.Request(
        request.method,
        to_raw_url(url),
        headers=[
            (name.encode("ascii"), value.encode("ascii")) for name, value in headers_of(request, url, body).items()
        ],
        content=_Content(body),
        extensions={"timeout": timeout_extension(request.timeout)},
    )


def to_httpcore(request: httpx.Request) -> httpcore.Request:
    """Return a request of httpx as httpcore has it."""
    return httpcore.Request(
        request.method,
        to_raw_url(request.url),
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )


class _Content:
    """A body in one part, or in none."""

    def __init__(self, content: bytes) -> None:
        self._parts = [content] if content else []

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield part
