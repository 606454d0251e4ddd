"""Topics, under which tickets are filed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import attrs

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.rapidpro import counts, timestamps
from trilogue_sandbox.rapidpro.cursors import NEWEST_FIRST
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.errors import refusal
from trilogue_sandbox.rapidpro.exchanges import Call, Kind
from trilogue_sandbox.rapidpro.fields import name_in, required
from trilogue_sandbox.rapidpro.tenants import Tenant

TOPIC = Kind("Topic", "rapidpro_topics")


@attrs.frozen
class TopicBody:
    """What a topic is made of."""

    name: str = required(name_in("topics"))


def list_topics(call: Call) -> Response:
    """Answer GET."""
    return call.page(call.select("rapidpro_topics").where("item.is_active = 1"), NEWEST_FIRST, show_topics)


def save_topic(call: Call) -> Response:
    """Answer POST."""
    topic = call.target(TOPIC)
    if topic and topic["is_system"]:
        raise refusal("Cannot modify system object.", 403)
    if topic is None:
        call.check_room("topics")
    body = call.body(TopicBody, topic)
    if topic is None:
        return Response.json(call.shown("rapidpro_topics", _create(call.tenant, body), show_topics), 201)
    call.store.run("UPDATE rapidpro_topics SET name = ? WHERE id = ?", body.name, topic["id"])
    return Response.json(call.shown("rapidpro_topics", topic["id"], show_topics))


def show_topics(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    """Return topics as the API shows them, with the numbers of their tickets."""
    tickets = counts.read(tenant, "topics", [row["id"] for row in rows])
    return [
        {
            "uuid": row["uuid"],
            "name": row["name"],
            "counts": {status: tickets[row["id"], status] for status in ("open", "closed")},
            "system": bool(row["is_system"]),
            "created_on": timestamps.show(row["created_on"]),
        }
        for row in rows
    ]


def _create(tenant: Tenant, body: TopicBody) -> int:
    return tenant.store.insert(
        "INSERT INTO rapidpro_topics (uuid, workspace_id, name, created_on) VALUES (?, ?, ?, ?)",
        *(tenant.world.ids.uuid4(), tenant.workspace.id, body.name, tenant.now),
    )


ENDPOINT = Endpoint("topics", get=list_topics, post=save_topic)
