"""An access token, and where several processes share one."""

from __future__ import annotations

from typing import Any, Protocol

from attrs import field, frozen

from ._auth import require_token

RENEWAL_MARGIN = 60.0
"""Seconds before its end at which a token is renewed, or a tenth of its life if that is less."""


@frozen
class Token:
    """An access token, its refresh token, and when it is to be renewed and when it ends, in seconds since 1970, UTC.

    `attrs.asdict(token)` is what a `TokenCache` may keep as JSON, `Token(**...)` reads it. `repr` hides both tokens.
    """

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    renew_at: float
    ends_at: float


class TokenCache(Protocol):
    """Where several processes share the token of one app.

    It is asked only when the client's own token does not work any more. Both methods may block, and may be called from
    any thread; what they raise is raised by the call that needed the token.
    """

    def load(self) -> Token | None:
        """Return the token that was saved last, or None."""
        ...

    def save(self, token: Token) -> None:
        """Save a token for the others."""
        ...


def read_token(requested_at: float, body: Any) -> Token:
    """Return the token of a response to a request sent at this wall-clock time.

    Raises:
        KeyError, TypeError, ValueError: the body is not a token.
    """
    lifetime = float(body["expires_in"])
    access, refresh = require_token(body["access_token"], "access_token"), body.get("refresh_token")
    ends_at = requested_at + lifetime
    renew_at = ends_at - min(RENEWAL_MARGIN, lifetime / 10)
    return Token(access, refresh if isinstance(refresh, str) else None, renew_at, ends_at)
