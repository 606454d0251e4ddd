"""Who is calling, and what a kind of token may reach."""

from __future__ import annotations

import sqlite3
from typing import Literal, TypeAlias, get_args

import attrs

from trilogue_sandbox.botpress import timestamps
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.kernel.world import World

TokenKind: TypeAlias = Literal["pat", "bak", "iak"]
"""A personal access token, a bot access key or an integration access key."""

TOKEN_KINDS: tuple[TokenKind, ...] = get_args(TokenKind)

_KINDS: dict[str, TokenKind] = {str(kind): kind for kind in TOKEN_KINDS}


@attrs.frozen
class Family:
    """A part of the API: where its paths begin, which tokens reach it, and the limit of its bodies."""

    name: str
    prefix: str
    token_kinds: tuple[TokenKind, ...]

    @property
    def body_limit(self) -> str:
        """The name of the limit of a body, in bytes."""
        return f"{self.name}_body_bytes"


FAMILIES = (
    Family("runtime", "/v1/chat", TOKEN_KINDS),
    Family("files", "/v1/files", TOKEN_KINDS),
    Family("tables", "/v1/tables", ("pat", "bak")),
    Family("admin", "/v1/admin", ("pat",)),
    Family("billing", "/v2", ("pat",)),
)


def family_of(path: str) -> Family:
    """Return the family of a path of the description."""
    return next(family for family in FAMILIES if path == family.prefix or path.startswith(family.prefix + "/"))


@attrs.frozen
class Caller:
    """Whoever holds a token.

    A personal access token has an `account_id`, a bot access key a `bot_id`, an integration access key an
    `integration_id`.
    """

    token_id: str
    kind: TokenKind
    account_id: str | None
    bot_id: str | None
    integration_id: str | None

    @classmethod
    def of(cls, row: sqlite3.Row) -> Caller:
        """Read a row of botpress_tokens."""
        return cls(row["id"], _KINDS[row["kind"]], row["account_id"], row["bot_id"], row["integration_id"])


def authenticate(world: World, authorization: str) -> Caller:
    """Find out who sent an Authorization header.

    Raises:
        ApiError: it is missing or names nobody (Unauthorized).
    """
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ApiError("Unauthorized", "send a token in the header `Authorization: Bearer <token>`")
    row = world.store.one("SELECT * FROM botpress_tokens WHERE token = ?", token.strip())
    if row is None:
        raise ApiError("Unauthorized", "the token is not valid")
    return Caller.of(row)


def new_token(kind: TokenKind, world: World) -> str:
    """Return the secret of a new token."""
    return f"bp_{kind}_{world.ids.token(36)}"


@attrs.frozen
class TokenOwner:
    """For whom a token acts: exactly one of the three."""

    account_id: str | None = None
    bot_id: str | None = None
    integration_id: str | None = None


def add_token(world: World, kind: TokenKind, token: str, owner: TokenOwner, note: str | None = None) -> str:
    """Let a token open the API from now on; return the id of its row."""
    token_id = world.ids.prefixed(kind)
    world.store.run(
        "INSERT INTO botpress_tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *(token_id, token, kind, owner.account_id, owner.bot_id, owner.integration_id, note, timestamps.now(world)),
    )
    return token_id


def require_family(caller: Caller, family: Family) -> None:
    """Make sure a caller's kind of token may be used for a family.

    Raises:
        ApiError: it may not (Forbidden).
    """
    if caller.kind not in family.token_kinds:
        name = {"pat": "a personal access token", "bak": "a bot access key", "iak": "an integration access key"}
        raise ApiError("Forbidden", f"{name[caller.kind]} does not reach the {family.name} API")
