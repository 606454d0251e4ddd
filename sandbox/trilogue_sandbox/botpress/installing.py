"""Integrations in bots: installing, changing and taking them out.

Nothing is registered with another service: an installation that is switched on is `registered` at once. The control
action `set_registration` says otherwise.
"""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import (
    arguments,
    definition_access,
    documents,
    json_schemas,
    logs,
    sizes,
    summaries,
    targets,
)
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.logs import Line
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject, Request, Response
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World

TABLE = "botpress_installations"
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


def change(call: Call, bot: sqlite3.Row, changes: JsonObject) -> None:
    """Install, change or take out integrations, by alias or by id of the integration; null takes one out.

    Raises:
        ApiError: an integration does not exist (ReferenceNotFound) or is deprecated (ResourceGone), a configuration
            does not fit its schema (InvalidDataFormat) or is too large (LimitExceeded), or a plugin needs what is
            taken out (ReferenceConstraint).
    """
    for key, value in changes.items():
        installed = _find(call, bot["id"], key)
        if isinstance(value, dict):
            _set(call, bot, key, installed, Fields(value))
        elif installed is not None:
            _remove(call, installed)
    row = call.store.one(f"SELECT COUNT(*) AS count FROM {TABLE} WHERE bot_id = ?", bot["id"])
    if row and row["count"] > _MOST:
        raise ApiError("LimitExceeded", f"a bot has at most {_MOST} integrations")


def _find(call: Call, bot_id: str, key: str) -> sqlite3.Row | None:
    return call.store.one(
        f"SELECT * FROM {TABLE} WHERE bot_id = ? AND ? IN (alias, integration_id) ORDER BY alias = ? DESC",
        *(bot_id, key, key),
    )


def _set(call: Call, bot: sqlite3.Row, key: str, installed: sqlite3.Row | None, given: Fields) -> None:
    integration = _integration(call, bot, key, installed, given)
    alias = installed["alias"] if installed else key if "integrationId" in given else _alias(integration["name"])
    old = documents.decode_object(installed["document"]) if installed else {}
    document = _document(call, old, integration, given)
    values = (integration["id"], documents.encode(document), call.now)
    if installed:
        sql = f"UPDATE {TABLE} SET integration_id = ?, document = ?, updated_at = ? WHERE bot_id = ? AND alias = ?"
        call.store.run(sql, *values, bot["id"], alias)
    elif _find(call, bot["id"], alias):
        raise ApiError("AlreadyExists", f"an integration is installed under the alias {alias!r} already")
    else:
        call.store.run(f"INSERT INTO {TABLE} VALUES (?, ?, ?, ?, ?, ?)", bot["id"], alias, *values, call.now)


def _alias(name: str) -> str:
    return name.rpartition("/")[2]


def _integration(call: Call, bot: sqlite3.Row, key: str, installed: sqlite3.Row | None, given: Fields) -> sqlite3.Row:
    wanted = given.optional_text("integrationId") or (installed["integration_id"] if installed else key)
    select = definition_access.usable("integration", bot["workspace_id"])
    if installed and installed["integration_id"] == wanted:
        select = Select(definition_access.table("integration"))
    integration = call.refer(select, "integration", wanted)
    is_new = installed is None or installed["integration_id"] != wanted
    if is_new and Fields(documents.decode_object(integration["document"])).flag("isDeprecated"):
        raise ApiError("ResourceGone", f"the integration {integration['name']} is deprecated and cannot be installed")
    return integration


def _document(call: Call, old: JsonObject, integration: sqlite3.Row, given: Fields) -> JsonObject:
    defaults: JsonObject = {"enabled": True, "webhookId": call.world.ids.uuid4(), "status": "registered"}
    changes = {name: value for name, value in given.values.items() if name != "integrationId"}
    document = {**defaults, **old, **changes}
    fields, definition = Fields(document), Fields(documents.decode_object(integration["document"]))
    _check_configuration(fields, definition)
    for channel in fields.texts("disabledChannels"):
        if channel not in definition.object("channels"):
            raise ApiError("InvalidPayload", f"the integration {integration['name']} has no channel {channel!r}")
    if "enabled" in given:
        document["status"] = "registered" if fields.flag("enabled") else "unregistered"
    return document


def _check_configuration(installation: Fields, definition: Fields) -> None:
    configuration = installation.object("configuration")
    sizes.refuse_above(documents.encode(configuration), "the configuration", _CONFIGURATION_KILOBYTES)
    declared = definition.below("configuration")
    if named := installation.optional_text("configurationType"):
        if named not in definition.object("configurations"):
            raise ApiError("ReferenceNotFound", f"the integration has no configuration {named!r}")
        declared = definition.below("configurations").below(named)
    if installation.flag("enabled"):
        json_schemas.check_data(declared.object("schema"), configuration, "configuration")


