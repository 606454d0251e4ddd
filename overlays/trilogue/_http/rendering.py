"""Renders a request as httpx sends it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import IO, Any

import httpx

from .file_parts import FilePart
from .messages import HttpRequest, Multipart, Timeout

CHUNK_SIZE = 65536

SENDS_LENGTH = ("POST", "PUT", "PATCH")
"""The methods whose requests have a content-length even without a body."""


@contextmanager
def rendered(request: HttpRequest) -> Generator[httpx.Request]:
    """Return a request as httpx has it; files stay open within the block."""
    if isinstance(request.body, FilePart):
        with request.body.open() as content:
            yield _render(request, parse_url(request.url), request.headers, stream=_FileStream(content))
    elif isinstance(request.body, Multipart):
        with request.body.file.open() as content:
            part = request.body.file
            files = {part.name: (part.filename, content, part.content_type)}
            yield _render(request, parse_url(request.url), request.headers, data=dict(request.body.fields), files=files)
    else:
        yield _render_bytes(request, request.body or b"")


def _render_bytes(request: HttpRequest, body: bytes) -> httpx.Request:
    """Render a request as a stream, for which httpx adds no headers, as adding them takes longer than all the rest."""
    url = parse_url(request.url)
    rendered = _render(request, url, headers_of(request, url, body), stream=httpx.ByteStream(body))
    rendered.read()
    return rendered


def headers_of(request: HttpRequest, url: httpx.URL, body: bytes) -> dict[str, str]:
    """Return all headers of a request with this body."""
    length = {"content-length": str(len(body))} if body or request.method in SENDS_LENGTH else {}
    return {"host": url.netloc.decode("ascii"), **length, **request.headers}


def _render(request: HttpRequest, url: httpx.URL, headers: dict[str, str], **body: Any) -> httpx.Request:
    extensions = {"timeout": timeout_extension(request.timeout)}
    return httpx.Request(request.method, url, headers=headers, extensions=extensions, **body)


def parse_url(url: str) -> httpx.URL:
    """Parse an address; one with a query, which may hold personal data, is not kept for the next call."""
    return httpx.URL(url) if "?" in url else _parse_once(url)


@lru_cache(maxsize=128)
def _parse_once(url: str) -> httpx.URL:
    return httpx.URL(url)


def origin(url: str) -> str:
    """Return the scheme, host and port of an address."""
    return _find_origin(url.partition("?")[0])


@lru_cache(maxsize=128)
def _find_origin(url: str) -> str:
    parsed = _parse_once(url)
    return f"{parsed.scheme}://{parsed.netloc.decode()}"


def timeout_extension(timeout: Timeout) -> dict[str, float]:
    """Return a timeout as httpx and httpcore have it."""
    return {"connect": timeout.connect, "pool": timeout.connect, "read": timeout.read, "write": timeout.read}


class _FileStream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A file as the entire body, read in chunks while it is sent."""

    def __init__(self, content: bytes | IO[bytes]) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        if isinstance(self._content, bytes):
            yield self._content
            return
        while chunk := self._content.read(CHUNK_SIZE):
            yield chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk
