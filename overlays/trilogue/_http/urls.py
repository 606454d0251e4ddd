"""Addresses of requests, as they are sent."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from .._records import Record
from ..errors import InvalidArgument
from .hosts import is_address

if TYPE_CHECKING:
    from httpx import URL

LONGEST = 65536

_PATH = r"/(?:[!$&-;=@-_a-z|~]|%[0-9A-Fa-f]{2})*"
_QUERY = r"(?:[!$&-;=?-~]|%[0-9A-Fa-f]{2})*"
_NORMAL = re.compile(
    rf"(?P<scheme>https?)://(?P<host>[a-z0-9_.-]+)(?::(?P<port>[1-9][0-9]{{0,4}}))?(?!.*/\.)(?P<target>{_PATH}(?:\?{_QUERY})?)?"
)
"""An address that is sent as it stands."""

_NUMBERS = re.compile(r"[0-9]+(\.[0-9]+){3}")
_USUAL_PORTS = {"http": 80, "https": 443}
LARGEST_PORT = 65535


class Url(Record, frozen=True):
    """An address in ASCII; its port is None where it is the usual one. Its repr shows nothing: it may be personal."""

    scheme: str
    host: str
    port: int | None
    netloc: str
    target: str

    def __str__(self) -> str:
        """Return the whole address."""
        return f"{self.scheme}://{self.netloc}{self.target}"


def parse_url(url: str) -> Url:
    """Parse an address; one with a query, which may hold personal data, is not kept for the next call.

    Raises:
        InvalidArgument: no request can be sent there.
    """
    return _parse(url) if "?" in url else _parse_once(url)


def _parse(url: str) -> Url:
    normal = _NORMAL.fullmatch(url) if len(url) <= LONGEST else None
    if normal is None:
        return _parse_by_httpx(url)
    scheme, host, digits, target = normal.groups("")
    port = int(digits) if digits else None
    is_impossible = (port or 0) > LARGEST_PORT or (_NUMBERS.fullmatch(host) and not is_address(host))
    if port == _USUAL_PORTS[scheme] or is_impossible:
        return _parse_by_httpx(url)
    return Url(scheme, host, port, f"{host}:{port}" if port else host, target or "/")


def _parse_by_httpx(url: str) -> Url:
    parsed = parse_by_httpx(url)
    host, netloc, target = (part.decode() for part in (parsed.raw_host, parsed.netloc, parsed.raw_path))
    return Url(parsed.scheme, host, parsed.port, netloc, target)


_parse_once = lru_cache(maxsize=128)(_parse)


def parse_by_httpx(url: str) -> URL:
    """Parse any address, as httpx does; raises InvalidArgument as `parse_url` does."""
    from httpx import URL, InvalidURL  # here, because httpx takes a while to load and few addresses need it

    try:
        parsed = URL(url)
        if parsed.scheme in _USUAL_PORTS and parsed.raw_host and (parsed.port or 0) <= LARGEST_PORT:
            return parsed
    except InvalidURL as error:
        raise InvalidArgument(f"the request is not valid HTTP: {error}") from None
    except UnicodeError:
        pass
    raise InvalidArgument("the request is not valid HTTP: its address is not that of a server")


def origin(url: str) -> str:
    """Return the scheme, host and port of an address."""
    return _find_origin(url.partition("?")[0])


@lru_cache(maxsize=128)
def _find_origin(url: str) -> str:
    parsed = _parse_once(url)
    return f"{parsed.scheme}://{parsed.netloc}"
