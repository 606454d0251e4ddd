"""Interfaces that an integration implements: which of its parts stands in for which part of the interface."""

from __future__ import annotations

from trilogue_sandbox.botpress import definition_access, documents
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject

_PARTS = ("entities", "actions", "events", "channels")


def resolved(call: Call, integration: Fields, given: JsonObject) -> JsonObject:
    """Return the interfaces of a body by alias, with names and versions, and every part with the one that stands in.

    A part that the body does not name is stood in for by the part of the same name.

    Raises:
        ApiError: an interface does not exist (ReferenceNotFound), or the integration lacks a part (InvalidPayload).
    """
    return {alias: _resolved_one(call, integration, alias, Fields.of(value)) for alias, value in given.items()}


def _resolved_one(call: Call, integration: Fields, alias: str, given: Fields) -> JsonObject:
    usable = definition_access.usable("interface", call.workspace_id)
    interface = call.refer(usable, "interface", given.text("id"))
    declared = Fields(documents.decode_object(interface["document"]))
    members: JsonObject = {}
    for part in _PARTS:
        place = f"interfaces/{alias}/{part}"
        members[part] = _members(integration.object(part), declared.object(part), given.below(part), place)
    return {"id": interface["id"], "name": interface["name"], "version": interface["version"], **members}


def _members(offered: JsonObject, declared: JsonObject, given: Fields, place: str) -> JsonObject:
    members: JsonObject = {}
    for name in declared:
        stand_in = given.below(name).text("name", name)
        if stand_in not in offered:
            raise ApiError("InvalidPayload", f"body/{place}/{name}: the integration does not define {stand_in!r}")
        members[name] = {"name": stand_in}
    return members
