"""Passages of files: how indexing splits a file into them, reading and setting them, and searching.

Simulated: a text is split at its empty lines, and passages are found by the words they share with the query.
Languages, models, vision and summaries play no part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import attrs

from trilogue_sandbox.botpress import magic_inputs, tags, texts
from trilogue_sandbox.botpress.columns import of
from trilogue_sandbox.botpress.content_tables import FILES
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource
from trilogue_sandbox.botpress.file_access import find, find_own, visible
from trilogue_sandbox.botpress.pagination import PAGE_SIZE, order_by, paginate
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import INTEGER, TEXT, UUID, Row, Table
from trilogue_sandbox.kernel.views import View, each
from trilogue_sandbox.kernel.world import World

_PASSAGES = Table(
    "botpress_passages",
    {
        "id": UUID,
        "file_id": of("files"),
        "position": INTEGER,
        "content": TEXT,
        "subtype": TEXT.default("paragraph"),
        "page_number": INTEGER.nullable(),
    },
    unique_indexes=("file_id, position",),
)
_INDEXING_TIME = timedelta(milliseconds=20)
_LONGEST_PASSAGE = 1000
_TITLES = ("title", "subtitle")


def _meta(row: Row) -> JsonObject:
    page: JsonObject = {} if row["page_number"] is None else {"pageNumber": row["page_number"]}
    return {"type": "chunk", "subtype": row["subtype"], **page, "position": row["position"]}


_PASSAGE = View[Actor]("FilePassage", _PASSAGES, computed={"meta": each(lambda _, row: _meta(row))})
_FOUND_FILE = View[Actor]("FoundFile", FILES)


def schedule_indexing(world: World, file_id: str) -> None:
    """Let a file that is `indexing_pending` be indexed from its content."""
    world.timers.after(_INDEXING_TIME, "file_indexed", {"file": file_id, "split": True})


def forget(world: World, file_id: str) -> None:
    """Delete the passages of a file."""
    world.records.select(_PASSAGES, file_id=file_id).remove()


def _replace(world: World, file_id: str, passages: Iterable[dict[str, Any]]) -> None:
    forget(world, file_id)
    numbered = ({"file_id": file_id, "position": position, **each} for position, each in enumerate(passages))
    world.records.add_many(_PASSAGES, numbered)


def _become_indexed(world: World, given: Fields) -> object:
    """Index a file, unless it was deleted or replaced."""
    row = world.records.find(FILES, id=given.string("file"), status="indexing_pending")
    if row is None or magic_inputs.STAYS_PENDING in row["key"]:
        return {}
    reason = _split(world, row) if given.boolean("split") else None
    status, stack = ("indexing_failed", None) if reason else ("indexing_completed", "v2")
    world.records.touch(FILES, row, status=status, failed_status_reason=reason, indexing_stack=stack)
    return {}


def _split(world: World, row: Row) -> str | None:
    """Split the content of a file into passages; return why that cannot be done, or None."""
    if magic_inputs.FAILS in row["key"]:
        return f"the key of the file contains {magic_inputs.FAILS}"
    media_type = row["content_type"].partition(";")[0].strip().lower()
    if media_type not in texts.READABLE:
        return f"files of the type {media_type} cannot be indexed"
    content = world.store.one("SELECT content FROM botpress_file_contents WHERE file_id = ?", row["id"])
    assert content is not None
    chunking = Fields(row["indexing"]).nested("configuration").nested("chunking")
    longest = chunking.integer("maximumChunkLength", _LONGEST_PASSAGE)
    pieces = texts.split(texts.readable_text(media_type, bytes(content["content"])), longest)
    _replace(world, row["id"], ({"content": text, "subtype": subtype, "page_number": None} for text, subtype in pieces))
    return None


def _list(exchange: Exchange) -> JsonObject:
    row = find(exchange.actor, exchange.path.string("id"))
    select = exchange.records.select(_PASSAGES, file_id=row["id"])
    return paginate(exchange, "passages", select, _PASSAGE.show, order_by("item.position", "asc"), "limit")


def _set(exchange: Exchange) -> JsonObject:
    """Replace the passages of a file; the new ones can be found a little later."""
    row = find_own(exchange.actor, exchange.path.string("id"))
    if row["size"] is None:
        raise ApiError("ResourceLockedConflict", "the content of the file has not come yet; try again when it has")
    passages = [
        {
            "content": given.string("content"),
            "subtype": given.string("type", "paragraph"),
            "page_number": given.optional_integer("pageNumber"),
        }
        for given in exchange.body.objects("passages")
    ]
    _replace(exchange.world, row["id"], passages)
    values = {"is_indexed": True, "status": "indexing_pending", "failed_status_reason": None}
    exchange.records.touch(FILES, row, **values)
    exchange.world.timers.after(_INDEXING_TIME, "file_indexed", {"file": row["id"], "split": False})
    return {}


@attrs.frozen
class _Found:
    """A passage that fits a query, its file and all the file's passages."""

    score: float
    passage: Row
    file: Row
    passages: Sequence[Row]

    @property
    def titles(self) -> list[str]:
        """The title and the subtitle above the passage."""
        above: dict[str, str] = {}
        for row in self.passages[: self.passage["position"]]:
            if row["subtype"] == "title":
                above = {"title": row["content"]}
            elif row["subtype"] == "subtitle":
                above["subtitle"] = row["content"]
        return [above[subtype] for subtype in _TITLES if subtype in above]


