"""Personal access tokens: keys that may do whatever their account may."""

from __future__ import annotations

from trilogue_sandbox.botpress import api_keys
from trilogue_sandbox.botpress.auth import TokenOwner
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject


def _list(call: Call) -> JsonObject:
    return {"pats": api_keys.list_all(call, "account_id", call.account_id)}


def _create(call: Call) -> JsonObject:
    return {"pat": api_keys.create(call, "pat", TokenOwner(account_id=call.account_id))}


def _delete(call: Call) -> JsonObject:
    return api_keys.delete(call, api_keys.of_kind("pat").equal("account_id", call.account_id))


RESOURCE = Resource(
    handlers={
        "listPersonalAccessTokens": _list,
        "createPersonalAccessToken": _create,
        "deletePersonalAccessToken": _delete,
    }
)
