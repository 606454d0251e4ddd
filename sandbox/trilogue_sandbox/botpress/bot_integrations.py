"""Links by which people try an integration of a bot in a shared sandbox, and the conversations that came of them.

There is no shared channel here. The control action `link_sandboxed_conversation` says that a conversation came of one.
"""

from __future__ import annotations

import sqlite3
from datetime import timedelta

from trilogue_sandbox.botpress import arguments, bot_access, installing, targets
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.clock import to_microseconds
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_shareable_ids (
    bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, alias TEXT NOT NULL,
    shareable_id TEXT NOT NULL UNIQUE, expires_at INTEGER NOT NULL, PRIMARY KEY (bot_id, alias));
CREATE TABLE botpress_sandboxed_conversations (
    bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, alias TEXT NOT NULL,
    conversation_id TEXT NOT NULL REFERENCES botpress_conversations ON DELETE CASCADE,
    PRIMARY KEY (bot_id, alias, conversation_id));
"""

_LIFETIME = timedelta(days=1)
_ADJECTIVES = ("brave", "calm", "clever", "eager", "gentle", "happy", "quick", "sunny")
_ANIMALS = ("badger", "falcon", "heron", "lynx", "marten", "otter", "robin", "stoat")


def _create(call: Call) -> JsonObject:
    """Make a new id; the one that was there stops working. Ids work for a day, a span the platform does not publish."""
    row = _installation(call)
    draws = call.world.random
    words = f"{draws.choice(_ADJECTIVES)}-{draws.choice(_ANIMALS)}"
    shareable_id = f"{words}-{call.world.ids.token(6, '0123456789')}"
    call.store.run(
        "INSERT OR REPLACE INTO botpress_shareable_ids VALUES (?, ?, ?, ?)",
        *(row["bot_id"], row["alias"], shareable_id, to_microseconds(call.world.clock.now() + _LIFETIME)),
    )
    return {"shareableId": shareable_id}


def _get(call: Call) -> JsonObject:
    row = _find(call)
    return {"shareableId": row["shareable_id"], "isExpired": row["expires_at"] <= call.now}


def _delete(call: Call) -> JsonObject:
    call.store.run("DELETE FROM botpress_shareable_ids WHERE shareable_id = ?", _find(call)["shareable_id"])
    return {}


def _find(call: Call) -> sqlite3.Row:
    row = _installation(call)
    found = call.store.one(
        "SELECT * FROM botpress_shareable_ids WHERE bot_id = ? AND alias = ?", row["bot_id"], row["alias"]
    )
    if found is None:
        raise ApiError("ResourceNotFound", f"the installation {row['alias']} has no shareable id")
    return found


def _unlink(call: Call) -> JsonObject:
    row = _installation(call)
    call.store.run(
        "DELETE FROM botpress_sandboxed_conversations WHERE bot_id = ? AND alias = ?", row["bot_id"], row["alias"]
    )
    return {}


def _installation(call: Call) -> sqlite3.Row:
    bot = bot_access.find(call, "botId") if call.request.method == "GET" else bot_access.find_to_change(call, "botId")
    alias = call.query.optional_text("integrationInstanceAlias")
    return installing.find_installed(call, bot["id"], call.path.text("integrationId"), alias)


def _link(world: World, given: JsonObject) -> object:
    """Say that `conversation` of `bot` came through the sandbox of the integration `alias`; return all that did."""
    bot_id, alias = targets.bot(world, given), arguments.text(given, "alias", "telegram")
    if "conversation" in given:
        _add_link(world, bot_id, alias, arguments.text(given, "conversation"))
    rows = world.store.all(
        "SELECT conversation_id FROM botpress_sandboxed_conversations WHERE bot_id = ? AND alias = ?", bot_id, alias
    )
    return {"conversations": [row["conversation_id"] for row in rows]}


def _add_link(world: World, bot_id: str, alias: str, conversation_id: str) -> None:
    sql = "SELECT 1 FROM botpress_conversations WHERE id = ? AND bot_id = ? AND alias = ?"
    if not world.store.one(sql, conversation_id, bot_id, alias):
        raise ControlError(f"the bot has no conversation {conversation_id!r} in {alias}", "conversation")
    world.store.run(
        "INSERT OR IGNORE INTO botpress_sandboxed_conversations VALUES (?, ?, ?)", bot_id, alias, conversation_id
    )


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={
        "createIntegrationShareableId": _create,
        "getIntegrationShareableId": _get,
        "deleteIntegrationShareableId": _delete,
        "unlinkSandboxedConversations": _unlink,
    },
    actions={"link_sandboxed_conversation": _link},
)
