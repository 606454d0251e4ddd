"""The hub: what anyone may look at and install. Deprecated versions can still be looked at."""

from __future__ import annotations

from trilogue_sandbox.botpress import definitions, integrations, interfaces, plugins
from trilogue_sandbox.botpress.exchange import Exchange, Resource
from trilogue_sandbox.botpress.schema import INTEGRATIONS, INTERFACES, PLUGINS
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import Row, Table


def _find(exchange: Exchange, table: Table) -> Row:
    return definitions.find(exchange, table, definitions.published(exchange.actor, table))


def _find_by_name(exchange: Exchange, table: Table) -> Row:
    return definitions.find_by_name(exchange, table, definitions.published(exchange.actor, table))


def _list_integrations(exchange: Exchange) -> JsonObject:
    return integrations.list_page(exchange, definitions.in_hub(exchange.actor, INTEGRATIONS), with_use=True)


def _get_integration(exchange: Exchange) -> JsonObject:
    return _show_integration(exchange, _find(exchange, INTEGRATIONS))


def _get_integration_by_name(exchange: Exchange) -> JsonObject:
    return _show_integration(exchange, _find_by_name(exchange, INTEGRATIONS))


def _show_integration(exchange: Exchange, row: Row) -> JsonObject:
    """Return an integration, and count that its page was viewed."""
    viewed = exchange.records.select(INTEGRATIONS, id=row["id"])
    viewed.change("views = views + 1")
    row, actor = viewed.all()[0], exchange.actor
    use: JsonObject = {
        "ownerWorkspace": integrations.show_owner(actor, row),
        "meta": integrations.show_use(actor, row),
    }
    return {"integration": {**integrations.show(exchange, row), **use}}


def _list_interfaces(exchange: Exchange) -> JsonObject:
    listed = definitions.in_hub(exchange.actor, INTERFACES)
    return definitions.paginate_by_name(exchange, "interfaces", listed, interfaces.SUMMARY.show)


def _get_interface(exchange: Exchange) -> JsonObject:
    return interfaces.show(exchange, _find(exchange, INTERFACES))


def _get_interface_by_name(exchange: Exchange) -> JsonObject:
    return interfaces.show(exchange, _find_by_name(exchange, INTERFACES))


def _list_plugins(exchange: Exchange) -> JsonObject:
    listed = definitions.in_hub(exchange.actor, PLUGINS)
    return definitions.paginate_by_name(exchange, "plugins", listed, plugins.SUMMARY.show)


def _get_plugin(exchange: Exchange) -> JsonObject:
    return plugins.show(exchange, _find(exchange, PLUGINS))


def _get_plugin_by_name(exchange: Exchange) -> JsonObject:
    return plugins.show(exchange, _find_by_name(exchange, PLUGINS))


def _get_plugin_code(exchange: Exchange) -> JsonObject:
    return plugins.show_code(exchange, _find(exchange, PLUGINS))


RESOURCE = Resource(
    operations={
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
