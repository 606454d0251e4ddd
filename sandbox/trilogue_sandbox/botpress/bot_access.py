"""Who may open a bot: everyone in its workspace, or only the users that are named.

What the platform refuses to somebody who may not is not published. Here it is everything that names the bot in its
path, and administrators may always.
"""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import roles
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import Json, JsonObject

_SCHEMA = """
CREATE TABLE botpress_allowlists (
    bot_id TEXT PRIMARY KEY REFERENCES botpress_bots ON DELETE CASCADE, setting TEXT NOT NULL);
CREATE TABLE botpress_allowed_users (
    bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES botpress_accounts ON DELETE CASCADE, PRIMARY KEY (bot_id, account_id));
"""

_EVERYONE = "ALL_WORKSPACE_USERS"


def find(call: Call, name: str = "id") -> sqlite3.Row:
    """Return the bot that the path names.

    Raises:
        ApiError: the workspace has none (ResourceNotFound), or the caller may not open it (Forbidden).
    """
    bot = call.find(call.of_workspace("botpress_bots"), "bot", call.path.text(name))
    is_restricted = _setting(call, bot["id"]) != _EVERYONE and not roles.has_right(call.scope.role, "administer")
    if is_restricted and call.account_id not in _users(call, bot["id"]):
        raise ApiError("Forbidden", "you are not on the list of those who may open this bot")
    return bot


def find_to_change(call: Call, name: str = "id") -> sqlite3.Row:
    """Return the bot that the path names, for a caller who may change it.

    Raises:
        ApiError: as `find`, and also if the caller's role does not let them build (Forbidden).
    """
    roles.require(call, "build")
    return find(call, name)


def _get(call: Call) -> JsonObject:
    bot = find(call, "botId")
    users: list[Json] = [{"id": account_id} for account_id in _users(call, bot["id"])]
    return {"setting": _setting(call, bot["id"]), "users": users}


def _update(call: Call) -> JsonObject:
    roles.require(call, "manage")
    bot = find(call, "botId")
    if setting := call.body.optional_text("setting"):
        call.store.run("INSERT OR REPLACE INTO botpress_allowlists VALUES (?, ?)", bot["id"], setting)
    for account_id, is_allowed in call.body.object("users").items():
        if is_allowed:
            call.refer(call.of_workspace("botpress_members"), "member", account_id, "account_id")
            sql = "INSERT OR IGNORE INTO botpress_allowed_users VALUES (?, ?)"
        else:
            sql = "DELETE FROM botpress_allowed_users WHERE bot_id = ? AND account_id = ?"
        call.store.run(sql, bot["id"], account_id)
    return {}


def _setting(call: Call, bot_id: str) -> str:
    row = call.store.one("SELECT setting FROM botpress_allowlists WHERE bot_id = ?", bot_id)
    return str(row["setting"]) if row else _EVERYONE


def _users(call: Call, bot_id: str) -> list[str]:
    sql = "SELECT account_id FROM botpress_allowed_users WHERE bot_id = ? ORDER BY rowid"
    return [row["account_id"] for row in call.store.all(sql, bot_id)]


RESOURCE = Resource(schema=_SCHEMA, handlers={"getBotAllowlist": _get, "updateBotAllowlist": _update})
