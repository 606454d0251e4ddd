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


@contextmanager
def rendered(request: HttpRequest) -> Generator[httpx.Request]:
    """Return a request as httpx has it; files stay open within the block."""
    if isinstance(request.body, FilePart):
        with request.body.open() as content:
            yield _render(request, stream=_FileStream(content))
    elif isinstance(request.body, Multipart):
        with request.body.file.open() as content:
            part = request.body.file
            files = {part.name: (part.filename, content, part.content_type)}
            yield _render(request, data=dict(request.body.fields), files=files)
    else:
        yield _render(request, content=request.body)


def _render(request: HttpRequest, **body: Any) -> httpx.Request:
    extensions = {"timeout": _timeout_extension(request.timeout)}
    url = httpx.URL(request.url) if "?" in request.url else _parse(request.url)
    return httpx.Request(request.method, url, headers=request.headers, extensions=extensions, **body)


@lru_cache(maxsize=256)
def _parse(url: str) -> httpx.URL:
    """Parse an address; those without a query are few, and parsing takes a tenth of a call."""
    return httpx.URL(url)


def _timeout_extension(timeout: Timeout) -> dict[str, float]:
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
