"""Files: what is known about them. Their content is in file_contents.py."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from functools import partial

from trilogue_sandbox.botpress import (
    arguments,
    documents,
    file_access,
    file_contents,
    file_filters,
    media_types,
    rows,
    tags,
    timestamps,
    usages,
)
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.file_access import TABLE, Owner
from trilogue_sandbox.botpress.limits import MEGABYTE
from trilogue_sandbox.botpress.paging import Ordering, find_page
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.scopes import find_scope
from trilogue_sandbox.kernel.clock import from_microseconds
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_files (
    id TEXT PRIMARY KEY, bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, owner_type TEXT NOT NULL,
    owner_id TEXT, owner_name TEXT, namespace TEXT NOT NULL, key TEXT NOT NULL, content_type TEXT NOT NULL,
    declared_size INTEGER NOT NULL, size INTEGER, tags TEXT NOT NULL, metadata TEXT NOT NULL, policies TEXT NOT NULL,
    is_indexed INTEGER NOT NULL, indexing TEXT NOT NULL, indexing_stack TEXT, status TEXT NOT NULL, reason TEXT,
    is_public_at_once INTEGER NOT NULL, upload_token TEXT NOT NULL, expires_at INTEGER,
    is_expired INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    UNIQUE (bot_id, namespace, key));
CREATE INDEX botpress_files_newest ON botpress_files (bot_id, created_at);
"""

_COLUMNS = {
    "key": "item.key",
    "size": "IFNULL(item.size, -1)",
    "createdAt": "item.created_at",
    "updatedAt": "item.updated_at",
    "status": "item.status",
}
_MINUTE = 60_000_000
_LONGEST_LIFE = timedelta(days=90)
_LARGEST_INDEXED = 95 * MEGABYTE


def show(call: Call, row: sqlite3.Row) -> JsonObject:
    """Return a file as the API shows it."""
    optional: JsonObject = {
        "failedStatusReason": row["reason"],
        "expiresAt": timestamps.show_optional(row["expires_at"]),
        "indexingStack": row["indexing_stack"],
    }
    return {
        "id": row["id"],
        "botId": row["bot_id"],
        "key": row["key"],
        "url": file_contents.url(call.world, call.request.base_url, row),
        "size": row["size"],
        "contentType": row["content_type"],
        "tags": documents.decode(row["tags"]),
        "metadata": documents.decode(row["metadata"]),
        "createdAt": timestamps.show(row["created_at"]),
        "updatedAt": timestamps.show(row["updated_at"]),
        "accessPolicies": documents.decode(row["policies"]),
        "index": bool(row["is_indexed"]),
        "status": row["status"],
        "owner": _show_owner(row),
        **documents.without_nulls(optional),
    }


def _show_owner(row: sqlite3.Row) -> JsonObject:
    owner: JsonObject = {"type": row["owner_type"], "id": row["owner_id"], "name": row["owner_name"]}
    return documents.without_nulls({**owner, "alias": row["namespace"] or None})


def put(world: World, bot_id: str, owner: Owner, given: Fields) -> str:
    """Make the file of a request, or make anew the one that has its key; its content is gone. Return its id.

    Raises:
        ApiError: it is too large to be indexed, its type is none, or it expires at an impossible time.
    """
    if given.flag("index") and given.integer("size") > _LARGEST_INDEXED:
        raise ApiError("LimitExceeded", "index: a file of more than 95 MB cannot be indexed")
    values = _values(world, bot_id, owner, given)
    rows.insert_or_change(world.store, TABLE, values, ("bot_id", "namespace", "key"), kept=("id", "created_at"))
    row = world.store.one(
        "SELECT id, expires_at FROM botpress_files WHERE bot_id = ? AND namespace = ? AND key = ?",
        *(bot_id, owner.namespace, given.text("key")),
    )
    assert row is not None
    file_contents.erase(world, row["id"])
    _plan_expiry(world, row["id"], row["expires_at"])
    return str(row["id"])


def _values(world: World, bot_id: str, owner: Owner, given: Fields) -> dict[str, SqlValue]:
    """Return the row of a file without content, as the fields of a request describe it."""
    now = timestamps.now(world)
    indexing: JsonObject = {"indexing": given.value("indexing")} if "indexing" in given else {}
    policies: list[Json] = [*dict.fromkeys(given.texts("accessPolicies"))]
    return {
        "id": world.ids.prefixed("file"),
        "bot_id": bot_id,
        "owner_type": owner.type,
        "owner_id": owner.id,
        "owner_name": owner.name,
        "namespace": owner.namespace,
        "key": given.text("key"),
        "content_type": _content_type(given),
        "declared_size": given.integer("size"),
        "size": None,
        "tags": documents.encode(given.object("tags")),
        "metadata": documents.encode({**given.object("metadata"), **indexing}),
        "policies": documents.encode(policies),
        "is_indexed": given.flag("index"),
        "indexing": documents.encode(given.object("indexing")),
        "indexing_stack": None,
        "status": "upload_pending",
        "reason": None,
        "is_public_at_once": given.flag("publicContentImmediatelyAccessible"),
        "upload_token": world.ids.token(),
        "expires_at": _expires_at(world, given),
        "is_expired": False,
        "created_at": now,
        "updated_at": now,
    }


def _content_type(given: Fields) -> str:
    content_type = given.text("contentType", media_types.suggested_by(given.text("key")))
    if not media_types.is_media_type(content_type):
        raise ApiError("InvalidPayload", "contentType: must be a media type such as text/plain")
    return content_type


