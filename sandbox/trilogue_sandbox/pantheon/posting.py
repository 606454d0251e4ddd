"""One HTTP request to a receiver on this machine."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

import attrs

TIMEOUT_SECONDS = 10.0


@attrs.frozen
class Outcome:
    """What became of a request: the status of the response, or why there was none."""

    status_code: int | None
    error: str | None = None
    has_timed_out: bool = False

    @property
    def is_received(self) -> bool:
        """Whether the receiver accepted what was posted."""
        return self.status_code is not None and 200 <= self.status_code < 300


async def post(url: str, headers: Mapping[str, str], body: bytes, timeout: float = TIMEOUT_SECONDS) -> Outcome:
    """Post a body, and wait at most `timeout` seconds for the status of the response. Nothing leaves this machine."""
    import httpx  # here, since most sandboxes never post

    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # a ValueError where the port is out of range
        if not _is_loopback(host or ""):
            return Outcome(None, "The sandbox posts to receivers at a loopback address only")
        request = httpx.Request("POST", url, headers={**headers, "Connection": "close"}, content=body)
        async with asyncio.timeout(timeout), httpx.AsyncHTTPTransport() as transport:
            response = await transport.handle_async_request(request)
            await response.aclose()
            return Outcome(response.status_code)
    except (ValueError, httpx.InvalidURL):
        return Outcome(None, "The URL cannot be called")
    except TimeoutError:
        return Outcome(None, f"No answer within {timeout:g} seconds", has_timed_out=True)
    except httpx.RemoteProtocolError:
        return Outcome(None, "The connection ended before there was an answer in HTTP")
    except httpx.TransportError:
        return Outcome(None, "No connection, or it was broken")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
