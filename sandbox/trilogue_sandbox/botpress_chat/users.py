"""Users: those who talk to the bot."""

from __future__ import annotations

import re
from typing import Any

from trilogue_sandbox.botpress_chat import user_keys
from trilogue_sandbox.botpress_chat.caller import Caller, Exchange, Resource
from trilogue_sandbox.botpress_chat.errors import ApiError
from trilogue_sandbox.botpress_chat.schema import USERS
from trilogue_sandbox.botpress_chat.settings import settings
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.kernel.views import View

USER = View[Caller]("User", USERS)

_CHOSEN_ID = re.compile(r"[a-zA-Z0-9_\-\\/]+")
_LONGEST_ID = 70


def require_choosable(id: str) -> None:
    """Refuse an id that a caller cannot choose.

    Raises:
        ApiError: it is too long, or has other characters (InvalidPayload).
    """
    if len(id) > _LONGEST_ID:
        raise ApiError("InvalidPayload", f"Fid length exceeds the maximum allowed length of {_LONGEST_ID}")
    if not _CHOSEN_ID.fullmatch(id):
        raise ApiError("InvalidPayload", "Fid contains invalid characters")


def _create(exchange: Exchange) -> Response:
    integration = settings(exchange.world)
    if integration["is_personal"]:
        message = 'The "createUser" operation can only be called when using the shared encryption key.'
        raise ApiError("Unauthorized", message)
    chosen = exchange.body.optional_string("id")
    if chosen is not None and exchange.records.find(USERS, id=chosen):
        raise ApiError("AlreadyExists", f"User with id {chosen} already exists")
    row = exchange.records.add(USERS, _given(exchange.body) | ({} if chosen is None else {"id": chosen}))
    key = user_keys.make(row["id"], integration["encryption_key"])
    return Response.json({"user": USER.show_one(exchange.context, row), "key": key}, 201)


def _get_or_create(exchange: Exchange) -> Response:
    user_id, given = exchange.context.user_id, _given(exchange.body)
    row = exchange.records.find(USERS, id=user_id)
    if row is None:
        require_choosable(user_id)
        row = exchange.records.add(USERS, {"id": user_id, **given})
    else:
        row = exchange.records.touch(USERS, row, **given)
    return Response.json({"user": USER.show_one(exchange.context, row)}, 201)


def _get(exchange: Exchange) -> JsonObject:
    return {"user": USER.show_one(exchange.context, exchange.context.user())}


def _update(exchange: Exchange) -> JsonObject:
    row = exchange.records.touch(USERS, exchange.context.user(), **_given(exchange.body))
    return {"user": USER.show_one(exchange.context, row)}


def _delete(exchange: Exchange) -> JsonObject:
    exchange.records.remove(USERS, exchange.context.user())
    return {}


def _given(body: Fields) -> dict[str, Any]:
    named = {"name": "name", "picture_url": "pictureUrl", "profile": "profile"}
    return {column: body.string(name, "") for column, name in named.items() if name in body}


RESOURCE = Resource(
    tables=(USERS,),
    operations={
        "createUser": _create,
        "getOrCreateUser": _get_or_create,
        "getUser": _get,
        "updateUser": _update,
        "deleteUser": _delete,
    },
)