def _list(call: Call) -> JsonObject:
    query = call.query
    select = file_filters.matching(file_access.visible(call), query.object("tags"))
    select = select.among("id", query.optional_texts("ids")).equal("is_indexed", query.optional_flag("indexed"))
    ordering = Ordering.by(_COLUMNS[query.text("sortField", "createdAt")], query.optional_text("sortDirection"))
    return find_page(call, select, ordering).show("files", partial(show, call))


def _upsert(call: Call) -> JsonObject:
    usages.require_room(call.world, call.workspace_id, "storage_count", call.body.integer("size"))
    file_id = put(call.world, call.bot_id, file_access.owner_of(call), call.body)
    row = file_access.find(call, file_id)
    upload_url = file_contents.upload_url(call.request.base_url, row)
    return {"file": {**show(call, row), "uploadUrl": upload_url}}


def _get(call: Call) -> JsonObject:
    return {"file": show(call, file_access.find(call, call.path.text("id")))}


def _update(call: Call) -> JsonObject:
    row, given = file_access.find_own(call, call.path.text("id")), call.body
    changed = tags.merged(documents.decode_object(row["tags"]), given.object("tags"), removed_by=None)
    metadata = tags.merged(documents.decode_object(row["metadata"]), given.object("metadata"), removed_by=None)
    policies: list[Json] = [*dict.fromkeys(given.texts("accessPolicies"))]
    expires_at = _expires_at(call.world, given) if "expiresAt" in given else row["expires_at"]
    changes: dict[str, SqlValue] = {
        "tags": documents.encode(changed),
        "metadata": documents.encode(metadata),
        "policies": documents.encode(policies) if "accessPolicies" in given else row["policies"],
        "expires_at": expires_at,
        "updated_at": call.now,
    }
    rows.change(call.store, TABLE, row["id"], changes)
    _plan_expiry(call.world, row["id"], expires_at)
    return {"file": show(call, file_access.find(call, row["id"]))}


def _delete(call: Call) -> JsonObject:
    row = file_access.find_own(call, call.path.text("id"))
    call.store.run("DELETE FROM botpress_files WHERE id = ?", row["id"])
    return {}


def _copy(call: Call) -> JsonObject:
    source, key = file_access.find(call, call.path.text("idOrKey")), call.path.text("destinationKey")
    content = None if source["size"] is None else file_contents.find(call.world, source["id"])
    if content is None:
        raise ApiError("ResourceLockedConflict", "the content of the file has not come yet; try again when it has")
    there = _destination(call)
    usages.require_room(call.world, there.workspace_id, "storage_count", len(content))
    owner = file_access.owner_of(there)
    taken = there.optional(there.of_bot(TABLE).equal("namespace", owner.namespace), key, "key")
    if taken and not taken["is_expired"] and not call.body.flag("overwrite"):
        raise ApiError("AlreadyExists", f"a file has the key {key!r}; say `overwrite` to replace it")
    file_id = put(call.world, there.bot_id, owner, _as_body(source, key, len(content)))
    file_contents.store(call.world, file_id, content)
    return {"file": show(there, file_access.find(there, file_id))}


def _destination(call: Call) -> Call:
    """Return the call as it would be in the bot that gets the copy.

    Raises:
        ApiError: the caller has no right there (Forbidden).
    """
    bot_id = call.headers.optional_text("x-destination-bot-id") or call.bot_id
    headers = {**call.request.headers, "x-bot-id": bot_id}
    scope = find_scope(call.world, call.caller, headers, {"x-bot-id"})
    return call.within(scope)


def _as_body(source: sqlite3.Row, key: str, size: int) -> Fields:
    return Fields(
        {
            "key": key,
            "size": size,
            "tags": documents.decode(source["tags"]),
            "metadata": documents.decode(source["metadata"]),
            "accessPolicies": documents.decode(source["policies"]),
            "index": bool(source["is_indexed"]),
            "indexing": documents.decode(source["indexing"]),
            "contentType": source["content_type"],
        }
    )


def _expires_at(world: World, given: Fields) -> int | None:
    """Return when a file expires, to the minute.

    Raises:
        ApiError: that has passed, or is too far ahead (InvalidPayload).
    """
    moment = given.optional_moment("expiresAt")
    if moment is None:
        return None
    if not world.clock.now() < from_microseconds(moment) <= world.clock.now() + _LONGEST_LIFE:
        raise ApiError("InvalidPayload", "expiresAt: must be in the future, at most 90 days ahead")
    return moment // _MINUTE * _MINUTE


def _plan_expiry(world: World, file_id: str, expires_at: int | None) -> None:
    if expires_at is not None:
        world.timers.at(from_microseconds(expires_at), "file_expiry", {"file": file_id})


def _expire(world: World, timer: JsonObject) -> object:
    """Delete a file whose time has come, unless it was deleted or given more time."""
    file_id, now = arguments.text(timer, "file"), timestamps.now(world)
    due = "UPDATE botpress_files SET is_expired = 1 WHERE id = ? AND expires_at <= ?"
    if world.store.run(due, file_id, now):
        file_contents.erase(world, file_id)
    return {}


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={
        "listFiles": _list,
        "upsertFile": _upsert,
        "getFile": _get,
        "updateFileMetadata": _update,
        "deleteFile": _delete,
        "copyFile": _copy,
    },
    actions={"file_expiry": _expire},
)
