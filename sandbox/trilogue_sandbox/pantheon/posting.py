"""One HTTP request to a receiver on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import SplitResult, quote, urlsplit

import attrs

TIMEOUT_SECONDS = 10.0

_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])\b")
_URL_CHARACTERS = "/%:@!$&'()*+,;=?-._~"


@attrs.frozen
class Outcome:
    """What became of a request: the status of the response, or why there was none."""

    status_code: int | None
    error: str | None = None
    has_timed_out: bool = False

    @property
    def is_received(self) -> bool:
        """Whether the receiver said that it has what was posted."""
        return self.status_code is not None and 200 <= self.status_code < 300


async def post(url: str, headers: Mapping[str, str], body: bytes, timeout: float = TIMEOUT_SECONDS) -> Outcome:
    """Post a body, and wait at most `timeout` seconds for the status of the response. Nothing leaves this machine."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return Outcome(None, "The URL cannot be called")
    if not _is_loopback(parts.hostname or ""):
        return Outcome(None, "The sandbox posts to receivers at a loopback address only")
    try:
        async with asyncio.timeout(timeout):
            return await _exchange(parts, port, headers, body)
    except TimeoutError:
        return Outcome(None, f"No answer within {timeout:g} seconds", has_timed_out=True)
    except OSError:
        return Outcome(None, "No connection, or it was broken")


async def _exchange(url: SplitResult, port: int | None, headers: Mapping[str, str], body: bytes) -> Outcome:
    is_secure = url.scheme == "https"
    reader, writer = await asyncio.open_connection(
        url.hostname, (443 if is_secure else 80) if port is None else port, ssl=True if is_secure else None
    )
    try:
        writer.write(_head(url, {**headers, "Content-Length": str(len(body)), "Connection": "close"}) + body)
        await writer.drain()
        return await _read_status(reader)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _head(url: SplitResult, headers: Mapping[str, str]) -> bytes:
    target = quote(url.path or "/", safe=_URL_CHARACTERS)
    target += f"?{quote(url.query, safe=_URL_CHARACTERS)}" if url.query else ""
    host = url.netloc.rpartition("@")[2]
    lines = [f"POST {target} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


async def _read_status(reader: asyncio.StreamReader) -> Outcome:
    """Read up to the status of the response; those below 200 only come before it."""
    while found := _STATUS_LINE.match(await _read_line(reader)):
        if (status_code := int(found[1])) >= 200:
            return Outcome(status_code)
        while (await _read_line(reader)).strip():
            pass
    return Outcome(None, "The connection ended before there was an answer in HTTP")


async def _read_line(reader: asyncio.StreamReader) -> bytes:
    """Read a line; one that is too long for HTTP is none."""
    try:
        return await reader.readline()
    except ValueError:
        return b""


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
