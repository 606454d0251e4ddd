"""Requests as httpcore has them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager

import httpcore

from .file_parts import FilePart
from .messages import HttpRequest, Multipart
from .urls import Url, parse_url


@contextmanager
def rendered_raw(request: HttpRequest) -> Generator[httpcore.Request]:
    """Return a request as httpcore has it; files stay open within the block."""
    if not isinstance(request.body, (FilePart, Multipart)):
        yield render_raw(request)
        return
    from .rendering import rendered  # here, because httpx takes a while to load and few requests send a file

    with rendered(request) as prepared:
        yield httpcore.Request(
            prepared.method,
            to_raw_url(parse_url(request.url)),
            headers=prepared.headers.raw,
            content=prepared.stream,
            extensions=prepared.extensions,
        )


def render_raw(request: HttpRequest) -> httpcore.Request:
    """Render a request that sends no file."""
    url, body = parse_url(request.url), request.body if isinstance(request.body, bytes) else b""
    return httpcore.Request(
        request.method,
        to_raw_url(url),
        headers=[
            (name.encode("ascii"), value.encode("ascii"))
            for name, value in request.headers_with(url.netloc, body).items()
        ],
        content=_Content(body),
        extensions={"timeout": request.timeout.as_extension()},
    )


def to_raw_url(url: Url) -> httpcore.URL:
    """Return an address as httpcore has it."""
    return httpcore.URL(
        scheme=url.scheme.encode("ascii"),
        host=url.host.encode("ascii"),
        port=url.port,
        target=url.target.encode("ascii"),
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
