"""The transport that a caller gives in place of the network."""

from __future__ import annotations

import ssl
from typing import TypeVar

import httpx
from attrs import frozen

from ..errors import InvalidArgument

SyncTransport = httpx.BaseTransport
AsyncTransport = httpx.AsyncBaseTransport
Transport = TypeVar("Transport", httpx.BaseTransport, httpx.AsyncBaseTransport)


@frozen(repr=False, eq=False)
class HttpSettings:
    """How to reach a platform: `transport` replaces the network, `verify` the usual certificates."""

    transport: SyncTransport | AsyncTransport | None = None
    verify: ssl.SSLContext | None = None


def own_transport(settings: HttpSettings, transport_class: type[Transport]) -> Transport | None:
    """Return the caller's transport, None if there is none.

    Raises:
        InvalidArgument: it is not of the class this client needs.
    """
    transport = settings.transport
    if transport is None or isinstance(transport, transport_class):
        return transport
    expected, given = transport_class.__name__, type(transport).__name__
    raise InvalidArgument(f"transport: expected an httpx.{expected}, not {given}")
