"""The namespace auth: tokens got, used up and revoked."""

from __future__ import annotations

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import arguments, auth, timestamps
from trilogue_sandbox.pantheon.errors import refuse
from trilogue_sandbox.pantheon.exchanges import Call
from trilogue_sandbox.pantheon.resources import Resource


def _get_access_token(call: Call) -> JsonObject:
    refresh_token = call.body.optional_text("refresh_token")
    if call.body.text("grant_type") == "refresh_token":
        _use_up(call, refresh_token)
    elif refresh_token is not None:
        refuse("refresh_token", "Only goes with the grant_type refresh_token")
    pair = auth.issue(call.world, call.app.id)
    return {
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "token_type": "bearer",
        "expires_in": auth.ACCESS_TOKEN_LIFE // timestamps.SECOND,
    }


def _use_up(call: Call, refresh_token: str | None) -> None:
    if refresh_token is None:
        refuse("refresh_token", "The refresh_token field is required")
    row = auth.find_token(call.world, refresh_token, "refresh")
    if row is None or row["app_id"] != call.app.id or row["expires_at"] <= call.now:
        refuse("refresh_token", "This refresh token does not work: it is unknown, used, revoked or expired")
    call.store.run("DELETE FROM pantheon_tokens WHERE token = ?", refresh_token)


def _revoke_token(call: Call) -> JsonObject:
    token = call.body.text("token")
    row = call.store.one("SELECT * FROM pantheon_tokens WHERE token = ? AND app_id = ?", token, call.app.id)
    if row is not None and row["kind"] == "refresh" and row["expires_at"] > call.now:
        call.store.run("DELETE FROM pantheon_tokens WHERE pair = ?", row["pair"])
    elif row is not None:
        call.store.run("DELETE FROM pantheon_tokens WHERE token = ?", token)
    return {"revoked": True}


def _expire_token(world: World, given: JsonObject) -> object:
    """Let `token`, an access or refresh token, have run out; without it, all access tokens."""
    now = timestamps.now(world)
    if "token" not in given:
        return {"expired": world.store.run("UPDATE pantheon_tokens SET expires_at = ? WHERE kind = 'access'", now)}
    expired = world.store.run(
        "UPDATE pantheon_tokens SET expires_at = ? WHERE token = ?", now, arguments.text(given, "token")
    )
    if not expired:
        raise ControlError("there is no such token that works", "token")
    return {"expired": expired}


RESOURCE: Resource = Resource(
    handlers={"auth_get_access_token": _get_access_token, "auth_revoke_token": _revoke_token},
    actions={"expire_token": _expire_token},
)
