"""Interfaces: what several integrations have in common, so that a plugin or bot can use any of them."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import (
    arguments,
    defining,
    definition_access,
    documents,
    making,
    parts,
    summaries,
    timestamps,
)
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.paging import find_page
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.seeding import WORKSPACE_ID
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World

_PARTS = ("entities", "events", "actions")
_PLAIN = ("nameTemplate", "title", "description", "sdkVersion")


def find_page_of(call: Call, select: Select) -> JsonObject:
    """Return the page of a list of interfaces that the query asks for."""
    select = select.equal("name", call.query.optional_text("name"))
    select = definition_access.of_version(call.store, select, call.query.optional_text("version"))
    return find_page(call, select).show("interfaces", lambda row: summaries.show(call, "interface", row))


def _list(call: Call) -> JsonObject:
    return find_page_of(call, definition_access.listed("interface", call.workspace_id))


def _get(call: Call) -> JsonObject:
    return {"interface": show(call, defining.find(call, "interface"))}


def _get_by_name(call: Call) -> JsonObject:
    usable = definition_access.usable("interface", call.workspace_id)
    return {"interface": show(call, defining.find_by_name(call, "interface", usable))}


def _create(call: Call) -> JsonObject:
    defining.check_new(call, "interface")
    row = defining.insert(call, "interface", call.world.ids.uuid4(), _changed({}, call.body))
    return {"interface": show(call, row)}


def _update(call: Call) -> JsonObject:
    row = defining.find_own(call, "interface")
    defining.refuse_if_published(row, call.body)
    changed = _changed(documents.decode_object(row["document"]), call.body)
    return {"interface": show(call, defining.store(call, "interface", row, changed))}


def _changed(old: JsonObject, body: Fields) -> JsonObject:
    fields = Fields(old)
    document: JsonObject = {**old, **{name: body.value(name) for name in _PLAIN if name in body}}
    for part in _PARTS:
        document[part] = parts.patched_parts(fields.object(part), body.object(part))
    document["channels"] = parts.patched_channels(fields.object("channels"), body.object("channels"))
    document["attributes"] = parts.patched(fields.object("attributes"), body.object("attributes"))
    document["visibility"] = defining.visibility(body, fields)
    parts.check(document, may_refer=True)
    return document


def _delete(call: Call) -> JsonObject:
    row = defining.find_own(call, "interface")
    defining.refuse_if_needed(call, row["id"])
    call.store.run("DELETE FROM botpress_interfaces WHERE id = ?", row["id"])
    return {}


def show(call: Call, row: sqlite3.Row) -> JsonObject:
    """Return an interface with everything it asks of an integration."""
    fields = Fields(documents.decode_object(row["document"]))
    template: JsonObject = {"nameTemplate": fields.optional_object("nameTemplate")}
    return {
        **summaries.show(call, "interface", row),
        **{part: fields.object(part) for part in (*_PARTS, "channels", "attributes")},
        **documents.without_nulls(template),
    }


def _make(world: World, value: Json) -> object:
    """Make as many interfaces of the first workspace as the number says."""
    number = arguments.count(value, "interfaces")
    world.store.run_many(
        "INSERT INTO botpress_interfaces VALUES (?, ?, ?, '1.0.0', '{}', ?, ?)",
        (
            (row_id, WORKSPACE_ID, f"made{row_id[3:].lower()}", at, at)
            for _, row_id, at in making.rows(world, "if", number)
        ),
    )
    return number


INTERFACE_ID = "7b2d4e60-1f83-4c95-a6d7-3e8f5b9c0a14"

_HANDOFF: JsonObject = {
    "title": "Human in the loop",
    "description": "Hands a conversation to a person.",
    "visibility": "public",
    "entities": {"ticket": {"title": "Ticket", "schema": {"type": "object"}}},
    "events": {},
    "actions": {
        "startHandoff": {
            "title": "Start the handoff",
            "input": {"schema": {"type": "object", "properties": {"ticket": {"$ref": "ticket"}}}},
            "output": {"schema": {"type": "object"}},
        }
    },
    "channels": {},
}


def _furnish(world: World) -> None:
    now = timestamps.now(world)
    world.store.run(
        "INSERT INTO botpress_interfaces VALUES (?, ?, 'handoff', '1.0.0', ?, ?, ?)",
        *(INTERFACE_ID, WORKSPACE_ID, documents.encode(_HANDOFF), now, now),
    )


RESOURCE = Resource(
    schema=defining.SCHEMA.format(kind="interface"),
    handlers={
        "listInterfaces": _list,
        "getInterface": _get,
        "getInterfaceByName": _get_by_name,
        "createInterface": _create,
        "updateInterface": _update,
        "deleteInterface": _delete,
    },
    makers={"interfaces": _make},
    furnish=_furnish,
)
