"""The addresses that are called when a flow calls a resthook."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject, Response
from trilogue_sandbox.rapidpro import timestamps
from trilogue_sandbox.rapidpro.cursors import NEWEST_FIRST
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.errors import invalid_together
from trilogue_sandbox.rapidpro.exchanges import Call, Kind
from trilogue_sandbox.rapidpro.fields import Context, Field, InvalidValue, Text, required
from trilogue_sandbox.rapidpro.resthooks import find_resthook
from trilogue_sandbox.rapidpro.tenants import Tenant

SUBSCRIBER = Kind("ResthookSubscriber", "rapidpro_resthook_subscribers", "id")

_MAX_LENGTH = 200
_LABEL = r"[^\W_]([^\W_]|-){0,62}(?<!-)"
_URL = re.compile(
    r"(https?|ftps?)://([^\s:@/]+(:[^\s:@/]*)?@)?"
    rf"(localhost|({_LABEL}\.)+{_LABEL}\.?|\[[0-9a-f:.]+\])"
    r"(:[0-9]{1,5})?([/?#]\S*)?",
    re.IGNORECASE,
)
_COLUMNS = "item.*, (SELECT slug FROM rapidpro_resthooks WHERE id = item.resthook_id) AS slug"


@attrs.frozen
class ResthookField(Field[sqlite3.Row]):
    """A resthook, by its name."""

    def read(self, value: Json, context: Context) -> sqlite3.Row:
        """Return the resthook."""
        slug = Text().read(value, context)
        found = find_resthook(context.tenant, slug)
        if found is None:
            raise InvalidValue(f"No resthook with slug: {slug}")
        return found


@attrs.frozen
class UrlField(Field[str]):
    """An address on the web."""

    def read(self, value: Json, context: Context) -> str:
        """Return the address."""
        url = Text(_MAX_LENGTH).read(value, context)
        if not _URL.fullmatch(url):
            raise InvalidValue("Enter a valid URL.")
        return url


@attrs.frozen
class SubscriberBody:
    """What a subscription is made of."""

    resthook: sqlite3.Row = required(ResthookField())
    target_url: str = required(UrlField())


def list_subscribers(call: Call) -> Response:
    """Answer GET."""
    select = call.select("rapidpro_resthook_subscribers", _COLUMNS).where("item.is_active = 1")
    if (wanted := call.integer("id")) is not None:
        select = select.where("item.id = ?", wanted)
    if slug := call.text("resthook"):
        resthook = find_resthook(call.tenant, slug)
        select = select.where("item.resthook_id = ?", resthook["id"]) if resthook else select.nothing()
    return call.page(select, NEWEST_FIRST, _show_subscribers)


def create_subscriber(call: Call) -> Response:
    """Answer POST."""
    body = call.body(SubscriberBody)
    if _is_subscribed(call.tenant, body):
        raise invalid_together("URL is already subscribed to this event.")
    subscriber_id = call.store.insert(
        "INSERT INTO rapidpro_resthook_subscribers (workspace_id, resthook_id, target_url, created_on)"
        " VALUES (?, ?, ?, ?)",
        *(call.workspace.id, body.resthook["id"], body.target_url, call.tenant.now),
    )
    _touch_resthook(call.tenant, body.resthook["id"])
    select = call.select("rapidpro_resthook_subscribers", _COLUMNS).among("id", [subscriber_id])
    return Response.json(_show_subscribers(call.tenant, call.store.all(select.sql(""), *select.values))[0], 201)


def delete_subscriber(call: Call) -> Response:
    """Answer DELETE."""
    call.integer("id")
    subscriber = call.target(SUBSCRIBER)
    assert subscriber is not None
    call.store.run("UPDATE rapidpro_resthook_subscribers SET is_active = 0 WHERE id = ?", subscriber["id"])
    _touch_resthook(call.tenant, subscriber["resthook_id"])
    return Response.empty()


def _is_subscribed(tenant: Tenant, body: SubscriberBody) -> bool:
    return (
        tenant.store.one(
            "SELECT id FROM rapidpro_resthook_subscribers WHERE resthook_id = ? AND target_url = ? AND is_active",
            *(body.resthook["id"], body.target_url),
        )
        is not None
    )


def _touch_resthook(tenant: Tenant, resthook_id: int) -> None:
    tenant.store.run("UPDATE rapidpro_resthooks SET modified_on = ? WHERE id = ?", tenant.now, resthook_id)


def _show_subscribers(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    return [
        {
            "id": row["id"],
            "resthook": row["slug"],
            "target_url": row["target_url"],
            "created_on": timestamps.show(row["created_on"]),
        }
        for row in rows
    ]


ENDPOINT = Endpoint("resthook_subscribers", get=list_subscribers, post=create_subscriber, delete=delete_subscriber)
