"""Who calls: an app, by its id and secret or by an access token; and how tokens are issued and revoked."""

from __future__ import annotations

import base64
import hmac
import re
from typing import NoReturn

import attrs

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject, Request, media_type_of
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.resource import Resource
from trilogue_sandbox.kernel.table import TEXT, TIMESTAMP, Row, Table
from trilogue_sandbox.kernel.timestamps import DAY, HOUR, SECOND
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon.accounts import ACCOUNTS, APPS, SETTINGS, Account
from trilogue_sandbox.pantheon.errors import ApiError, error_response, require
from trilogue_sandbox.pantheon.operations import AppExchange

TOKEN_PATH = "/auth/getAccessToken"

ACCESS_TOKEN_LIFE = 4 * HOUR
REFRESH_TOKEN_LIFE = 30 * DAY

_FORM = re.compile(rb"[a-z_]+=")
_REALM = 'realm="pantheon.api"'

TOKENS = Table(
    "pantheon_tokens",
    {
        "token": TEXT.key(),
        "type": TEXT,
        "pair": TEXT,
        "app_id": TEXT.references("pantheon_apps"),
        "expires_at": TIMESTAMP,
    },
    indexes=("pair",),
)
_APP = f"""SELECT app.*, account.plan, settings.origin FROM {SETTINGS.name} AS settings, {APPS.name} AS app
JOIN {ACCOUNTS.name} AS account ON account.id = app.account_id
"""
_APP_BY_TOKEN = f"""SELECT app.*, account.plan, settings.origin, token.expires_at
FROM {SETTINGS.name} AS settings, {TOKENS.name} AS token
JOIN {APPS.name} AS app ON app.id = token.app_id JOIN {ACCOUNTS.name} AS account ON account.id = app.account_id
WHERE token.token = ? AND token.type = 'access'
"""


def relabel(request: Request) -> Request:
    """Return a request for a token as a form, if it is one under the content type of JSON.

    The platform's own example of how to get a token sends that.
    """
    if media_type_of(request.headers.get("content-type", "")) != "application/json" or not _FORM.match(request.body):
        return request
    return attrs.evolve(request, headers=request.headers.set("Content-Type", "application/x-www-form-urlencoded"))


def authenticate_app(world: World, authorization: str, origin: str) -> Account:
    """Return the account of the app whose id and secret a `Basic` header holds.

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
    row = world.store.one(f"{_APP} WHERE app.client_id = ?", client_id)
    if row is None or not hmac.compare_digest(row["client_secret"].encode(), secret.encode()):
        _refuse_app("The client id or the client secret is wrong.")
    return _admit(world, row, origin)


def authenticate_token(world: World, authorization: str, origin: str) -> Account:
    """Return the account of the app that the access token in a `Bearer` header was issued to.

    Raises:
        ApiError: 401.
    """
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise token_error("An access token is required.", "")
    row = world.store.one(_APP_BY_TOKEN, token.strip())
    if row is None:
        raise token_error("The access token is not valid.")
    if row["expires_at"] <= world.now:
        raise token_error("The access token has expired.")
    return _admit(world, row, origin)


def token_error(message: str, error: str = ', error="invalid_token"') -> ApiError:
    """Return the error of a call without a working access token."""
    return ApiError(error_response(401, message, {"WWW-Authenticate": f"Bearer {_REALM}{error}"}))


def _refuse_app(message: str) -> NoReturn:
    raise ApiError(error_response(401, message, {"WWW-Authenticate": f"Basic {_REALM}"}))


def _admit(world: World, row: Row, origin: str) -> Account:
    if row["origin"] != origin:
        world.records.select(SETTINGS).change("origin = ?", origin)
    return Account(world, row["account_id"], row["id"], row["name"], row["plan"])


def _get_access_token(exchange: AppExchange) -> JsonObject:
    refresh_token = exchange.body.optional_string("refresh_token")
    if exchange.body.string("grant_type") == "refresh_token":
        _use_up(exchange, refresh_token)
    else:
        require(refresh_token is None, "refresh_token", "The refresh_token field needs the grant_type refresh_token")
    access, refresh = _issue(exchange.world, exchange.context.app_id)
    return {
        "access_token": access,
        "refresh_token": refresh,
        "token_type": "bearer",
        "expires_in": ACCESS_TOKEN_LIFE // SECOND,
    }


def _issue(world: World, app_id: str) -> tuple[str, str]:
    """Issue an access token and the refresh token for the next pair; earlier ones keep working."""
    access, refresh = (f"{prefix}_{world.random.getrandbits(192):048x}" for prefix in ("at", "rt"))
    for token, token_type, life in ((access, "access", ACCESS_TOKEN_LIFE), (refresh, "refresh", REFRESH_TOKEN_LIFE)):
        values = {"token": token, "type": token_type, "pair": refresh, "app_id": app_id, "expires_at": world.now + life}
        world.records.add(TOKENS, values)
    return access, refresh


def _use_up(exchange: AppExchange, refresh_token: str | None) -> None:
    row = exchange.records.find(TOKENS, token=refresh_token, type="refresh", app_id=exchange.context.app_id)
    require(refresh_token is not None, "refresh_token", "The refresh_token field is required")
    message = "The refresh_token field has a token that is unknown, used, revoked or expired"
    require(row is not None and row["expires_at"] > exchange.now, "refresh_token", message)
    exchange.records.select(TOKENS, token=refresh_token).remove()


def _revoke_token(exchange: AppExchange) -> JsonObject:
    """Revoke a token; a refresh token takes the access token of its pair along."""
    row = exchange.records.find(TOKENS, token=exchange.body.string("token"), app_id=exchange.context.app_id)
    if row is not None and row["type"] == "refresh" and row["expires_at"] > exchange.now:
        exchange.records.select(TOKENS, pair=row["pair"]).remove()
    elif row is not None:
        exchange.records.remove(TOKENS, row)
    return {"revoked": True}


def _expire_token(world: World, fields: Fields) -> object:
    """Let `token`, an access or refresh token, expire; without it, all access tokens."""
    by = {"token": fields.string("token")} if "token" in fields else {"type": "access"}
    expired = world.records.select(TOKENS, **by).change("expires_at = ?", world.now)
    if "token" in fields and not expired:
        raise ControlError("there is no such token that works", "token")
    return {"expired": expired}


RESOURCE = Resource[AppExchange](
    tables=(TOKENS,),
    operations={"auth_get_access_token": _get_access_token, "auth_revoke_token": _revoke_token},
    actions={"expire_token": _expire_token},
)
