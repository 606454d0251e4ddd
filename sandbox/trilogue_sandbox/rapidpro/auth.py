"""Who is calling: a token or HTTP Basic. Every failure is 403, as the real server has it."""

from __future__ import annotations

import base64
import binascii
import sqlite3

import attrs

from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro.errors import ApiError, refusal
from trilogue_sandbox.rapidpro.tenants import Tenant, User

ROLES = ("administrator", "editor")
"""The roles that may use tokens; between them there is no difference."""


@attrs.frozen
class Session:
    """A caller who is known, and the workspace their token is for."""

    tenant: Tenant
    user: User

    @property
    def is_permitted(self) -> bool:
        """Whether the caller may use the API at all."""
        return self.user.role in ROLES


def authenticate(world: World, authorization: str) -> Session | None:
    """Find out who sent this header; None if it says nothing that is looked at.

    Raises:
        ApiError: it names nobody.
    """
    scheme, *rest = authorization.split() or [""]
    if scheme.lower() == "token":
        return _by_token(world, rest)
    if scheme.lower() == "basic":
        return _by_password(world, rest)
    return None


def unauthenticated() -> ApiError:
    """Refuse a caller who did not say who they are."""
    return refusal("Authentication credentials were not provided.", 403)


def not_permitted() -> ApiError:
    """Refuse a caller who may not do this."""
    return refusal("You do not have permission to perform this action.", 403)


def _by_token(world: World, words: list[str]) -> Session:
    if not words:
        raise refusal("Invalid token header. No credentials provided.", 403)
    if len(words) > 1:
        raise refusal("Invalid token header. Token string should not contain spaces.", 403)
    try:
        key = words[0].encode("latin-1").decode()
    except UnicodeError as error:
        raise refusal("Invalid token header. Token string should not contain invalid characters.", 403) from error
    return _session(world, _find(world, key), "Invalid token")


def _by_password(world: World, words: list[str]) -> Session:
    if not words:
        raise refusal("Invalid basic header. No credentials provided.", 403)
    if len(words) > 1:
        raise refusal("Invalid basic header. Credentials string should not contain spaces.", 403)
    try:
        email, key = base64.b64decode(words[0]).decode().split(":", 1)
    except (binascii.Error, ValueError) as error:
        raise refusal("Invalid basic header. Credentials not correctly base64 encoded.", 403) from error
    row = _find(world, key)
    return _session(world, row if row and row["email"] == email else None, "Invalid token or email")


def _find(world: World, key: str) -> sqlite3.Row | None:
    return world.store.one(
        "SELECT token.workspace_id, user.id, user.email, member.role FROM rapidpro_tokens AS token"
        " JOIN rapidpro_users AS user ON user.id = token.user_id AND user.is_active"
        " LEFT JOIN rapidpro_members AS member"
        " ON member.user_id = token.user_id AND member.workspace_id = token.workspace_id"
        " WHERE token.key = ?",
        key,
    )


def _session(world: World, row: sqlite3.Row | None, complaint: str) -> Session:
    if row is None:
        raise refusal(complaint, 403)
    return Session(Tenant.load(world, row["workspace_id"]), User(row["id"], row["email"], row["role"]))
