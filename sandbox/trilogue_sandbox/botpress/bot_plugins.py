"""Plugins in bots: installing, changing and taking them out."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import definition_access, documents, installing, json_schemas, parts, summaries
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.select import Select

_SCHEMA = """
CREATE TABLE botpress_bot_plugins (
    bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, alias TEXT NOT NULL,
    plugin_id TEXT NOT NULL REFERENCES botpress_plugins, document TEXT NOT NULL, PRIMARY KEY (bot_id, alias));
"""

_TABLE = "botpress_bot_plugins"


def change(call: Call, bot: sqlite3.Row, changes: JsonObject) -> None:
    """Install, change or take out plugins by alias; null takes one out.

    Raises:
        ApiError: a plugin or an integration does not exist (ReferenceNotFound), what a plugin needs is not given
            (InvalidPayload), or an integration is not installed or does not fit (RelationConflict).
    """
    for alias, value in changes.items():
        if isinstance(value, dict):
            _set(call, bot, alias, Fields(value))
        else:
            call.store.run(f"DELETE FROM {_TABLE} WHERE bot_id = ? AND alias = ?", bot["id"], alias)


def _set(call: Call, bot: sqlite3.Row, alias: str, given: Fields) -> None:
    plugin = call.refer(definition_access.usable("plugin", bot["workspace_id"]), "plugin", given.text("id"))
    definition = Fields(documents.decode_object(plugin["document"]))
    installed = call.store.one(f"SELECT document FROM {_TABLE} WHERE bot_id = ? AND alias = ?", bot["id"], alias)
    if installed is None and definition.flag("isDeprecated"):
        raise ApiError("ResourceGone", f"the plugin {plugin['name']} is deprecated and cannot be installed")
    old = documents.decode_object(installed["document"]) if installed else {"enabled": True}
    changed = {**old, **{name: value for name, value in given.values.items() if name != "id"}}
    document = _resolved(call, bot["id"], Fields(changed), definition)
    call.store.run(
        f"INSERT OR REPLACE INTO {_TABLE} VALUES (?, ?, ?, ?)",
        *(bot["id"], alias, plugin["id"], documents.encode(document)),
    )


def _resolved(call: Call, bot_id: str, installed: Fields, definition: Fields) -> JsonObject:
    """Return the installation with what stands in for each need of the plugin."""
    dependencies = definition.below("dependencies")
    schema = parts.without_references(definition.below("configuration").object("schema"))
    json_schemas.check_data(schema, installed.object("configuration"), "configuration")
    interfaces, integrations = dependencies.below("interfaces"), dependencies.below("integrations")
    resolved: JsonObject = {
        "interfaces": {
            need: _interface(call, bot_id, _given(installed, "interfaces", need), interfaces.below(need))
            for need in interfaces.values
        },
        "integrations": {
            need: _integration(call, bot_id, _given(installed, "integrations", need), integrations.below(need))
            for need in integrations.values
        },
    }
    return {**installed.values, **resolved}


def _given(installed: Fields, kind: str, need: str) -> Fields:
    if need not in installed.object(kind):
        raise ApiError("InvalidPayload", f"the plugin needs body/plugins/.../{kind}/{need}")
    return installed.below(kind).below(need)


def _interface(call: Call, bot_id: str, given: Fields, dependency: Fields) -> JsonObject:
    installation = installing.find_installed(
        call, bot_id, given.text("integrationId"), given.optional_text("integrationAlias")
    )
    integration = call.refer(Select("botpress_integrations"), "integration", installation["integration_id"])
    implemented = Fields(documents.decode_object(integration["document"])).below("interfaces")
    alias = _implementation(implemented, given.optional_text("integrationInterfaceAlias"), dependency.text("name"))
    return {
        "integrationId": integration["id"],
        "integrationAlias": installation["alias"],
        "integrationInterfaceAlias": alias,
        "interfaceId": implemented.below(alias).text("id"),
    }


def _implementation(implemented: Fields, wanted: str | None, interface: str) -> str:
    """Return the alias under which an integration implements an interface: the one that is wanted, or else any."""
    for alias in implemented.values:
        if implemented.below(alias).text("name") == interface and wanted in (None, alias):
            return alias
    raise ApiError("RelationConflict", f"the integration does not implement the interface {interface}")


def _integration(call: Call, bot_id: str, given: Fields, dependency: Fields) -> JsonObject:
    installation = installing.find_installed(call, bot_id, given.text("integrationId"), given.text("integrationAlias"))
    integration = call.refer(Select("botpress_integrations"), "integration", installation["integration_id"])
    if integration["name"] != dependency.text("name"):
        raise ApiError("RelationConflict", f"the plugin needs the integration {dependency.text('name')}")
    return {"integrationId": integration["id"], "integrationAlias": installation["alias"]}


def show(call: Call, bot_id: str) -> JsonObject:
    """Return the plugins of a bot by alias."""
    rows = call.store.all(f"SELECT * FROM {_TABLE} WHERE bot_id = ? ORDER BY rowid", bot_id)
    return {row["alias"]: _show(call, row) for row in rows}


def _show(call: Call, row: sqlite3.Row) -> JsonObject:
    fields = Fields(documents.decode_object(row["document"]))
    plugin = call.find(Select("botpress_plugins"), "plugin", row["plugin_id"])
    return {
        **summaries.show(call, "plugin", plugin),
        "enabled": fields.flag("enabled", True),
        "configuration": fields.object("configuration"),
        "interfaces": fields.object("interfaces"),
        "integrations": fields.object("integrations"),
    }


RESOURCE = Resource(schema=_SCHEMA)
