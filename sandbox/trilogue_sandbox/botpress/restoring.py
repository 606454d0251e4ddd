"""Puts bots that were kept in a backup into the sandbox, as the API shows them, with the ids they had.

What a bot has beside its definition, tables and files, such as its conversations, stays as it is.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from trilogue_sandbox.botpress import bots, file_contents, files, recurring_events, signatures, tables, workspaces
from trilogue_sandbox.botpress.account_tables import ACCOUNTS, WORKSPACES
from trilogue_sandbox.botpress.bot_tables import BOT_PLUGINS, BOTS, INSTALLATIONS
from trilogue_sandbox.botpress.content_tables import FILES, TABLE_ROWS, TABLES
from trilogue_sandbox.botpress.credentials import ACCOUNT_ID, WORKSPACE_ID
from trilogue_sandbox.botpress.definition_tables import INTEGRATIONS, PLUGINS
from trilogue_sandbox.botpress.exchange import Actor, Installation, Resource, noun
from trilogue_sandbox.botpress.table_columns import SYSTEM_COLUMNS
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.table import TIMESTAMP, Row, Table
from trilogue_sandbox.kernel.timestamps import read_timestamp
from trilogue_sandbox.kernel.views import snake_case
from trilogue_sandbox.kernel.world import World

_INSTALLED = ("enabled", "webhookId", "identifier", "configurationType", "configuration", "disabledChannels")
_PLUGGED_IN = ("enabled", "configuration", "interfaces", "integrations")
_DEFINED = ("id", "name", "version", "title", "description", "visibility", "verificationStatus")


def _restore_bot(world: World, given: Fields) -> object:
    """Make the bot `bot` in the workspace `workspace` (`id` and `name`); both are made unless they are there by id.

    A bot that is there becomes as it was, and loses its tables and files. Integrations and plugins that the sandbox
    does not know are made as well, without anything in them.
    """
    bot, workspace_id = given.nested("bot"), _workspace(world, given.nested("workspace"))
    secrets = {"secrets": dict.fromkeys(bot.strings("secrets"), ""), "signing_secret": signatures.new_secret(world)}
    values = {**_columns(BOTS, bot.values), **secrets, "workspace_id": workspace_id}
    row = _changed(world, values) or bots.add(world, values)
    recurring_events.remove_all(world, row["id"])
    recurring_events.change(world, row["id"], bot.object("recurringEvents"))
    for table in (TABLES, FILES, BOT_PLUGINS, INSTALLATIONS):
        world.records.select(table, bot_id=row["id"]).remove()
    for key, installed in bot.object("integrations").items():
        _install(world, row, key, Fields.of(installed))
    for alias, plugin in bot.object("plugins").items():
        _plug_in(world, row, alias, Fields.of(plugin))
    return {"id": row["id"]}


def _workspace(world: World, workspace: Fields) -> str:
    workspace_id = workspace.string("id", WORKSPACE_ID)
    if world.records.find(WORKSPACES, id=workspace_id) is None:
        owner = world.records.get(ACCOUNTS, ACCOUNT_ID)
        workspaces.add(world, owner, id=workspace_id, name=workspace.string("name", "Restored"))
    return workspace_id


def _changed(world: World, values: Mapping[str, Any]) -> Row | None:
    row = _own(world, BOTS, values["id"], workspace_id=values["workspace_id"])
    empty = {name: None for name, column in BOTS.columns.items() if column.is_nullable}
    return row and world.records.touch(BOTS, row, **{**empty, **values})


def _install(world: World, bot: Row, key: str, installed: Fields) -> None:
    integration = _definition(world, INTEGRATIONS, bot, installed)
    alias = key if key != installed.string("id") else integration["name"].rpartition("/")[2]
    owners = {"bot_id": bot["id"], "alias": alias, "integration_id": integration["id"]}
    world.records.add(INSTALLATIONS, {**_columns(INSTALLATIONS, installed.given(*_INSTALLED)), **owners})


def _plug_in(world: World, bot: Row, alias: str, plugin: Fields) -> None:
    owners = {"bot_id": bot["id"], "alias": alias, "plugin_id": _definition(world, PLUGINS, bot, plugin)["id"]}
    world.records.add(BOT_PLUGINS, {**_columns(BOT_PLUGINS, plugin.given(*_PLUGGED_IN)), **owners})


def _definition(world: World, table: Table, bot: Row, shown: Fields) -> Row:
    """Return the integration or plugin of this id, or else of this name and version; an empty one if there is none."""
    name, version = shown.string("name"), shown.string("version")
    found = world.records.find(table, id=shown.string("id")) or world.records.find(table, name=name, version=version)
    is_deprecated = shown.optional_string("lifecycleStatus") == "deprecated"
    own = {"workspace_id": bot["workspace_id"], "is_deprecated": is_deprecated}
    return found or world.records.add(table, {**_columns(table, shown.given(*_DEFINED)), **own})


def _restore_table(world: World, given: Fields) -> object:
    """Make the table `table` of the bot `bot` unless it is there, and add `rows` with the numbers they had."""
    bot, table = _bot(world, given), given.nested("table")
    row = _own(world, TABLES, table.string("id"), bot_id=bot["id"])
    if row is None:
        made = tables.create(Actor(world, bot["id"]), table.string("name"), table)
        kept = {name: value for name, value in _columns(TABLES, table.values).items() if name in ("id", "created_at")}
        row = world.records.touch(TABLES, made, **kept)
    rows = [{"table_id": row["id"], **_row(each)} for each in given.objects("rows")]
    world.records.add_many(TABLE_ROWS, rows)
    world.records.touch(TABLES, row, last_row_id=max((row["last_row_id"], *(each["id"] for each in rows))))
    return {"rows": len(rows)}


def _row(row: Fields) -> dict[str, Any]:
    return {
        "id": row.integer("id"),
        "cells": {name: value for name, value in row.values.items() if name not in SYSTEM_COLUMNS},
        "computed": row.object("computed"),
        "stale": row.strings("stale"),
        "created_at": row.optional_timestamp("createdAt"),
    }


def _restore_file(world: World, given: Fields) -> object:
    """Make the file `file` of the bot `bot`; `content` is in base64, and missing where it never came."""
    bot, file = _bot(world, given), given.nested("file")
    _own(world, FILES, file.string("id"), bot_id="")
    content, owner = _content(given), file.nested("owner")
    is_integration = owner.optional_string("type") == "integration"
    installation = Installation("", owner.string("name", ""), owner.string("alias", "")) if is_integration else None
    user_id = owner.optional_string("id") if owner.optional_string("type") == "user" else None
    described = {**file.values, "size": len(content or b""), "expiresAt": None}
    row = files.put(Actor(world, bot["id"], installation), Fields(described), user_id)
    times = {"created_at": file.optional_timestamp("createdAt"), "expires_at": file.optional_timestamp("expiresAt")}
    row = world.records.touch(FILES, row, id=file.string("id"), **times)
    if content is not None:
        file_contents.store_checked(world, row, content)
    return {"id": row["id"]}


def _content(given: Fields) -> bytes | None:
    encoded = given.optional_string("content")
    try:
        return None if encoded is None else base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ControlError("must be base64", "content") from error


def _bot(world: World, given: Fields) -> Row:
    bot = world.records.find(BOTS, id=given.string("bot"))
    if bot is None:
        raise ControlError(f"there is no bot {given.string('bot')!r}", "bot")
    return bot


def _own(world: World, table: Table, row_id: str, **owner: str) -> Row | None:
    """Return the row with an id, if there is one; raise ControlError if it is somebody else's."""
    row = world.records.find(table, id=row_id)
    if row and any(row[name] != value for name, value in owner.items()):
        raise ControlError(f"the sandbox has another {noun(table)} with the id {row_id}")
    return row


def _columns(table: Table, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a row that the API shows as this document, but for what is null."""
    columns = {snake_case(name): value for name, value in document.items() if value is not None}
    return {
        name: read_timestamp(value) if table.columns[name].type == TIMESTAMP.type else value
        for name, value in columns.items()
        if name in table.columns
    }


RESOURCE = Resource(
    actions={"restore_bot": _restore_bot, "restore_table": _restore_table, "restore_file": _restore_file}
)
