"""Who calls: an app, by its id and secret or by an access token."""

from __future__ import annotations

import base64
import hmac
import sqlite3
from typing import NoReturn

import attrs

from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import naming, timestamps
from trilogue_sandbox.pantheon.errors import ApiError, answer

ACCESS_TOKEN_LIFE = 4 * timestamps.HOUR
REFRESH_TOKEN_LIFE = 30 * timestamps.DAY

_REALM = 'realm="pantheon.api"'


@attrs.frozen
class App:
    """An app that has shown who it is."""

    id: str
    account_id: str
    name: str


@attrs.frozen
class TokenPair:
    """An access token and the refresh token for the next pair."""

    access: str = attrs.field(repr=False)
    refresh: str = attrs.field(repr=False)


def authenticate_app(world: World, authorization: str) -> App:
    """Return the app of a `Basic` header.

    Raises:
        ApiError: 401.
    """
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        _refuse_app("Client id and secret are required, as HTTP Basic credentials.")
    try:
        client_id, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        _refuse_app("The Basic credentials cannot be read.")
    row = world.store.one("SELECT * FROM pantheon_apps WHERE client_id = ?", client_id)
    if row is None or not hmac.compare_digest(row["client_secret"].encode(), secret.encode()):
        _refuse_app("The client id or the client secret is wrong.")
    return App(row["id"], row["account_id"], row["name"])


def authenticate_token(world: World, authorization: str) -> App:
    """Return the app that the access token of a `Bearer` header was issued to.

    Raises:
        ApiError: 401.
    """
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        _refuse_token("An access token is required.", "")
    row = find_token(world, token.strip(), "access")
    if row is None:
        _refuse_token("The access token is not valid.")
    if row["expires_at"] <= timestamps.now(world):
        _refuse_token("The access token has expired.")
    return App(row["app_id"], row["account_id"], row["name"])


def find_token(world: World, token: str, kind: str) -> sqlite3.Row | None:
    """Return a token that was neither revoked nor used up, with the account of its app; it may have expired."""
    return world.store.one(
        "SELECT token.*, app.account_id, app.name FROM pantheon_tokens AS token"
        " JOIN pantheon_apps AS app ON app.id = token.app_id WHERE token.token = ? AND token.kind = ?",
        *(token, kind),
    )


def issue(world: World, app_id: str) -> TokenPair:
    """Make a new pair; earlier ones keep working."""
    pair = TokenPair(naming.new_token(world, "at"), naming.new_token(world, "rt"))
    row = world.store.one("SELECT COALESCE(MAX(pair), 0) + 1 AS next FROM pantheon_tokens")
    assert row is not None
    for token, kind, life in (
        (pair.access, "access", ACCESS_TOKEN_LIFE),
        (pair.refresh, "refresh", REFRESH_TOKEN_LIFE),
    ):
        world.store.run(
            "INSERT INTO pantheon_tokens (token, kind, pair, app_id, expires_at) VALUES (?, ?, ?, ?, ?)",
            *(token, kind, row["next"], app_id, timestamps.now(world) + life),
        )
    return pair


def token_refusal(message: str, error: str = ', error="invalid_token"') -> ApiError:
    """Make the refusal of a call without a working access token."""
    return ApiError(answer(401, message, {"WWW-Authenticate": f"Bearer {_REALM}{error}"}))


def _refuse_token(message: str, error: str = ', error="invalid_token"') -> NoReturn:
    raise token_refusal(message, error)


def _refuse_app(message: str) -> NoReturn:
    raise ApiError(answer(401, message, {"WWW-Authenticate": f"Basic {_REALM}"}))
