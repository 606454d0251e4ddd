"""Plugins in which what they borrow from interfaces is replaced by what integrations make of it.

How the platform writes such a loan is not published. Here a schema of a plugin that is `{"$ref": "<name>"}` borrows the
entity of that name from an interface the plugin needs; the schema of the entity that stands in for it takes its place.
"""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import defining, definition_access, documents, plugins
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select

_PARTS = ("configuration", "states", "events", "actions")


def _get(call: Call) -> JsonObject:
    usable = definition_access.usable("integration", call.workspace_id)
    return {"plugin": _resolved(call, defining.find(call, "plugin"), usable)}


def _get_published(call: Call) -> JsonObject:
    plugin = call.find(definition_access.published("plugin"), "plugin", call.path.text("id"))
    return {"plugin": _resolved(call, plugin, definition_access.published("integration"))}


def _resolved(call: Call, plugin: sqlite3.Row, usable: Select) -> JsonObject:
    """Return a plugin with the schemas of the integrations that `interfaces` in the query names for each need.

    Raises:
        ApiError: an integration is not usable (ResourceNotFound), is missing or does not implement the interface
            (InvalidQuery).
    """
    needs = Fields(documents.decode_object(plugin["document"])).below("dependencies").below("interfaces")
    entities: JsonObject = {}
    for need in needs.values:
        entities |= _entities(call, usable, need, needs.below(need).text("name"))
    shown = plugins.show(call, plugin)
    return {**shown, **{part: _replaced(shown[part], entities) for part in _PARTS}}


def _entities(call: Call, usable: Select, need: str, interface: str) -> JsonObject:
    integration_id = call.query.object("interfaces").get(need)
    if not isinstance(integration_id, str):
        raise ApiError("InvalidQuery", f"query/interfaces must name an integration for {need!r}")
    row = call.find(usable, "integration", integration_id)
    definition = Fields(documents.decode_object(row["document"]))
    implemented = definition.below("interfaces")
    alias = next((name for name in implemented.values if implemented.below(name).text("name") == interface), None)
    if alias is None:
        raise ApiError("InvalidQuery", f"query/interfaces/{need}: the integration does not implement {interface}")
    members = implemented.below(alias).below("entities")
    own = definition.below("entities")
    return {name: own.below(members.below(name).text("name")).object("schema") for name in members.values}


def _replaced(value: Json, entities: JsonObject) -> Json:
    if isinstance(value, list):
        return [_replaced(item, entities) for item in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if isinstance(reference, str) and reference in entities:
        return entities[reference]
    return {name: _replaced(item, entities) for name, item in value.items()}


RESOURCE = Resource(handlers={"getDereferencedPlugin": _get, "getDereferencedPublicPluginById": _get_published})
