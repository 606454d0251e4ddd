"""Where requests come from: a page of the sandbox, or one elsewhere that a browser lets send them."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from trilogue_sandbox.kernel.http import Request


def is_loopback(origin: str) -> bool:
    """Whether an address such as `http://127.0.0.1:8000` leads to this machine only."""
    host = _host(origin)
    return host == "localhost" or (_is_ip_address(host) and ipaddress.ip_address(host).is_loopback)


def is_foreign(request: Request, names: Collection[str] = ()) -> bool:
    """Whether a page elsewhere sends this, or has this machine sent to under a name of its own (DNS rebinding).

    The host must be `localhost`, an IP address or one of `names`; the origin, where there is one, the sandbox itself.
    """
    host = _host(request.base_url)
    if host != "localhost" and host not in names and not _is_ip_address(host):
        return True
    own = origin_of(request)
    return request.headers.get("origin", own) != own


def origin_of(request: Request) -> str:
    """Return the address of the server, such as `http://127.0.0.1:8000`."""
    parts = urlsplit(request.base_url)
    return f"{parts.scheme}://{parts.netloc}"


def base_path(request: Request) -> str:
    """Return the path below which the sandbox is; empty unless it is a tenant."""
    return urlsplit(request.base_url).path


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
