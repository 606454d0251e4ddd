"""Renders a request as httpx has it: for a transport of the caller, and to send files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from typing import IO, Any

import httpx

from .file_parts import FilePart
from .messages import HttpRequest, Multipart
from .urls import parse_by_httpx, parse_url

CHUNK_SIZE = 65536


@contextmanager
def rendered(request: HttpRequest) -> Generator[httpx.Request]:
    """Return a request as httpx has it; files stay open within the block."""
    if isinstance(request.body, FilePart):
        with request.body.open() as content:
            yield _render(request, request.headers, stream=_FileStream(content))
    elif isinstance(request.body, Multipart):
        with request.body.file.open() as content:
            part = request.body.file
            files = {part.name: (part.filename, content, part.content_type)}
            yield _render(request, request.headers, data=dict(request.body.fields), files=files)
    else:
        yield _render_bytes(request, request.body or b"")


def _render_bytes(request: HttpRequest, body: bytes) -> httpx.Request:
    """Render a request as a stream, for which httpx adds no headers, as adding them takes longer than all the rest."""
    headers = request.headers_with(parse_url(request.url).netloc, body)
    rendered = _render(request, headers, stream=httpx.ByteStream(body))
    rendered.read()
    return rendered


def _render(request: HttpRequest, headers: dict[str, str], **body: Any) -> httpx.Request:
    extensions = {"timeout": request.timeout.as_extension()}
    return httpx.Request(request.method, parse_by_httpx(request.url), headers=headers, extensions=extensions, **body)


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
