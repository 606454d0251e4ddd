"""The way to an origin: certificates and proxy, as the caller and the environment have them."""

from __future__ import annotations

import os
import ssl
import sys
from typing import TYPE_CHECKING

import certifi
import httpcore

from .._records import Record
from ..errors import InvalidArgument
from .raw_requests import to_raw_url
from .urls import Url

if TYPE_CHECKING:
    import httpx

_VARIABLES = {"http_proxy", "https_proxy", "all_proxy"}
PROXIES = "the environment's HTTP_PROXY, HTTPS_PROXY or ALL_PROXY"


class Route(Record, frozen=True):
    """How to reach an origin: with these certificates (None over plain http), through this proxy if there is one."""

    origin: httpcore.Origin
    certificates: ssl.SSLContext | None
    proxy: httpcore.Proxy | None

    @property
    def tls_layers(self) -> int:
        """How many layers of TLS lie between a request and the network: none of it is sent before the last one."""
        if self.certificates is None:
            return 0
        return 2 if self.proxy is not None and self.proxy.url.scheme == b"https" else 1


def find_route(url: Url, verify: ssl.SSLContext | None) -> Route:
    """Return the route to the origin of an address.

    Raises:
        InvalidArgument: the environment's proxy or certificates cannot be used.
    """
    proxy = proxy_of(url)
    certificates = (verify or _usual_certificates()) if url.scheme == "https" else None
    return Route(to_raw_url(url).origin, certificates, None if proxy is None else _to_httpcore(proxy))


def _usual_certificates() -> ssl.SSLContext:
    """Trust whom the environment says (SSL_CERT_FILE, SSL_CERT_DIR), or else whom Mozilla trusts."""
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    try:
        if folder and not file:
            return ssl.create_default_context(capath=folder)
        return ssl.create_default_context(cafile=file or certifi.where())
    except OSError as error:
        raise InvalidArgument(f"the environment's SSL_CERT_FILE: no certificates in PEM form: {error}") from None


def proxy_of(url: Url) -> httpx.Proxy | None:
    """Return the environment's proxy for an address (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, but not for NO_PROXY)."""
    if not _may_have_proxies():
        return None
    from urllib.request import getproxies, proxy_bypass  # here, because it takes a while to load

    proxies = getproxies()
    exempt = {name.strip() for name in proxies.get("no", "").split(",")}
    if proxy_bypass(url.netloc) or not exempt.isdisjoint(("*", url.host)):
        return None
    address = proxies.get(url.scheme) or proxies.get("all")
    return None if address is None else _read_proxy(address if "://" in address else f"http://{address}")


def _may_have_proxies() -> bool:
    """Return whether the environment names a proxy; macOS and Windows have settings of their own."""
    return sys.platform in ("darwin", "win32") or not _VARIABLES.isdisjoint(name.lower() for name in os.environ)


def _read_proxy(address: str) -> httpx.Proxy:
    from importlib.util import find_spec  # here, because few programs have a proxy

    import httpx

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
    return httpcore.Proxy(str(proxy.url), proxy.raw_auth, proxy.headers.raw, proxy.ssl_context)
