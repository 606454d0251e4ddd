"""Signs requests with credentials that do not change."""

from __future__ import annotations

import base64

from ._core import Call, Core
from ._http import HttpRequest
from ._sending import Flow
from .errors import InvalidArgument


class StaticAuth:
    """Puts one `Authorization` header on every request."""

    def __init__(self, value: str) -> None:
        """`value` is the whole header."""
        self._value = value

    def signed(self, call: Call, core: Core) -> Flow[HttpRequest]:
        """Return the request with the header."""
        request = call.request()
        request.headers["Authorization"] = self._value
        return request
        yield  # a flow without steps

    def renewed(self, request: HttpRequest, core: Core) -> Flow[bool]:
        """Return False: there are no other credentials."""
        return False
        yield  # a flow without steps


class NoAuth:
    """Leaves requests as they are."""

    def signed(self, call: Call, core: Core) -> Flow[HttpRequest]:
        """Return the request without credentials."""
        return call.request()
        yield  # a flow without steps

    def renewed(self, request: HttpRequest, core: Core) -> Flow[bool]:
        """Return False: there are no credentials."""
        return False
        yield  # a flow without steps


def checked_token(token: str | None, *names: str) -> str:
    """Return a token that can stand in a header; `names` say where it could have been given.

    Raises:
        InvalidArgument: there is none, or it holds what no token holds.
    """
    if not token:
        raise InvalidArgument(f"{names[0]}: none given; pass {names[0]}=... or set {' or '.join(names[1:])}")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or " " in token:
        raise InvalidArgument(f"{names[0]}: it holds a space or a character that no token has; was it copied whole?")
    return token


def basic(user: str, password: str) -> str:
    """Return the value of an `Authorization` header for HTTP Basic."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
