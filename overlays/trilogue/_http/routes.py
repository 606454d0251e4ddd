"""The way to an origin: certificates and proxy, as the caller and the environment have them."""

from __future__ import annotations

import ssl
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from .._records import Record
from ..errors import InvalidArgument

PROXIES = "the environment's HTTP_PROXY, HTTPS_PROXY or ALL_PROXY"


class Route(Record, frozen=True):
    """How to reach an origin: with these certificates (None over plain http), through this proxy if there is one."""

    origin: httpcore.Origin
    certificates: ssl.SSLContext | None
    proxy: httpcore.Proxy | None


def find_route(url: httpx.URL, verify: ssl.SSLContext | None) -> Route:
    """Return the route to the origin of an address.

    Raises:
        InvalidArgument: the environment's proxy cannot be used.
    """
    proxy = proxy_of(url)
    certificates = (verify or httpx.create_ssl_context()) if url.scheme == "https" else None
    return Route(to_raw_url(url).origin, certificates, None if proxy is None else _to_httpcore(proxy))


def proxy_of(url: httpx.URL) -> httpx.Proxy | None:
    """Return the environment's proxy for an address (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, but not for NO_PROXY)."""
    if proxy_bypass(url.netloc.decode()):
        return None
    proxies = getproxies()
    address = proxies.get(url.scheme) or proxies.get("all")
    return None if address is None else _read_proxy(address if "://" in address else f"http://{address}")


def _read_proxy(address: str) -> httpx.Proxy:
    from importlib.util import find_spec  # here, because few programs have a proxy

    try:
        proxy = httpx.Proxy(address)
        is_valid = bool(proxy.url.host) and (proxy.url.port or 1) <= 65535
    except (ValueError, httpx.InvalidURL):
        is_valid, proxy = False, None
    if proxy is None or not is_valid:
        raise InvalidArgument(f"{PROXIES}: expected an address such as http://proxy.example.org:3128")
    if proxy.url.scheme.startswith("socks") and find_spec("socksio") is None:
        raise InvalidArgument(f"{PROXIES}: a SOCKS proxy needs one more package: pip install 'httpx[socks]'")
    return proxy


def _to_httpcore(proxy: httpx.Proxy) -> httpcore.Proxy:
    return httpcore.Proxy(to_raw_url(proxy.url), proxy.raw_auth, proxy.headers.raw, proxy.ssl_context)


def to_raw_url(url: httpx.URL) -> httpcore.URL:
    """Return an address as httpcore has it."""
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
