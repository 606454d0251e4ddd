"""Preferences: any JSON value under a key, kept for an account or a workspace by programs that show the platform."""

from __future__ import annotations

from trilogue_sandbox.botpress import roles
from trilogue_sandbox.botpress.account_tables import MEMBERS
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Exchange, Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import JSON, TEXT, Table

PREFERENCES = Table("botpress_preferences", {"owner_id": TEXT, "key": TEXT, "value": JSON}, primary_key="owner_id, key")


def _get_of_account(exchange: Exchange) -> JsonObject:
    return _get(exchange, exchange.account_id)


def _set_of_account(exchange: Exchange) -> JsonObject:
    return _set(exchange, exchange.account_id)


def _get_of_workspace(exchange: Exchange) -> JsonObject:
    return _get(exchange, _workspace_id(exchange))


def _set_of_workspace(exchange: Exchange) -> JsonObject:
    return _set(exchange, _workspace_id(exchange))


def _workspace_id(exchange: Exchange) -> str:
    """Return the workspace that is meant, which the API has no parameter for.

    It is the one of `x-workspace-id`, which the platform's own client sends with every request, or else the first one
    of the account.
    """
    if given := exchange.request.headers.get("x-workspace-id"):
        roles.require_member(exchange.actor, given)
        return given
    row = exchange.records.select(MEMBERS, account_id=exchange.account_id).first("ORDER BY item.rowid")
    if row is None:
        raise ApiError("ResourceNotFound", "the account is in no workspace")
    return str(row["workspace_id"])


def _get(exchange: Exchange, owner_id: str) -> JsonObject:
    row = exchange.records.find(PREFERENCES, owner_id=owner_id, key=exchange.path.string("key"))
    return {"value": row["value"] if row else None}


def _set(exchange: Exchange, owner_id: str) -> JsonObject:
    value = {"owner_id": owner_id, "key": exchange.path.string("key"), "value": exchange.body.value("value")}
    exchange.records.set(PREFERENCES, value)
    return {}


RESOURCE = Resource(
    tables=(PREFERENCES,),
    operations={
        "getAccountPreference": _get_of_account,
        "setAccountPreference": _set_of_account,
        "getWorkspacePreference": _get_of_workspace,
        "setWorkspacePreference": _set_of_workspace,
    },
)
