"""Files: what is known about them. Their content is in file_contents.py."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from trilogue_sandbox.botpress import file_contents, tags, usages
from trilogue_sandbox.botpress.admission import actor_in_bot
from trilogue_sandbox.botpress.content_tables import FILES
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource
from trilogue_sandbox.botpress.file_access import find, find_own, namespace, visible
from trilogue_sandbox.botpress.limits import MEGABYTE
from trilogue_sandbox.botpress.pagination import order_by, paginate
from trilogue_sandbox.kernel.clock import from_microseconds
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import MINUTE
from trilogue_sandbox.kernel.views import View, each
from trilogue_sandbox.kernel.world import World

_ORDERS = {
    "key": "item.key",
    "size": "IFNULL(item.size, -1)",
    "createdAt": "item.created_at",
    "updatedAt": "item.updated_at",
    "status": "item.status",
}
_LONGEST_LIFE = timedelta(days=90)
_LARGEST_INDEXED = 95 * MEGABYTE
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(;[ -~]*)?", re.ASCII)
_OFFICE = "application/vnd.openxmlformats-officedocument"
_MEDIA_TYPES = {
    "css": "text/css",
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "gif": "image/gif",
    "gz": "application/gzip",
    "htm": "text/html",
    "html": "text/html",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "text/javascript",
    "json": "application/json",
    "md": "text/markdown",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "ogg": "audio/ogg",
    "pdf": "application/pdf",
    "png": "image/png",
    "pptx": f"{_OFFICE}.presentationml.presentation",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "wav": "audio/wav",
    "webp": "image/webp",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "xml": "application/xml",
    "zip": "application/zip",
}


def _owner(_: Actor, row: Row) -> Json:
    owner: JsonObject = {"type": row["owner_type"], "id": row["owner_id"], "name": row["owner_name"]}
    return {name: value for name, value in {**owner, "alias": row["namespace"] or None}.items() if value is not None}


_FILE = View[Actor](
    "File",
    FILES,
    computed={
        "url": each(lambda actor, row: file_contents.url(actor.world, actor.base_url, row)),
        "owner": each(_owner),
    },
    columns={"index": "is_indexed"},
)


def put(actor: Actor, given: Fields, user_id: str | None = None) -> Row:
    """Create the file of a request, or replace the one that has its key, without content; return its row.

    It belongs to the integration, the user who is named, or the bot.
    """
    if given.boolean("index") and given.integer("size") > _LARGEST_INDEXED:
        raise ApiError("LimitExceeded", "index: a file of more than 95 MB cannot be indexed")
    values = {**_values(actor.world, given), **_owner_values(actor, user_id)}
    key = {"bot_id": actor.bot_id, "namespace": namespace(actor), "key": given.string("key")}
    before = actor.records.find(FILES, **key)
    if before:
        file_contents.erase(actor.world, before["id"])
        row = actor.records.touch(FILES, before, **values)
    else:
        row = actor.records.add(FILES, {**key, **values})
    _schedule_expiry(actor.world, row)
    return row


def _values(world: World, given: Fields) -> dict[str, Any]:
    """Return the values of a file without content, as the fields of a request describe it."""
    indexing: JsonObject = {"indexing": given.value("indexing")} if "indexing" in given else {}
    return {
        "content_type": _content_type(given),
        "declared_size": given.integer("size"),
        "size": None,
        "tags": given.object("tags"),
        "metadata": {**given.object("metadata"), **indexing},
        "access_policies": _policies(given),
        "is_indexed": given.boolean("index"),
        "indexing": given.object("indexing"),
        "indexing_stack": None,
        "status": "upload_pending",
        "failed_status_reason": None,
        "is_public_at_once": given.boolean("publicContentImmediatelyAccessible"),
        "upload_token": world.ids.token(),
        "expires_at": _expires_at(world, given),
        "is_expired": False,
    }


def _owner_values(actor: Actor, user_id: str | None) -> JsonObject:
    if actor.installation:
        return {"owner_type": "integration", "owner_id": None, "owner_name": actor.installation.name}
    if user_id:
        return {"owner_type": "user", "owner_id": user_id, "owner_name": None}
    return {"owner_type": "bot", "owner_id": actor.bot_id, "owner_name": None}


def _content_type(given: Fields) -> str:
    ending = given.string("key").rpartition(".")[2].lower()
    content_type = given.string("contentType", _MEDIA_TYPES.get(ending, "application/octet-stream"))
    if not _MEDIA_TYPE.fullmatch(content_type):
        raise ApiError("InvalidPayload", "contentType: must be a media type such as text/plain")
    return content_type


def _policies(given: Fields) -> list[str]:
    return [*dict.fromkeys(given.strings("accessPolicies"))]


def _expires_at(world: World, given: Fields) -> int | None:
    """Return when a file expires, to the minute; raise InvalidPayload if that has passed, or is too far ahead."""
    timestamp = given.optional_timestamp("expiresAt")
    if timestamp is None:
        return None
    if not world.clock.now() < from_microseconds(timestamp) <= world.clock.now() + _LONGEST_LIFE:
        raise ApiError("InvalidPayload", "expiresAt: must be in the future, at most 90 days ahead")
    return timestamp // MINUTE * MINUTE


def _schedule_expiry(world: World, row: Row) -> None:
    if row["expires_at"] is not None:
        world.schedule(row["expires_at"], "file_expiry", file=row["id"])


def _list(exchange: Exchange) -> JsonObject:
    query = exchange.query
    select = tags.matching(visible(exchange.actor), query.object("tags"))
    select = select.among("id", query.optional_strings("ids")).equal("is_indexed", query.optional_boolean("indexed"))
    order = order_by(_ORDERS[query.string("sortField", "createdAt")], query.optional_string("sortDirection"))
    return paginate(exchange, "files", select, _FILE.show, order)


def _upsert(exchange: Exchange) -> JsonObject:
    usages.require_room(exchange.world, exchange.workspace_id, "storage_count", exchange.body.integer("size"))
    row = put(exchange.actor, exchange.body, exchange.headers.optional_string("x-user-id"))
    upload_url = file_contents.upload_url(exchange.request.base_url, row)
    return {"file": {**_FILE.show_one(exchange.actor, row), "uploadUrl": upload_url}}


def _get(exchange: Exchange) -> JsonObject:
    row = find(exchange.actor, exchange.path.string("id"))
    return {"file": _FILE.show_one(exchange.actor, row)}


def _update(exchange: Exchange) -> JsonObject:
    row, given = find_own(exchange.actor, exchange.path.string("id")), exchange.body
    changes = {
        "tags": tags.merged(row["tags"], given.object("tags"), removed_by=(None,)),
        "metadata": tags.merged(row["metadata"], given.object("metadata"), removed_by=(None,)),
        "access_policies": _policies(given) if "accessPolicies" in given else row["access_policies"],
        "expires_at": _expires_at(exchange.world, given) if "expiresAt" in given else row["expires_at"],
    }
    changed = exchange.records.touch(FILES, row, **changes)
    _schedule_expiry(exchange.world, changed)
    return {"file": _FILE.show_one(exchange.actor, changed)}


def _delete(exchange: Exchange) -> JsonObject:
    exchange.records.remove(FILES, find_own(exchange.actor, exchange.path.string("id")))
    return {}


def _copy(exchange: Exchange) -> JsonObject:
    source, key = find(exchange.actor, exchange.path.string("idOrKey")), exchange.path.string("destinationKey")
    content = None if source["size"] is None else file_contents.find(exchange.world, source["id"])
    if content is None:
        raise ApiError("ResourceLockedConflict", "the content of the file has not come yet; try again when it has")
    there = actor_in_bot(exchange, exchange.headers.string("x-destination-bot-id", exchange.bot_id))
    usages.require_room(exchange.world, there.workspace_id, "storage_count", len(content))
    taken = there.rows(FILES).equal("namespace", namespace(there)).equal("key", key).first()
    if taken and not taken["is_expired"] and not exchange.body.boolean("overwrite"):
        raise ApiError("AlreadyExists", f"a file has the key {key!r}; say `overwrite` to replace it")
    body = _as_body(source, key, len(content))
    row = put(there, body, exchange.headers.optional_string("x-user-id"))
    return {"file": _FILE.show_one(there, file_contents.store_checked(exchange.world, row, content))}


def _as_body(source: Row, key: str, size: int) -> Fields:
    return Fields(
        {
            "key": key,
            "size": size,
            "tags": source["tags"],
            "metadata": source["metadata"],
            "accessPolicies": source["access_policies"],
            "index": source["is_indexed"],
            "indexing": source["indexing"],
            "contentType": source["content_type"],
        }
    )


def _list_tags(exchange: Exchange) -> JsonObject:
    return paginate(exchange, "tags", tags.keys_of(visible(exchange.actor)), tags.show_values, tags.BY_VALUE)


def _list_tag_values(exchange: Exchange) -> JsonObject:
    select = tags.values_of(visible(exchange.actor), exchange.path.string("tag"))
    return paginate(exchange, "values", select, tags.show_values, tags.BY_VALUE)


def _expire(world: World, given: Fields) -> object:
    """Let a file expire, unless it was deleted or given more time."""
    file_id = given.string("file")
    due = world.records.select(FILES, id=file_id).where("item.expires_at <= ?", world.now)
    if due.change("is_expired = TRUE"):
        file_contents.erase(world, file_id)
    return {}


RESOURCE = Resource(
    tables=(FILES,),
    operations={
        "listFiles": _list,
        "upsertFile": _upsert,
        "getFile": _get,
        "updateFileMetadata": _update,
        "deleteFile": _delete,
        "copyFile": _copy,
        "listFileTags": _list_tags,
        "listFileTagValues": _list_tag_values,
    },
    jobs={"file_expiry": _expire},
)
