"""Host names and base addresses."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from ..errors import InvalidArgument

_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
_HOST = re.compile(rf"\[[0-9a-f:.]+\]|{_NAME.pattern}")
_NUMBERS = re.compile(r"[0-9.]+")


def build_base_url(host: str, path: str, *, allow_http: bool = False) -> str:
    """Return the address that all paths are added to; `host` may lack a scheme, and may end in the path or another.

    Raises:
        InvalidArgument: it is not an address, or plain http to another machine.
    """
    parts = _split(host)
    name = normalize_host(parts.hostname) if parts is not None and parts.hostname else None
    if parts is None or name is None or parts.scheme not in ("http", "https"):
        raise InvalidArgument("host: expected an address such as https://rapidpro.example.org")
    if parts.scheme == "http" and not _is_loopback(name) and not allow_http:
        raise InvalidArgument("host: plain http shows the token to everyone on the way; use https, or allow_http=True")
    if path and f"{path}/" in parts.path.rstrip("/"):
        raise InvalidArgument(f"host: names a resource of the server; leave out what follows {path}")
    port = f":{parts.port}" if parts.port is not None else ""
    return f"{parts.scheme}://{name}{port}{parts.path.rstrip('/').removesuffix(path)}{path}"


def normalize_host(host: str) -> str | None:
    """Return a host as it is sent, in ASCII and without the port; None if it cannot be one."""
    name = host.lower()
    is_normal = _NAME.fullmatch(name) and "xn--" not in name and (not _NUMBERS.fullmatch(name) or is_address(name))
    normalized = name if is_normal else _normalize_by_httpx(host)
    return normalized if normalized is not None and _HOST.fullmatch(normalized) else None


def _normalize_by_httpx(host: str) -> str | None:
    from httpx import URL, InvalidURL  # here, because httpx takes a while to load and few hosts need it

    try:
        url = URL(scheme="https", host=host)
        return url.netloc.decode() if url.host else ""  # .host decodes what stands for other letters
    except (InvalidURL, UnicodeError):
        return None


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (is_address(host.strip("[]")) and ip_address(host.strip("[]")).is_loopback)


def is_address(host: str) -> bool:
    """Return whether a host is an IP address."""
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def _split(host: object) -> SplitResult | None:
    """Return the parts of an address; None if it is none or has more than a scheme, a host, a port and a path."""
    if not isinstance(host, str) or " " in host or not host.isprintable():
        return None
    try:
        parts = urlsplit(host if "://" in host else f"https://{host}")
        surplus = parts.query or parts.fragment or "@" in parts.netloc or parts.port == 0
    except ValueError:
        return None
    return None if surplus else parts
