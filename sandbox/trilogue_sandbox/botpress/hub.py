"""The hub: what anyone may look at and install. Deprecated versions can still be looked at."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import (
    definition_access,
    integration_lists,
    integrations,
    interfaces,
    plugins,
    workspaces,
)
from trilogue_sandbox.botpress.defining import find_by_name
from trilogue_sandbox.botpress.definition_access import Kind
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject

_SCHEMA = """
CREATE TABLE botpress_hub_views (
    integration_id TEXT PRIMARY KEY REFERENCES botpress_integrations ON DELETE CASCADE, views INTEGER NOT NULL);
"""


def _list_integrations(call: Call) -> JsonObject:
    published = definition_access.in_hub("integration")
    return integration_lists.find_page_of(call, published, lambda row: {"meta": _show_use(call, row)})


def _get_integration(call: Call) -> JsonObject:
    return _show_integration(call, _find(call, "integration"))


def _get_integration_by_name(call: Call) -> JsonObject:
    return _show_integration(call, find_by_name(call, "integration", definition_access.published("integration")))


def _show_integration(call: Call, row: sqlite3.Row) -> JsonObject:
    """Show an integration, and count that its page was looked at."""
    call.store.run(
        "INSERT INTO botpress_hub_views VALUES (?, 1) ON CONFLICT (integration_id) DO UPDATE SET views = views + 1",
        row["id"],
    )
    owner = workspaces.show_owner(call.world, row["workspace_id"])
    return {"integration": {**integrations.show(call, row), "ownerWorkspace": owner, "meta": _show_use(call, row)}}


def _show_use(call: Call, row: sqlite3.Row) -> JsonObject:
    columns = f"{integration_lists.INSTALLS} AS installs, {integration_lists.VIEWS} AS views"
    use = call.store.one(f"SELECT {columns} FROM botpress_integrations AS item WHERE item.id = ?", row["id"])
    assert use is not None
    return {"installs": use["installs"], "views": use["views"]}


def _list_interfaces(call: Call) -> JsonObject:
    return interfaces.find_page_of(call, definition_access.in_hub("interface"))


def _get_interface(call: Call) -> JsonObject:
    return {"interface": interfaces.show(call, _find(call, "interface"))}


def _get_interface_by_name(call: Call) -> JsonObject:
    row = find_by_name(call, "interface", definition_access.published("interface"))
    return {"interface": interfaces.show(call, row)}


def _list_plugins(call: Call) -> JsonObject:
    return plugins.find_page_of(call, definition_access.in_hub("plugin"))


def _get_plugin(call: Call) -> JsonObject:
    return {"plugin": plugins.show(call, _find(call, "plugin"))}


def _get_plugin_by_name(call: Call) -> JsonObject:
    return {"plugin": plugins.show(call, find_by_name(call, "plugin", definition_access.published("plugin")))}


def _get_plugin_code(call: Call) -> JsonObject:
    return plugins.show_code(call, _find(call, "plugin"))


def _find(call: Call, kind: Kind) -> sqlite3.Row:
    return call.find(definition_access.published(kind), kind, call.path.text("id"))


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={
        "listPublicIntegrations": _list_integrations,
        "getPublicIntegrationById": _get_integration,
        "getPublicIntegration": _get_integration_by_name,
        "listPublicInterfaces": _list_interfaces,
        "getPublicInterfaceById": _get_interface,
        "getPublicInterface": _get_interface_by_name,
        "listPublicPlugins": _list_plugins,
        "getPublicPluginById": _get_plugin,
        "getPublicPlugin": _get_plugin_by_name,
        "getPublicPluginCode": _get_plugin_code,
    },
)
