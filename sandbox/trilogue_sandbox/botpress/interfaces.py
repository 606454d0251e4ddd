"""Interfaces: what several integrations have in common, so that a plugin or bot can use any of them."""

from __future__ import annotations

from typing import Any

from trilogue_sandbox.botpress import definition_parts, definitions
from trilogue_sandbox.botpress.credentials import INTERFACE_ID, WORKSPACE_ID
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource
from trilogue_sandbox.botpress.schema import INTERFACES
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.resource import counted
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import spaced
from trilogue_sandbox.kernel.views import View
from trilogue_sandbox.kernel.world import World

_PARTS = ("entities", "events", "actions")
_PLAIN = {"nameTemplate": "name_template", "title": "title", "description": "description"}

_INTERFACE = View[Actor]("Interface", INTERFACES, computed=definitions.computed(INTERFACES))
SUMMARY = View[Actor]("InterfaceSummary", INTERFACES, computed=definitions.computed(INTERFACES))


def show(exchange: Exchange, row: Row) -> JsonObject:
    """Return the response with an interface and everything it asks of an integration."""
    return {"interface": _INTERFACE.show_one(exchange.actor, row)}


def _list(exchange: Exchange) -> JsonObject:
    listed = definitions.listed(exchange.actor, INTERFACES)
    return definitions.paginate_by_name(exchange, "interfaces", listed, SUMMARY.show)


def _get(exchange: Exchange) -> JsonObject:
    return show(exchange, definitions.find(exchange, INTERFACES))


def _get_by_name(exchange: Exchange) -> JsonObject:
    return show(exchange, definitions.find_by_name(exchange, INTERFACES))


def _create(exchange: Exchange) -> JsonObject:
    definitions.check_new(exchange, INTERFACES)
    return show(exchange, definitions.add(exchange, INTERFACES, _values(exchange, None)))


def _update(exchange: Exchange) -> JsonObject:
    row = definitions.find_own(exchange, INTERFACES)
    definitions.refuse_if_published(row, exchange.body)
    return show(exchange, definitions.change(exchange, INTERFACES, row, _values(exchange, row)))


def _values(exchange: Exchange, row: Row | None) -> dict[str, Any]:
    body, old = exchange.body, definitions.old_fields(row)
    values: dict[str, Any] = definitions.plain_values(body, _PLAIN)
    for part in _PARTS:
        values[part] = definition_parts.patched_parts(old.object(part), body.object(part))
    values["channels"] = definition_parts.patched_channels(old.object("channels"), body.object("channels"))
    values["attributes"] = definition_parts.patched(old.object("attributes"), body.object("attributes"))
    values["visibility"] = definitions.visibility(body, old)
    definition_parts.check(values, may_refer=True)
    return values


def _delete(exchange: Exchange) -> JsonObject:
    row = definitions.find_own(exchange, INTERFACES)
    definitions.refuse_if_needed(exchange, row["id"])
    exchange.records.remove(INTERFACES, row)
    return {}


def _seed(world: World, number: int) -> None:
    """Add as many interfaces of the first workspace as the number says."""
    stem, base = world.ids.ulid().lower(), {"workspace_id": WORKSPACE_ID, "version": "1.0.0"}
    rows = [
        {**base, "name": f"made{stem}{index}", "created_at": at, "updated_at": at}
        for index, at in enumerate(spaced(world.now, number))
    ]
    world.records.add_many(INTERFACES, rows)


_HANDOFF: dict[str, Any] = {
    "id": INTERFACE_ID,
    "workspace_id": WORKSPACE_ID,
    "name": "handoff",
    "version": "1.0.0",
    "title": "Human in the loop",
    "description": "Hands a conversation to a person.",
    "visibility": "public",
    "entities": {"ticket": {"title": "Ticket", "schema": {"type": "object"}}},
    "actions": {
        "startHandoff": {
            "title": "Start the handoff",
            "input": {"schema": {"type": "object", "properties": {"ticket": {"$ref": "ticket"}}}},
            "output": {"schema": {"type": "object"}},
        }
    },
}


def _add_default_data(world: World) -> None:
    world.records.add(INTERFACES, _HANDOFF)


RESOURCE = Resource(
    tables=(INTERFACES,),
    operations={
        "listInterfaces": _list,
        "getInterface": _get,
        "getInterfaceByName": _get_by_name,
        "createInterface": _create,
        "updateInterface": _update,
        "deleteInterface": _delete,
    },
    seeders={"interfaces": counted(_seed)},
    default_data=_add_default_data,
)
