"""Interfaces: what several integrations have in common, so that a plugin or bot can use any of them."""

from __future__ import annotations

from typing import Any

from trilogue_sandbox.botpress import definition_parts, definitions
from trilogue_sandbox.botpress.catalogs import Catalog
from trilogue_sandbox.botpress.credentials import INTERFACE_ID, WORKSPACE_ID
from trilogue_sandbox.botpress.definition_tables import INTERFACES
from trilogue_sandbox.botpress.exchange import Exchange, Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.views import View
from trilogue_sandbox.kernel.world import World

_PARTS = ("entities", "events", "actions")
_PLAIN = ("nameTemplate", "title", "description")


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


CATALOG = Catalog(
    View("Interface", INTERFACES, computed=definitions.computed(INTERFACES)),
    View("InterfaceSummary", INTERFACES, computed=definitions.computed(INTERFACES)),
    _values,
)


def _delete(exchange: Exchange) -> JsonObject:
    row = definitions.find_own(exchange, INTERFACES)
    definitions.require_unused(exchange, row["id"])
    exchange.records.remove(INTERFACES, row)
    return {}


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
        "listInterfaces": CATALOG.list,
        "getInterface": CATALOG.get,
        "getInterfaceByName": CATALOG.get_by_name,
        "createInterface": CATALOG.create,
        "updateInterface": CATALOG.update,
        "deleteInterface": _delete,
    },
    seeders={"interfaces": definitions.seeder(INTERFACES)},
    default_data=_add_default_data,
)