def _search(exchange: Exchange) -> JsonObject:
    """Find passages. `contextDepth` is taken to be 0 unless given; the texts of the platform disagree on it."""
    found = sorted(_fitting(exchange), key=lambda item: -item.score)
    shown = (_merge if exchange.query.boolean("consolidate") else _show_each)(exchange, found)
    return {"passages": shown[: exchange.query.integer("limit", PAGE_SIZE)]}


def _fitting(exchange: Exchange) -> Iterator[_Found]:
    select = tags.matching(visible(exchange.actor), exchange.query.object("tags"))
    select = select.where("item.is_indexed AND item.status = 'indexing_completed'")
    for file in select.all("ORDER BY item.created_at, item.rowid"):
        passages = exchange.records.select(_PASSAGES, file_id=file["id"]).all("ORDER BY item.position")
        for passage in passages:
            if score := texts.likeness(exchange.query.string("query"), passage["content"]):
                yield _Found(score, passage, file, passages)


def _show_each(exchange: Exchange, found: Sequence[_Found]) -> list[Json]:
    return [_show(exchange, item) for item in found]


def _show(exchange: Exchange, found: _Found) -> Json:
    depth, position = exchange.query.integer("contextDepth", 0), found.passage["position"]
    around = found.passages[max(0, position - depth) : position + depth + 1]
    titles = found.titles if exchange.query.boolean("includeBreadcrumb") else []
    shown: JsonObject = {
        "content": "\n\n".join([*titles, *(row["content"] for row in around)]),
        "score": found.score,
        "meta": _meta(found.passage),
        "file": _FOUND_FILE.show_one(exchange.actor, found.file),
    }
    if exchange.query.boolean("withContext"):
        breadcrumbs: list[Json] = [{"text": title, "type": "breadcrumb"} for title in titles]
        context = [*breadcrumbs, *(_show_context(row, position) for row in around)]
        shown |= {"content": found.passage["content"], "context": context}
    return shown


def _show_context(row: Row, position: int) -> Json:
    offset = row["position"] - position
    context_type = "current" if offset == 0 else "preceding" if offset < 0 else "subsequent"
    return {"id": row["id"], "text": row["content"], "offset": offset, "type": context_type}


def _merge(exchange: Exchange, found: Sequence[_Found]) -> list[Json]:
    """Merge the passages of each file, in the order of the best one of each."""
    by_file: dict[str, list[_Found]] = {}
    for item in found:
        by_file.setdefault(item.file["id"], []).append(item)
    return [_show_merged(exchange, items) for items in by_file.values()]


def _show_merged(exchange: Exchange, items: Sequence[_Found]) -> Json:
    in_order = sorted(items, key=lambda item: item.passage["position"])
    return {
        "content": "\n\n".join(item.passage["content"] for item in in_order),
        "score": items[0].score,
        "meta": {"type": "consolidated"},
        "file": _FOUND_FILE.show_one(exchange.actor, items[0].file),
    }


RESOURCE = Resource(
    tables=(_PASSAGES,),
    operations={"listFilePassages": _list, "setFilePassages": _set, "searchFiles": _search},
    jobs={"file_indexed": _become_indexed},
)