def _remove(call: Call, installed: sqlite3.Row) -> None:
    alias = installed["alias"]
    for plugin in call.store.all("SELECT * FROM botpress_bot_plugins WHERE bot_id = ?", installed["bot_id"]):
        fields = Fields(documents.decode_object(plugin["document"]))
        needs = [*fields.object("interfaces").values(), *fields.object("integrations").values()]
        if any(Fields.of(need).optional_text("integrationAlias") == alias for need in needs):
            raise ApiError("ReferenceConstraint", f"the plugin {plugin['alias']} uses the integration {alias}")
    for table in (TABLE, "botpress_shareable_ids", "botpress_sandboxed_conversations"):
        call.store.run(f"DELETE FROM {table} WHERE bot_id = ? AND alias = ?", installed["bot_id"], alias)


def show(call: Call, bot_id: str) -> JsonObject:
    """Return the integrations of a bot, by id, or by alias where the header asks for it."""
    rows = call.store.all(f"SELECT * FROM {TABLE} WHERE bot_id = ? ORDER BY rowid DESC", bot_id)
    column = "alias" if call.headers.text(_BY_ALIAS, "") == "true" else "integration_id"
    return {row[column]: _show(call, row) for row in rows}


def _show(call: Call, row: sqlite3.Row) -> JsonObject:
    fields = Fields(documents.decode_object(row["document"]))
    integration = call.find(Select("botpress_integrations"), "integration", row["integration_id"])
    webhook_id = fields.text("webhookId", "")
    identifier: JsonObject = {"identifier": fields.optional_text("identifier")}
    return {
        **summaries.show(call, "integration", integration),
        "enabled": fields.flag("enabled", True),
        "webhookUrl": f"{call.request.base_url}/webhook/{webhook_id}",
        "webhookId": webhook_id,
        **documents.without_nulls(identifier),
        "configurationType": fields.optional_text("configurationType"),
        "configuration": fields.object("configuration"),
        "status": fields.text("status", "registered"),
        "statusReason": fields.optional_text("statusReason"),
        "disabledChannels": fields.items("disabledChannels"),
    }


def find_installed(call: Call, bot_id: str, integration_id: str, alias: str | None) -> sqlite3.Row:
    """Return an installation by its alias, or else the first one of an integration.

    Raises:
        ApiError: there is none (RelationConflict).
    """
    column, wanted = ("integration_id", integration_id) if alias is None else ("alias", alias)
    row = call.store.one(f"SELECT * FROM {TABLE} WHERE bot_id = ? AND {column} = ? ORDER BY rowid", bot_id, wanted)
    if row is None:
        raise ApiError(
            "RelationConflict", f"the integration {alias or integration_id} is not installed in the bot {bot_id}"
        )
    return row


def _set_registration(world: World, given: JsonObject) -> object:
    """Set the `status` of the integration `alias` in `bot`, and perhaps the `reason` of a failure."""
    bot_id, alias = targets.bot(world, given), arguments.text(given, "alias", "telegram")
    status = arguments.choice(given, "status", _STATUSES)
    reason = arguments.text(given, "reason", "") or None
    changed = world.store.run(
        f"UPDATE {TABLE} SET document = json_set(document, '$.status', ?, '$.statusReason', ?)"
        " WHERE bot_id = ? AND alias = ?",
        *(status, reason, bot_id, alias),
    )
    if not changed:
        raise ControlError(f"no integration is installed under the alias {alias!r}", "alias")
    return {}


def _receive(world: World, request: Request, rest: str) -> Response:
    """Take a webhook. The code of an integration does not run here, so that it only leaves a line in its log."""
    webhook_id = rest.partition("/")[0]
    sql = f"SELECT * FROM {TABLE} WHERE json_extract(document, '$.webhookId') = ?"
    row = world.store.one(sql, webhook_id)
    if row is None:
        return Response.json({"message": "no integration has this webhook"}, 404)
    line = Line("info", f"Webhook: {request.method} with {len(request.body)} bytes", row["integration_id"])
    logs.write(world, row["bot_id"], line)
    return Response.empty(200)


def _furnish(world: World) -> None:
    for row in world.store.all(f"SELECT rowid FROM {TABLE}"):
        document = documents.encode({"enabled": True, "status": "registered", "webhookId": world.ids.uuid4()})
        world.store.run(
            f"UPDATE {TABLE} SET document = json_patch(?, document) WHERE rowid = ?", document, row["rowid"]
        )


RESOURCE = Resource(
    actions={"set_registration": _set_registration},
    folders={"webhook": _receive},
    furnish=_furnish,
)
