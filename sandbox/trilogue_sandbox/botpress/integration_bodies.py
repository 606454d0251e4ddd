"""What bodies say of integrations, and what of it is kept."""

from __future__ import annotations

from typing import Any

from trilogue_sandbox.botpress import definition_parts, definitions
from trilogue_sandbox.botpress.definition_tables import INTERFACES
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Exchange, require
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import Row

_PLAIN = ("title", "description", "url", "dev", "maxExecutionTime")
_PARTS = ("actions", "events", "states", "entities")
_INTERFACE_PARTS = ("entities", "actions", "events", "channels")


def values_of(exchange: Exchange, row: Row | None) -> dict[str, Any]:
    """Return the columns that a body sets in a new or an old row."""
    body, old, parts = exchange.body, definitions.old_fields(row), definition_parts
    values: dict[str, Any] = definitions.plain_values(body, _PLAIN)
    values["url"] = values.get("url", old.string("url", "")) or ""
    for part in _PARTS:
        values[part] = parts.patched_parts(old.object(part), body.object(part))
    for name in ("attributes", "secrets", "identifier"):
        values[name] = parts.patched(old.object(name), body.object(name))
    values["channels"] = parts.patched_channels(old.object("channels"), body.object("channels"))
    values["user"] = parts.patched_tags(old.object("user"), body.object("user"))
    values["configuration"] = _patched_configuration(old.nested("configuration"), body.object("configuration"))
    values["configurations"] = _patched_configurations(old.nested("configurations"), body.object("configurations"))
    values["visibility"] = definitions.visibility(body, old)
    parts.check(values)
    parts.check_secrets(body.object("secrets"))
    interfaces = parts.patched(old.object("interfaces"), body.object("interfaces"))
    offered = Fields(values)
    values["interfaces"] = {
        alias: _implemented(exchange, offered, alias, Fields.of(given)) for alias, given in interfaces.items()
    }
    return values


def _patched_configurations(old: Fields, changes: JsonObject) -> JsonObject:
    changed: JsonObject = {
        name: _patched_configuration(old.nested(name), change) if isinstance(change, dict) else None
        for name, change in changes.items()
    }
    return definition_parts.patched(old.values, changed)


def _patched_configuration(old: Fields, change: JsonObject) -> JsonObject:
    identifier = definition_parts.patched(old.object("identifier"), Fields(change).object("identifier"))
    return {**old.values, **change, "identifier": identifier}


def _implemented(exchange: Exchange, offered: Fields, alias: str, given: Fields) -> JsonObject:
    """Return an interface that an integration implements, and for each of its parts the part that implements it.

    A part that the body does not name is implemented by the part of the same name.

    Raises:
        ApiError: there is no such interface (ReferenceNotFound), or the integration lacks a part (InvalidPayload).
    """
    usable, wanted = definitions.usable(exchange.actor, INTERFACES), given.string("id")
    interface = require(usable.equal("id", wanted), "interface", wanted, error="ReferenceNotFound")
    members: JsonObject = {
        part: _members(offered.object(part), interface[part], given.nested(part), f"interfaces/{alias}/{part}")
        for part in _INTERFACE_PARTS
    }
    return {"id": interface["id"], "name": interface["name"], "version": interface["version"], **members}


def _members(offered: JsonObject, declared: JsonObject, given: Fields, location: str) -> JsonObject:
    members: JsonObject = {}
    for name in declared:
        member = given.nested(name).string("name", name)
        if member not in offered:
            raise ApiError("InvalidPayload", f"body/{location}/{name}: the integration does not define {member!r}")
        members[name] = {"name": member}
    return members
