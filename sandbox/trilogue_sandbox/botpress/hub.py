"""The hub: what anyone may look at and install. Deprecated versions can still be looked at."""

from __future__ import annotations

from trilogue_sandbox.botpress import definitions, integration_lists, integrations, interfaces, plugins
from trilogue_sandbox.botpress.definition_tables import INTEGRATIONS, PLUGINS
from trilogue_sandbox.botpress.exchange import Exchange, Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row


def _list_integrations(exchange: Exchange) -> JsonObject:
    return integration_lists.list_page(exchange, definitions.in_hub(exchange.actor, INTEGRATIONS), with_use=True)


def _published(exchange: Exchange) -> Select:
    return definitions.published(exchange.actor, INTEGRATIONS)


def _get_integration(exchange: Exchange) -> JsonObject:
    return _show_integration(exchange, definitions.find(exchange, INTEGRATIONS, _published(exchange)))


def _get_integration_by_name(exchange: Exchange) -> JsonObject:
    return _show_integration(exchange, definitions.find_by_name(exchange, INTEGRATIONS, _published(exchange)))


def _show_integration(exchange: Exchange, row: Row) -> JsonObject:
    """Return an integration, and count that its page was viewed."""
    viewed = exchange.records.select(INTEGRATIONS, id=row["id"])
    viewed.change("views = views + 1")
    row, actor = viewed.all()[0], exchange.actor
    use: JsonObject = {
        "ownerWorkspace": integration_lists.show_owner(actor, row),
        "meta": integration_lists.show_use(actor, row),
    }
    return {"integration": {**integrations.show(exchange, row), **use}}


def _get_plugin_code(exchange: Exchange) -> JsonObject:
    return plugins.show_code(
        exchange, definitions.find(exchange, PLUGINS, definitions.published(exchange.actor, PLUGINS))
    )


RESOURCE = Resource(
    operations={
        "listPublicIntegrations": _list_integrations,
        "getPublicIntegrationById": _get_integration,
        "getPublicIntegration": _get_integration_by_name,
        "listPublicInterfaces": interfaces.CATALOG.list_in_hub,
        "getPublicInterfaceById": interfaces.CATALOG.get_published,
        "getPublicInterface": interfaces.CATALOG.get_published_by_name,
        "listPublicPlugins": plugins.CATALOG.list_in_hub,
        "getPublicPluginById": plugins.CATALOG.get_published,
        "getPublicPlugin": plugins.CATALOG.get_published_by_name,
        "getPublicPluginCode": _get_plugin_code,
    }
)
