"""Reads the bodies of responses."""

from __future__ import annotations

import httpx

from .destinations import Destination
from .headers import Headers
from .messages import HttpResponse

MAX_DECOMPRESSED = 256 * 1024 * 1024
"""Bytes that a compressed body may have when it is decompressed: a few hundred kilobytes can become gigabytes."""

BROKEN = "the body cannot be decompressed"
TOO_LARGE = f"the body is larger than {MAX_DECOMPRESSED // 1024**2} MB when it is decompressed"


class Body:
    """The body of a response, as its parts arrive."""

    def __init__(self, response: httpx.Response) -> None:
        """Begin with an empty one."""
        self._response = response
        self._is_compressed = "content-encoding" in response.headers
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, part: bytes) -> None:
        """Add a part; raises `TooLarge` where it passes the limit."""
        self._parts.append(part)
        self._size += len(part)
        if self._is_compressed and self._size > MAX_DECOMPRESSED:
            raise TooLarge

    def complete(self, fault: str = "") -> HttpResponse:
        """Return the response; with a fault, its body is left out."""
        content = b"" if fault else b"".join(self._parts)
        return HttpResponse(self._response.status_code, Headers(self._response.headers.raw), content, fault)


class TooLarge(Exception):
    """A body is too large when it is decompressed."""


def read(response: httpx.Response, destination: Destination | None = None) -> HttpResponse:
    """Read the body of a response, or write that of a successful one to its destination."""
    if destination is not None and response.is_success:
        return _write(response, destination)
    body = Body(response)
    try:
        for part in response.iter_bytes():
            body.add(part)
    except httpx.DecodingError:
        return body.complete(BROKEN)
    except TooLarge:
        return body.complete(TOO_LARGE)
    return body.complete()


async def read_async(response: httpx.Response, destination: Destination | None = None) -> HttpResponse:
    """Read the body of a response; see `read`."""
    if destination is not None and response.is_success:
        return await _write_async(response, destination)
    body = Body(response)
    try:
        async for part in response.aiter_bytes():
            body.add(part)
    except httpx.DecodingError:
        return body.complete(BROKEN)
    except TooLarge:
        return body.complete(TOO_LARGE)
    return body.complete()


def _write(response: httpx.Response, destination: Destination) -> HttpResponse:
    try:
        with destination.open(response.status_code, response.headers) as file:
            for part in response.iter_raw() if _is_raw(response, destination) else response.iter_bytes():
                file.write(part)
    except httpx.DecodingError:
        return HttpResponse(response.status_code, Headers(response.headers.raw), b"", BROKEN)
    return HttpResponse(response.status_code, Headers(response.headers.raw), b"")


async def _write_async(response: httpx.Response, destination: Destination) -> HttpResponse:
    try:
        with destination.open(response.status_code, response.headers) as file:
            async for part in response.aiter_raw() if _is_raw(response, destination) else response.aiter_bytes():
                file.write(part)
    except httpx.DecodingError:
        return HttpResponse(response.status_code, Headers(response.headers.raw), b"", BROKEN)
    return HttpResponse(response.status_code, Headers(response.headers.raw), b"")


def _is_raw(response: httpx.Response, destination: Destination) -> bool:
    """Return whether a body is written as it was sent; a transport of the caller may have decompressed it."""
    return destination.keeps_encoding and not response.is_stream_consumed
