"""httpx transports: one given by the caller, or one over the network for each origin.

It calls httpx's transports and not its client: the client logs every address at INFO, query included, and an address
may hold a phone number. Proxies and certificates of the environment work as they do in the client.
"""

from __future__ import annotations

import ssl
from typing import TypeVar
from urllib.request import getproxies, proxy_bypass

import httpx
from attrs import frozen

from ..errors import InvalidArgument

SyncTransport = httpx.BaseTransport
AsyncTransport = httpx.AsyncBaseTransport
NetworkTransport = TypeVar("NetworkTransport", httpx.HTTPTransport, httpx.AsyncHTTPTransport)
Transport = TypeVar("Transport", httpx.BaseTransport, httpx.AsyncBaseTransport)

LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=100, keepalive_expiry=5.0)
"""As many may be kept as there may be: with fewer, httpcore 1.0 closes each one after use while more are open."""

PROXIES = "the environment's HTTP_PROXY, HTTPS_PROXY or ALL_PROXY"


@frozen(repr=False, eq=False)
class HttpSettings:
    """How to reach a platform: `transport` replaces the network, `verify` the usual certificates."""

    transport: SyncTransport | AsyncTransport | None = None
    verify: ssl.SSLContext | None = None


def origin(url: httpx.URL) -> str:
    """Return the scheme, host and port of an address."""
    return f"{url.scheme}://{url.netloc.decode()}"


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


def open_transport(transport_class: type[NetworkTransport], settings: HttpSettings, url: httpx.URL) -> NetworkTransport:
    """Return a transport over the network to the origin of an address.

    Raises:
        InvalidArgument: the environment's proxy cannot be used.
    """
    certificates = settings.verify or url.scheme == "https"  # reading certificates takes a while; http needs none
    try:
        return transport_class(verify=certificates, proxy=_proxy(url), limits=LIMITS)
    except ImportError:
        raise InvalidArgument(f"{PROXIES}: a SOCKS proxy needs one more package: pip install 'httpx[socks]'") from None
    except (ValueError, httpx.InvalidURL):
        raise InvalidArgument(f"{PROXIES}: expected an address such as http://proxy.example.org:3128") from None


def _proxy(url: httpx.URL) -> str | None:
    """Return the environment's proxy for an address (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, but not for NO_PROXY)."""
    if proxy_bypass(url.netloc.decode()):
        return None
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"
