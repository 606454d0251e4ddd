"""Plugins: ready-made parts of bots. Their code does not run in the sandbox.

How a plugin borrows from an interface is not published. Here a schema of a plugin that is `{"$ref": "<name>"}` borrows
the entity of that name from an interface the plugin needs; a dereferenced plugin has the schema of the entity by which
an integration implements it.
"""

from __future__ import annotations

from typing import Any

from trilogue_sandbox.botpress import definition_parts, definitions
from trilogue_sandbox.botpress.bot_tables import BOT_PLUGINS
from trilogue_sandbox.botpress.catalogs import Catalog
from trilogue_sandbox.botpress.credentials import INTERFACE_ID, WORKSPACE_ID
from trilogue_sandbox.botpress.definition_tables import INTEGRATIONS, INTERFACES, PLUGINS
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource, noun, require
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.kernel.views import Computed, View, each
from trilogue_sandbox.kernel.world import World

_PARTS = ("states", "events", "actions")
_TAGGED = ("user", "conversation", "message")
_PLAIN = ("title", "description")
_NEEDS: dict[str, Table] = {"interfaces": INTERFACES, "integrations": INTEGRATIONS}
_DEREFERENCED = ("configuration", "states", "events", "actions")


def _only_tags(name: str) -> Computed[Actor]:
    def show(_: Actor, row: Row) -> Json:
        return {"tags": row[name]["tags"]}

    return each(show)


def show_code(exchange: Exchange, row: Row) -> JsonObject:
    """Return the code of a plugin for the platform that the path names."""
    return {"code": row["code"].get(exchange.path.string("platform"), "")}


def _get_code(exchange: Exchange) -> JsonObject:
    return show_code(exchange, definitions.find(exchange, PLUGINS))


def _values(exchange: Exchange, row: Row | None) -> dict[str, Any]:
    body, old = exchange.body, definitions.old_fields(row)
    values: dict[str, Any] = definitions.plain_values(body, _PLAIN)
    for part in _PARTS:
        values[part] = definition_parts.patched_parts(old.object(part), body.object(part))
    for tagged in _TAGGED:
        values[tagged] = definition_parts.patched_tags(old.object(tagged), body.object(tagged))
    for name in ("attributes", "code"):
        values[name] = definition_parts.patched(old.object(name), body.object(name))
    if "configuration" in body:
        values["configuration"] = body.object("configuration")
    values["visibility"] = definitions.visibility(body, old)
    given, needed = body.nested("dependencies"), old.nested("dependencies")
    values["dependencies"] = {
        section: definition_parts.patched(
            needed.object(section),
            {need: _dependency(exchange, table, value) for need, value in given.object(section).items()},
        )
        for section, table in _NEEDS.items()
    }
    definition_parts.check(values, may_refer=True)
    return values


def _dependency(exchange: Exchange, table: Table, value: Json) -> Json:
    """Return what a plugin needs, found by its id, or by name and version; None for null."""
    if value is None:
        return None
    given, usable = Fields.of(value), definitions.usable(exchange.actor, table)
    if row_id := given.optional_string("id"):
        row = require(usable.equal("id", row_id), noun(table), row_id, error="ReferenceNotFound")
    elif name := given.optional_string("name"):
        wanted = given.string("version", definitions.LATEST)
        row = definitions.find_version(usable, table, name, wanted, "ReferenceNotFound")
    else:
        raise ApiError("InvalidPayload", "body/dependencies: name each one by its id, or by name and version")
    return {"id": row["id"], "name": row["name"], "version": row["version"]}


CATALOG = Catalog(
    View(
        "Plugin",
        PLUGINS,
        computed={
            **definitions.computed(PLUGINS),
            "configuration": each(lambda _, row: {"schema": {}, **row["configuration"]}),
            **{name: _only_tags(name) for name in _TAGGED},
        },
    ),
    View("PluginSummary", PLUGINS, computed=definitions.computed(PLUGINS)),
    _values,
)


def _delete(exchange: Exchange) -> JsonObject:
    row = definitions.find_own(exchange, PLUGINS)
    installed = exchange.records.find(BOT_PLUGINS, plugin_id=row["id"])
    if installed:
        raise ApiError("ReferenceConstraint", f"the plugin is installed in the bot {installed['bot_id']}")
    exchange.records.remove(PLUGINS, row)
    return {}


def _get_dereferenced(exchange: Exchange) -> JsonObject:
    usable = definitions.usable(exchange.actor, INTEGRATIONS)
    return _dereference(exchange, definitions.find(exchange, PLUGINS), usable)


def _get_published_dereferenced(exchange: Exchange) -> JsonObject:
    plugin = definitions.find(exchange, PLUGINS, definitions.published(exchange.actor, PLUGINS))
    return _dereference(exchange, plugin, definitions.published(exchange.actor, INTEGRATIONS))


def _dereference(exchange: Exchange, row: Row, usable: Select) -> JsonObject:
    """Return a plugin with the schemas of the integrations that `interfaces` in the query names for each need.

    Raises:
        ApiError: an integration is not usable (ResourceNotFound), is missing or does not implement the interface
            (InvalidQuery).
    """
    entities: JsonObject = {}
    for need, interface in row["dependencies"]["interfaces"].items():
        entities |= _entities(exchange, usable, need, interface["name"])
    shown = CATALOG.view.show_one(exchange.actor, row)
    return {"plugin": {**shown, **{part: _replaced(shown[part], entities) for part in _DEREFERENCED}}}


def _entities(exchange: Exchange, usable: Select, need: str, interface: str) -> JsonObject:
    integration_id = exchange.query.object("interfaces").get(need)
    if not isinstance(integration_id, str):
        raise ApiError("InvalidQuery", f"query/interfaces must name an integration for {need!r}")
    row = require(usable.equal("id", integration_id), "integration", integration_id)
    implemented = next((found for found in row["interfaces"].values() if found["name"] == interface), None)
    if implemented is None:
        raise ApiError("InvalidQuery", f"query/interfaces/{need}: the integration does not implement {interface}")
    own = Fields(row["entities"])
    return {name: own.nested(member["name"]).object("schema") for name, member in implemented["entities"].items()}


def _replaced(value: Json, entities: JsonObject) -> Json:
    if isinstance(value, list):
        return [_replaced(item, entities) for item in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if isinstance(reference, str) and reference in entities:
        return entities[reference]
    return {name: _replaced(item, entities) for name, item in value.items()}


_HANDOFF: dict[str, Any] = {
    "workspace_id": WORKSPACE_ID,
    "name": "handoff",
    "version": "1.0.0",
    "title": "Handoff",
    "description": "Lets people take over a conversation.",
    "visibility": "public",
    "code": {"node": "module.exports = {}", "browser": "export default {}"},
    "dependencies": {
        "interfaces": {"handoff": {"id": INTERFACE_ID, "name": "handoff", "version": "1.0.0"}},
        "integrations": {},
    },
}


def _add_default_data(world: World) -> None:
    world.records.add(PLUGINS, _HANDOFF)


RESOURCE = Resource(
    tables=(PLUGINS,),
    operations={
        "listPlugins": CATALOG.list,
        "getPlugin": CATALOG.get,
        "getPluginByName": CATALOG.get_by_name,
        "getPluginCode": _get_code,
        "createPlugin": CATALOG.create,
        "updatePlugin": CATALOG.update,
        "deletePlugin": _delete,
        "getDereferencedPlugin": _get_dereferenced,
        "getDereferencedPublicPluginById": _get_published_dereferenced,
    },
    seeders={"plugins": definitions.seeder(PLUGINS)},
    default_data=_add_default_data,
)
