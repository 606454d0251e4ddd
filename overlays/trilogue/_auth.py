"""Credentials that do not change."""

from __future__ import annotations

import base64
from typing import Any

from trilogue_generated.runtime.operation import Operation

from ._core import Core
from ._deadline import Deadline
from ._flow import Flow
from .errors import InvalidArgument


class StaticAuth:
    """Sends one `Authorization` header with every request, or none."""

    def __init__(self, authorization: str | None) -> None:
        """`authorization` is the value of the header; None for requests without credentials."""
        self._authorization = authorization

    def authorize(self, operation: Operation[Any], core: Core, deadline: Deadline) -> Flow[str | None]:
        """Return the value of the header."""
        return self._authorization
        yield  # a flow without steps

    def renew(self, refused: str | None, core: Core, deadline: Deadline) -> Flow[bool]:
        """Return False: there are no other credentials."""
        return False
        yield  # a flow without steps


def require_token(token: str | None, *names: str) -> str:
    """Return a token that fits in a header; `names` are the argument and the environment variables it may come from.

    Raises:
        InvalidArgument: there is none, or it contains what no token contains.
    """
    argument, *variables = names
    if not token:
        raise InvalidArgument(f"{argument}: missing; pass {argument}=... or set {' or '.join(variables)}")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or " " in token:
        raise InvalidArgument(
            f"{argument}: contains whitespace or an invalid character; check that you copied the whole token"
        )
    return token


def encode_basic(user: str, password: str) -> str:
    """Return the value of an `Authorization` header for HTTP Basic."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
