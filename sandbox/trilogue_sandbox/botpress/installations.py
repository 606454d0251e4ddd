"""Installations: integrations in bots. Installing, changing and uninstalling them.

Nothing is registered with another service: an installation that is enabled is `registered` at once. The control action
`set_registration` says otherwise. The code of an integration does not run, so that the `scheduleRegisterCall` of
`configureIntegration` calls nobody.
"""

from __future__ import annotations

from typing import Any

from trilogue_sandbox.botpress import definitions, integration_lists, json_schemas, logs
from trilogue_sandbox.botpress.bot_tables import BOT_PLUGINS, BOTS, INSTALLATIONS
from trilogue_sandbox.botpress.credentials import BOT_ID, INTEGRATION_ID, target
from trilogue_sandbox.botpress.definition_tables import INTEGRATIONS
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Exchange, Resource, require
from trilogue_sandbox.botpress.limits import require_size
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject, Request, Response
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World

_MOST = 30
_CONFIGURATION_KILOBYTES = 20
_BY_ALIAS = "x-multiple-integrations"
_STATUSES = (
    "registration_pending",
    "registered",
    "registration_failed",
    "unregistration_pending",
    "unregistered",
    "unregistration_failed",
)
_CHANGEABLE = ("enabled", "configurationType", "configuration", "disabledChannels")


def change(exchange: Exchange, bot: Row, changes: JsonObject) -> None:
    """Install, change or uninstall integrations, by alias or by id of the integration; null uninstalls one.

    Raises:
        ApiError: an integration does not exist (ReferenceNotFound) or is deprecated (ResourceGone), a configuration
            does not fit its schema (InvalidDataFormat) or is too large (LimitExceeded), or a plugin needs what is
            uninstalled (ReferenceConstraint).
    """
    for key, value in changes.items():
        installed = _find(exchange, bot, key)
        if isinstance(value, dict):
            _set(exchange, bot, key, installed, Fields(value))
        elif installed is not None:
            _remove(exchange, installed)
    if changes and exchange.records.select(INSTALLATIONS, bot_id=bot["id"]).count() > _MOST:
        raise ApiError("LimitExceeded", f"a bot has at most {_MOST} integrations")


def _find(exchange: Exchange, bot: Row, key: str) -> Row | None:
    select = exchange.records.select(INSTALLATIONS, bot_id=bot["id"])
    return select.equal("alias", key).first() or select.equal("integration_id", key).first()


def _set(exchange: Exchange, bot: Row, key: str, installed: Row | None, given: Fields) -> None:
    integration = _integration(exchange, bot, key, installed, given)
    values: dict[str, Any] = definitions.plain_values(given, _CHANGEABLE)
    if "enabled" in given:
        values["status"] = "registered" if given.boolean("enabled") else "unregistered"
    values["integration_id"] = integration["id"]
    _check({**(dict(installed) if installed else {}), **values}, integration)
    if installed:
        exchange.records.touch(INSTALLATIONS, installed, **values)
        return
    alias = key if "integrationId" in given else integration["name"].rpartition("/")[2]
    if _find(exchange, bot, alias):
        raise ApiError("AlreadyExists", f"an integration is installed under the alias {alias!r} already")
    exchange.records.add(INSTALLATIONS, {"bot_id": bot["id"], "alias": alias, **values})


def _integration(exchange: Exchange, bot: Row, key: str, installed: Row | None, given: Fields) -> Row:
    wanted = given.optional_string("integrationId") or (installed["integration_id"] if installed else key)
    if installed and installed["integration_id"] == wanted:
        return exchange.records.get(INTEGRATIONS, wanted)
    usable = definitions.usable(exchange.actor, INTEGRATIONS, bot["workspace_id"]).equal("id", wanted)
    integration = require(usable, "integration", wanted, error="ReferenceNotFound")
    if integration["is_deprecated"]:
        raise ApiError("ResourceGone", f"the integration {integration['name']} is deprecated and cannot be installed")
    return integration


def _check(values: dict[str, Any], integration: Row) -> None:
    """Make sure that an installation fits its integration."""
    configuration = values.get("configuration", {})
    require_size(configuration, "the configuration", _CONFIGURATION_KILOBYTES)
    declared, named = integration["configuration"], values.get("configuration_type")
    if named is not None:
        if named not in integration["configurations"]:
            raise ApiError("ReferenceNotFound", f"the integration has no configuration {named!r}")
        declared = integration["configurations"][named]
    if values.get("enabled", True):
        json_schemas.check_data(Fields(declared).object("schema"), configuration, "configuration")
    for channel in values.get("disabled_channels", []):
        if channel not in integration["channels"]:
            raise ApiError("InvalidPayload", f"the integration {integration['name']} has no channel {channel!r}")


