"""One HTTP request to a receiver on this machine."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Mapping

import attrs

PATIENCE_SECONDS = 10.0


@attrs.frozen
class Outcome:
    """What became of a request: the status of the answer, or why there was none."""

    status_code: int | None
    error: str | None = None
    has_timed_out: bool = False

    @property
    def is_received(self) -> bool:
        """Whether the receiver said that it has what was posted."""
        return self.status_code is not None and 200 <= self.status_code < 300


async def post(url: str, headers: Mapping[str, str], body: bytes, patience: float = PATIENCE_SECONDS) -> Outcome:
    """Post a body, and wait at most `patience` seconds for the head of the answer. Nothing leaves this machine."""
    import httpx  # for those sandboxes only that post something

    try:
        if not _is_loopback(httpx.URL(url).host):
            return Outcome(None, "The sandbox posts to receivers at a loopback address only")
        async with asyncio.timeout(patience):
            return _outcome(await _status_code(url, headers, body))
    except TimeoutError:
        return Outcome(None, f"No answer within {patience:g} seconds", has_timed_out=True)
    except httpx.ConnectError:
        return Outcome(None, "No connection")
    except httpx.TransportError:
        return Outcome(None, "The connection ended before there was an answer")
    except httpx.InvalidURL:
        return Outcome(None, "The URL cannot be called")


async def _status_code(url: str, headers: Mapping[str, str], body: bytes) -> int:
    import httpx

    verify = url.startswith("https:")  # to load certificates takes a while
    async with (
        httpx.AsyncClient(trust_env=False, timeout=None, verify=verify) as client,
        client.stream("POST", url, headers=headers, content=body) as response,
    ):
        return response.status_code


def _outcome(status_code: int) -> Outcome:
    return Outcome(status_code) if 100 <= status_code < 600 else Outcome(None, "The answer was not HTTP")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
