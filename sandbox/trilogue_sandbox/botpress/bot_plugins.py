"""Plugins in bots: installing, changing and uninstalling them."""

from __future__ import annotations

from typing import Any

from trilogue_sandbox.botpress import definition_parts, definitions, installations, json_schemas, plugins
from trilogue_sandbox.botpress.bot_tables import BOT_PLUGINS
from trilogue_sandbox.botpress.definition_tables import INTEGRATIONS, PLUGINS
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource, require
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Row


def change(exchange: Exchange, bot: Row, changes: JsonObject) -> None:
    """Install, change or uninstall plugins by alias; null uninstalls one.

    Raises:
        ApiError: a plugin or an integration does not exist (ReferenceNotFound), what a plugin needs is not given
            (InvalidPayload), or an integration is not installed or does not fit (RelationConflict).
    """
    for alias, value in changes.items():
        installed = exchange.records.find(BOT_PLUGINS, bot_id=bot["id"], alias=alias)
        if isinstance(value, dict):
            _set(exchange, bot, alias, installed, Fields(value))
        elif installed:
            exchange.records.remove(BOT_PLUGINS, installed)


def _set(exchange: Exchange, bot: Row, alias: str, installed: Row | None, given: Fields) -> None:
    wanted = given.string("id")
    usable = definitions.usable(exchange.actor, PLUGINS, bot["workspace_id"]).equal("id", wanted)
    plugin = require(usable, "plugin", wanted, error="ReferenceNotFound")
    if installed is None and plugin["is_deprecated"]:
        raise ApiError("ResourceGone", f"the plugin {plugin['name']} is deprecated and cannot be installed")
    old: dict[str, Any] = (
        dict(installed) if installed else {"enabled": True, "configuration": {}, "interfaces": {}, "integrations": {}}
    )
    merged = Fields({**old, **given.values})
    configuration, needs = merged.object("configuration"), Fields(plugin["dependencies"])
    schema = definition_parts.without_references(plugin["configuration"].get("schema"))
    json_schemas.check_data(schema, configuration, "configuration")
    interfaces, integrations = needs.nested("interfaces"), needs.nested("integrations")
    values = {
        "plugin_id": plugin["id"],
        "enabled": merged.boolean("enabled"),
        "configuration": configuration,
        "interfaces": {
            need: _interface(exchange, bot, _given(merged, "interfaces", need), interfaces.nested(need))
            for need in interfaces.values
        },
        "integrations": {
            need: _integration(exchange, bot, _given(merged, "integrations", need), integrations.nested(need))
            for need in integrations.values
        },
    }
    if installed:
        exchange.records.change(BOT_PLUGINS, installed, **values)
    else:
        exchange.records.add(BOT_PLUGINS, {"bot_id": bot["id"], "alias": alias, **values})


def _given(merged: Fields, section: str, need: str) -> Fields:
    if need not in merged.object(section):
        raise ApiError("InvalidPayload", f"the plugin needs body/plugins/.../{section}/{need}")
    return merged.nested(section).nested(need)


def _interface(exchange: Exchange, bot: Row, given: Fields, dependency: Fields) -> JsonObject:
    installation = installations.find_installed(
        exchange, bot["id"], given.string("integrationId"), given.optional_string("integrationAlias")
    )
    integration = exchange.records.get(INTEGRATIONS, installation["integration_id"])
    wanted, name = given.optional_string("integrationInterfaceAlias"), dependency.string("name")
    for alias, implemented in integration["interfaces"].items():
        if implemented["name"] == name and wanted in (None, alias):
            return {
                "integrationId": integration["id"],
                "integrationAlias": installation["alias"],
                "integrationInterfaceAlias": alias,
                "interfaceId": implemented["id"],
            }
    raise ApiError("RelationConflict", f"the integration does not implement the interface {name}")


def _integration(exchange: Exchange, bot: Row, given: Fields, dependency: Fields) -> JsonObject:
    integration_id, alias = given.string("integrationId"), given.string("integrationAlias")
    installation = installations.find_installed(exchange, bot["id"], integration_id, alias)
    integration = exchange.records.get(INTEGRATIONS, installation["integration_id"])
    if integration["name"] != dependency.string("name"):
        raise ApiError("RelationConflict", f"the plugin needs the integration {dependency.string('name')}")
    return {"integrationId": integration["id"], "integrationAlias": installation["alias"]}


def show(actor: Actor, bot_id: str) -> JsonObject:
    """Return the plugins of a bot by alias."""
    rows = actor.records.select(BOT_PLUGINS, bot_id=bot_id).all("ORDER BY item.id")
    return {row["alias"]: _show(actor, row) for row in rows}


def _show(actor: Actor, row: Row) -> Json:
    kept: JsonObject = {name: row[name] for name in ("enabled", "configuration", "interfaces", "integrations")}
    return {**plugins.CATALOG.summary.show_one(actor, actor.records.get(PLUGINS, row["plugin_id"])), **kept}


RESOURCE = Resource(tables=(BOT_PLUGINS,))