def _remove(exchange: Exchange, installed: Row) -> None:
    alias = installed["alias"]
    for plugin in exchange.records.select(BOT_PLUGINS, bot_id=installed["bot_id"]).all():
        needs = [*plugin["interfaces"].values(), *plugin["integrations"].values()]
        if any(need.get("integrationAlias") == alias for need in needs):
            raise ApiError("ReferenceConstraint", f"the plugin {plugin['alias']} uses the integration {alias}")
    exchange.records.remove(INSTALLATIONS, installed)


def show(exchange: Exchange, bot_id: str) -> JsonObject:
    """Return the integrations of a bot, by id, or by alias where the header asks for it."""
    rows = exchange.records.select(INSTALLATIONS, bot_id=bot_id).all("ORDER BY item.rowid DESC")
    column = "alias" if exchange.headers.string(_BY_ALIAS, "") == "true" else "integration_id"
    used = exchange.records.select(INTEGRATIONS).among("id", [row["integration_id"] for row in rows]).all()
    summaries = {row["id"]: row for row in used}
    return {row[column]: _show(exchange, row, summaries[row["integration_id"]]) for row in rows}


def _show(exchange: Exchange, row: Row, integration: Row) -> Json:
    summary = integration_lists.SUMMARY.show_one(exchange.actor, integration)
    del summary["attributes"]
    identifier: JsonObject = {"identifier": row["identifier"]} if row["identifier"] is not None else {}
    return {
        **summary,
        "enabled": row["enabled"],
        "webhookUrl": f"{exchange.request.base_url}/webhook/{row['webhook_id']}",
        "webhookId": row["webhook_id"],
        **identifier,
        "configurationType": row["configuration_type"],
        "configuration": row["configuration"],
        "status": row["status"],
        "statusReason": row["status_reason"],
        "disabledChannels": row["disabled_channels"],
    }


def find_installed(exchange: Exchange, bot_id: str, integration_id: str, alias: str | None) -> Row:
    """Return the installation of an integration under an alias, or the first one of all without.

    Raises:
        ApiError: there is none (RelationConflict).
    """
    select = exchange.records.select(INSTALLATIONS, bot_id=bot_id, integration_id=integration_id)
    row = select.equal("alias", alias).first("ORDER BY item.rowid")
    if row is None:
        under = f" under the alias {alias!r}" if alias else ""
        message = f"the integration {integration_id} is not installed in the bot {bot_id}{under}"
        raise ApiError("RelationConflict", message)
    return row


def _configure(exchange: Exchange) -> JsonObject:
    """Change what an integration says about its own installation in a bot."""
    installation = exchange.actor.installation
    if installation is None:
        raise ApiError("Forbidden", "only an integration can configure its installation; send x-integration-id")
    row = exchange.records.find(INSTALLATIONS, bot_id=exchange.bot_id, alias=installation.alias)
    assert row is not None
    identifier = exchange.body.optional_string("identifier")
    same = exchange.records.select(INSTALLATIONS, integration_id=row["integration_id"]).where("item.id != ?", row["id"])
    if identifier is not None and same.equal("identifier", identifier).exists():
        raise ApiError("AlreadyExists", "identifier: another installation of the integration has it")
    changes = {"identifier": identifier} if "identifier" in exchange.body else {}
    exchange.records.touch(INSTALLATIONS, row, **changes)
    return {}


def _set_registration(world: World, given: Fields) -> object:
    """Set the `status` of the integration `alias` in `bot`, and perhaps the `reason` of a failure."""
    bot_id, alias = target(world, given, BOTS), given.string("alias", "telegram")
    status, reason = given.choice("status", _STATUSES), given.string("reason", "") or None
    select = world.records.select(INSTALLATIONS, bot_id=bot_id, alias=alias)
    if not select.change("status = ?, status_reason = ?", status, reason):
        raise ControlError(f"no integration is installed under the alias {alias!r}", "alias")
    return {}


def _receive(world: World, request: Request, rest: str) -> Response:
    """Accept a webhook. The code of an integration does not run here, so that it only leaves a line in its log."""
    row = world.records.find(INSTALLATIONS, webhook_id=rest.partition("/")[0])
    if row is None:
        return Response.json({"message": "no integration has this webhook"}, 404)
    message = f"Webhook: {request.method} with {len(request.body)} bytes"
    logs.write(world, row["bot_id"], message, integration_id=row["integration_id"])
    return Response.empty(200)


def _add_default_data(world: World) -> None:
    world.records.add(INSTALLATIONS, {"bot_id": BOT_ID, "alias": "telegram", "integration_id": INTEGRATION_ID})


RESOURCE = Resource(
    tables=(INSTALLATIONS,),
    operations={"configureIntegration": _configure},
    actions={"set_registration": _set_registration},
    downloads={"webhook": _receive},
    default_data=_add_default_data,
)
