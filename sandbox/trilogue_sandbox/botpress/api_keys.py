"""Tokens: personal access tokens, bot access keys and integration access keys."""

from __future__ import annotations

from typing import Any

import attrs

from trilogue_sandbox.botpress import credentials, roles
from trilogue_sandbox.botpress.account_tables import TOKENS
from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.definition_tables import INTEGRATIONS
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource, TokenType, require
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.kernel.views import View
from trilogue_sandbox.kernel.world import World

_KEY = View[Actor]("ApiKey", TOKENS)


def add(world: World, token_type: TokenType, token: str | None = None, **values: Any) -> Row:
    """Add a token of an account, a bot or an integration (`account_id`, `bot_id`, `integration_id`); return its row."""
    secret = token or f"bp_{token_type}_{world.ids.token(36)}"
    row_id = world.ids.prefixed(token_type)
    return world.records.add(TOKENS, {"id": row_id, "type": token_type, "token": secret, **values})


def _list(exchange: Exchange, **owner: str) -> list[Json]:
    rows = exchange.records.select(TOKENS, **owner).all("ORDER BY item.created_at DESC, item.rowid DESC")
    return [*_KEY.show(exchange.actor, rows)]


def _create(exchange: Exchange, token_type: TokenType, **owner: str) -> JsonObject:
    row = add(exchange.world, token_type, note=exchange.body.string("note", ""), **owner)
    return {**_KEY.show_one(exchange.actor, row), "value": row["token"]}


def _delete(exchange: Exchange, tokens: Select) -> JsonObject:
    key_id = exchange.path.string("id")
    exchange.records.remove(TOKENS, require(tokens.equal("id", key_id), "key", key_id))
    return {}


def _list_of_account(exchange: Exchange) -> JsonObject:
    return {"pats": _list(exchange, account_id=exchange.account_id)}


def _create_for_account(exchange: Exchange) -> JsonObject:
    return {"pat": _create(exchange, "pat", account_id=exchange.account_id)}


def _delete_of_account(exchange: Exchange) -> JsonObject:
    return _delete(exchange, exchange.records.select(TOKENS, account_id=exchange.account_id))


@attrs.frozen
class _Keys:
    """Handlers for the keys of bots or integrations of the workspace."""

    type: TokenType
    table: Table
    owner: str

    def list(self, exchange: Exchange) -> JsonObject:
        """Return the keys of the one that the query names."""
        row = exchange.actor.find(self.table, exchange.query.string(f"{self.owner}Id"))
        return {f"{self.type}s": _list(exchange, **{f"{self.owner}_id": row["id"]})}

    def create(self, exchange: Exchange) -> JsonObject:
        """Create a key of the one that the body names."""
        roles.require(exchange, "build")
        row = exchange.actor.refer(self.table, exchange.body.string(f"{self.owner}Id"))
        return _create(exchange, self.type, **{f"{self.owner}_id": row["id"]})

    def delete(self, exchange: Exchange) -> JsonObject:
        """Delete a key."""
        roles.require(exchange, "build")
        in_workspace = f"item.{self.owner}_id IN (SELECT id FROM {self.table.name} WHERE workspace_id = ?)"
        return _delete(exchange, exchange.records.select(TOKENS).where(in_workspace, exchange.workspace_id))


_OF_BOTS = _Keys("bak", BOTS, "bot")
_OF_INTEGRATIONS = _Keys("iak", INTEGRATIONS, "integration")


def _add_default_data(world: World) -> None:
    add(world, "pat", credentials.PAT, note="sandbox", account_id=credentials.ACCOUNT_ID)
    add(world, "pat", credentials.STRANGER_PAT, note="sandbox", account_id=credentials.STRANGER_ID)
    add(world, "bak", credentials.BAK, note="sandbox", bot_id=credentials.BOT_ID)
    add(world, "iak", credentials.IAK, note="sandbox", integration_id=credentials.INTEGRATION_ID)


RESOURCE = Resource(
    tables=(TOKENS,),
    operations={
        "listPersonalAccessTokens": _list_of_account,
        "createPersonalAccessToken": _create_for_account,
        "deletePersonalAccessToken": _delete_of_account,
        "listBotApiKeys": _OF_BOTS.list,
        "createBotApiKey": _OF_BOTS.create,
        "deleteBotApiKey": _OF_BOTS.delete,
        "listIntegrationApiKeys": _OF_INTEGRATIONS.list,
        "createIntegrationApiKey": _OF_INTEGRATIONS.create,
        "deleteIntegrationApiKey": _OF_INTEGRATIONS.delete,
    },
    default_data=_add_default_data,
)
