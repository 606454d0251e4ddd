"""Preferences: any JSON value under a key, kept for an account or a workspace by programs that show the platform."""

from __future__ import annotations

from trilogue_sandbox.botpress import documents
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.scopes import require_member
from trilogue_sandbox.kernel.http import JsonObject

_SCHEMA = """
CREATE TABLE botpress_preferences (
    owner_id TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner_id, key));
"""


def _get_of_account(call: Call) -> JsonObject:
    return _get(call, call.account_id)


def _set_of_account(call: Call) -> JsonObject:
    return _set(call, call.account_id)


def _get_of_workspace(call: Call) -> JsonObject:
    return _get(call, _workspace_id(call))


def _set_of_workspace(call: Call) -> JsonObject:
    return _set(call, _workspace_id(call))


def _workspace_id(call: Call) -> str:
    """Return the workspace that is meant, which the API has no place for.

    It is the one of `x-workspace-id`, which the platform's own client sends with every call, or else the first one of
    the account.
    """
    if given := call.request.headers.get("x-workspace-id"):
        require_member(call.world, call.caller, given)
        return given
    row = call.store.one(
        "SELECT workspace_id FROM botpress_members WHERE account_id = ? ORDER BY rowid LIMIT 1", call.account_id
    )
    if row is None:
        raise ApiError("ResourceNotFound", "the account is in no workspace")
    return str(row["workspace_id"])


def _get(call: Call, owner_id: str) -> JsonObject:
    row = call.store.one(
        "SELECT value FROM botpress_preferences WHERE owner_id = ? AND key = ?", owner_id, call.path.text("key")
    )
    return {"value": documents.decode(row["value"]) if row else None}


def _set(call: Call, owner_id: str) -> JsonObject:
    call.store.run(
        "INSERT OR REPLACE INTO botpress_preferences VALUES (?, ?, ?)",
        *(owner_id, call.path.text("key"), documents.encode(call.body.value("value"))),
    )
    return {}


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={
        "getAccountPreference": _get_of_account,
        "setAccountPreference": _set_of_account,
        "getWorkspacePreference": _get_of_workspace,
        "setWorkspacePreference": _set_of_workspace,
    },
)
