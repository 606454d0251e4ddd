"""The transport that a caller gives in place of the network: one of httpx or of httpx2."""

from __future__ import annotations

import ssl
import sys
from typing import TYPE_CHECKING, Any, Protocol

from .._records import Record
from ..errors import InvalidArgument

if TYPE_CHECKING:
    import httpx


class SyncTransport(Protocol):
    """A transport of httpx or httpx2 for threads."""

    def handle_request(self, request: Any) -> Any:
        """Send a request."""


class AsyncTransport(Protocol):
    """A transport of httpx or httpx2 for asyncio."""

    async def handle_async_request(self, request: Any) -> Any:
        """Send a request."""


class HttpSettings(Record, frozen=True):
    """How to reach a platform: `transport` replaces the network, `verify` the usual certificates."""

    transport: SyncTransport | AsyncTransport | None = None
    verify: ssl.SSLContext | None = None


def own_transport(settings: HttpSettings) -> httpx.BaseTransport | None:
    """Return the caller's transport, None if there is none.

    Raises:
        InvalidArgument: it is no transport for threads.
    """
    transport: Any = settings.transport
    if transport is None:
        return None
    from httpx import BaseTransport  # here, because httpx takes a while to load, and the network does without

    if isinstance(transport, BaseTransport):
        return transport
    if _is_of_httpx2(transport, "BaseTransport"):
        from .httpx2_transports import SyncAdapter  # here, because httpx2 may be missing

        return SyncAdapter(transport)
    raise _no_transport(transport, "BaseTransport")


def own_async_transport(settings: HttpSettings) -> httpx.AsyncBaseTransport | None:
    """`own_transport` for asyncio."""
    transport: Any = settings.transport
    if transport is None:
        return None
    from httpx import AsyncBaseTransport  # here, as above

    if isinstance(transport, AsyncBaseTransport):
        return transport
    if _is_of_httpx2(transport, "AsyncBaseTransport"):
        from .httpx2_transports import AsyncAdapter  # here, because httpx2 may be missing

        return AsyncAdapter(transport)
    raise _no_transport(transport, "AsyncBaseTransport")


def _is_of_httpx2(transport: Any, class_name: str) -> bool:
    """Return whether a transport is of a class of httpx2, which is loaded if so."""
    httpx2 = sys.modules.get("httpx2")
    return httpx2 is not None and isinstance(transport, getattr(httpx2, class_name))


def _no_transport(given: object, expected: str) -> InvalidArgument:
    return InvalidArgument(f"transport: expected an httpx.{expected}, not {type(given).__name__}")
