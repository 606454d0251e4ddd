"""Tokens: personal access tokens, bot access keys and integration access keys."""

from __future__ import annotations

from typing import Any

from trilogue_sandbox.botpress import credentials, roles
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource, TokenType, require
from trilogue_sandbox.botpress.schema import BOTS, INTEGRATIONS, TOKENS
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row
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


def _list_of_bot(exchange: Exchange) -> JsonObject:
    bot = exchange.actor.find(BOTS, exchange.query.string("botId"))
    return {"baks": _list(exchange, bot_id=bot["id"])}


def _create_for_bot(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "build")
    bot = exchange.actor.refer(BOTS, exchange.body.string("botId"))
    return _create(exchange, "bak", bot_id=bot["id"])


def _delete_of_bot(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "build")
    in_workspace = "item.bot_id IN (SELECT id FROM botpress_bots WHERE workspace_id = ?)"
    return _delete(exchange, exchange.records.select(TOKENS).where(in_workspace, exchange.workspace_id))


def _list_of_integration(exchange: Exchange) -> JsonObject:
    integration = exchange.actor.find(INTEGRATIONS, exchange.query.string("integrationId"))
    return {"iaks": _list(exchange, integration_id=integration["id"])}


def _create_for_integration(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "build")
    integration = exchange.actor.refer(INTEGRATIONS, exchange.body.string("integrationId"))
    return _create(exchange, "iak", integration_id=integration["id"])


def _delete_of_integration(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "build")
    in_workspace = "item.integration_id IN (SELECT id FROM botpress_integrations WHERE workspace_id = ?)"
    return _delete(exchange, exchange.records.select(TOKENS).where(in_workspace, exchange.workspace_id))


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
        "listBotApiKeys": _list_of_bot,
        "createBotApiKey": _create_for_bot,
        "deleteBotApiKey": _delete_of_bot,
        "listIntegrationApiKeys": _list_of_integration,
        "createIntegrationApiKey": _create_for_integration,
        "deleteIntegrationApiKey": _delete_of_integration,
    },
    default_data=_add_default_data,
)
