"""What a call is about: the workspace, the bot, and the integration that its headers name."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import attrs

from trilogue_sandbox.botpress.auth import Caller
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.kernel.world import World


@attrs.frozen
class Installation:
    """An integration as it is installed in a bot under an alias."""

    integration_id: str
    name: str
    alias: str


@attrs.frozen
class Scope:
    """Where a call takes place.

    An operation of the runtime, files or tables has a `bot_id`; with an `installation` the integration makes the call,
    without one the bot. An operation that takes `x-workspace-id` has a `workspace_id`. `role` is the caller's in the
    workspace, None for the keys of bots and integrations. All are None where an operation needs no such header.
    """

    workspace_id: str | None = None
    role: str | None = None
    bot_id: str | None = None
    installation: Installation | None = None


def find_scope(world: World, caller: Caller, headers: Mapping[str, str], required: set[str]) -> Scope:
    """Return what a call is about; headers that the operation does not require or take are not looked at.

    Raises:
        ApiError: a required header is missing (Unauthorized), or leads where the caller has no right to be (Forbidden).
    """
    if "x-bot-id" in required:
        return _bot_scope(world, caller, headers)
    if "x-workspace-id" in required:
        workspace_id = _required(headers, "x-workspace-id")
        return Scope(workspace_id, require_member(world, caller, workspace_id))
    return Scope()


def require_member(world: World, caller: Caller, workspace_id: str) -> str:
    """Return the caller's role in a workspace.

    Raises:
        ApiError: they have none, or there is no such workspace: the two are not told apart (Forbidden).
    """
    row = world.store.one(
        "SELECT role FROM botpress_members WHERE workspace_id = ? AND account_id = ?", workspace_id, caller.account_id
    )
    if row is None:
        raise ApiError("Forbidden", f"this token may not act in the workspace {workspace_id}")
    return str(row["role"])


def _bot_scope(world: World, caller: Caller, headers: Mapping[str, str]) -> Scope:
    bot_id = _required(headers, "x-bot-id")
    bot = world.store.one("SELECT workspace_id FROM botpress_bots WHERE id = ?", bot_id)
    if bot is None or (caller.bot_id is not None and caller.bot_id != bot_id):
        raise ApiError("Forbidden", f"this token may not act for the bot {bot_id}")
    role = require_member(world, caller, bot["workspace_id"]) if caller.account_id else None
    return Scope(bot["workspace_id"], role, bot_id, _installation(world, caller, bot_id, headers))


def _installation(world: World, caller: Caller, bot_id: str, headers: Mapping[str, str]) -> Installation | None:
    integration_id = headers.get("x-integration-id") or caller.integration_id
    if integration_id is None:
        return None
    if caller.bot_id or (caller.integration_id and caller.integration_id != integration_id):
        raise ApiError("Forbidden", f"this token may not act for the integration {integration_id}")
    row = _find_installation(world, bot_id, integration_id, headers.get("x-integration-alias"))
    if row is None:
        raise ApiError("Forbidden", f"the integration {integration_id} is not installed in the bot {bot_id}")
    return Installation(integration_id, row["name"], row["alias"])


def _find_installation(world: World, bot_id: str, integration_id: str, alias: str | None) -> sqlite3.Row | None:
    return world.store.one(
        "SELECT installation.alias, integration.name FROM botpress_installations AS installation"
        " JOIN botpress_integrations AS integration ON integration.id = installation.integration_id"
        " WHERE installation.bot_id = ? AND installation.integration_id = ?"
        " AND installation.alias = ifnull(?, installation.alias) ORDER BY installation.rowid",
        *(bot_id, integration_id, alias),
    )


def _required(headers: Mapping[str, str], name: str) -> str:
    if not headers.get(name):
        raise ApiError("Unauthorized", f"send the header {name}")
    return headers[name]
