"""Who may open a bot: everyone in its workspace, or only the users that are named.

What the platform responds to somebody who may not is not published. Here it is an error for everything that names the
bot in its path; administrators may always.
"""

from __future__ import annotations

from trilogue_sandbox.botpress import roles
from trilogue_sandbox.botpress.account_tables import MEMBERS
from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.columns import of
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Exchange, Resource, require
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import KEY, TEXT, Row, Table

_SETTINGS = Table("botpress_allowlists", {"bot_id": of("bots").key(), "setting": TEXT})
_USERS = Table(
    "botpress_allowed_users",
    {"id": KEY, "bot_id": of("bots"), "account_id": of("accounts")},
    unique_indexes=("bot_id, account_id",),
)
_EVERYONE = "ALL_WORKSPACE_USERS"


def find(exchange: Exchange, name: str = "id") -> Row:
    """Return the bot that the path names.

    Raises:
        ApiError: the workspace has none (ResourceNotFound), or the caller may not open it (Forbidden).
    """
    bot = exchange.actor.find(BOTS, exchange.path.string(name))
    is_restricted = _setting(exchange, bot) != _EVERYONE and not roles.has_right(exchange.actor.role, "administer")
    if is_restricted and exchange.account_id not in _users(exchange, bot):
        raise ApiError("Forbidden", "you are not on the list of those who may open this bot")
    return bot


def find_to_change(exchange: Exchange, name: str = "id") -> Row:
    """Return the bot that the path names, for a caller who may change it.

    Raises:
        ApiError: as `find`, and also if the caller's role does not let them build (Forbidden).
    """
    roles.require(exchange, "build")
    return find(exchange, name)


def _get(exchange: Exchange) -> JsonObject:
    bot = find(exchange, "botId")
    users: list[Json] = [{"id": account_id} for account_id in _users(exchange, bot)]
    return {"setting": _setting(exchange, bot), "users": users}


def _update(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "manage")
    bot = find(exchange, "botId")
    if setting := exchange.body.optional_string("setting"):
        exchange.records.set(_SETTINGS, {"bot_id": bot["id"], "setting": setting})
    for account_id, is_allowed in exchange.body.object("users").items():
        if is_allowed:
            members = exchange.actor.rows(MEMBERS).equal("account_id", account_id)
            require(members, "member", account_id, "account_id", "ReferenceNotFound")
            exchange.records.add_if_new(_USERS, {"bot_id": bot["id"], "account_id": account_id})
        else:
            exchange.records.select(_USERS, bot_id=bot["id"], account_id=account_id).remove()
    return {}


def _setting(exchange: Exchange, bot: Row) -> str:
    row = exchange.records.find(_SETTINGS, bot_id=bot["id"])
    return str(row["setting"]) if row else _EVERYONE


def _users(exchange: Exchange, bot: Row) -> list[str]:
    return [row["account_id"] for row in exchange.records.select(_USERS, bot_id=bot["id"]).all("ORDER BY item.id")]


RESOURCE = Resource(tables=(_SETTINGS, _USERS), operations={"getBotAllowlist": _get, "updateBotAllowlist": _update})
