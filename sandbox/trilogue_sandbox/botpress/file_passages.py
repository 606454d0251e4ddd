"""Passages of files: reading and setting them, and searching through them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

import attrs

from trilogue_sandbox.botpress import documents, file_access, file_filters, indexing, texts, timestamps
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.paging import PAGE_SIZE, Ordering, find_page
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select

_FIRST_FIRST = Ordering("item.position", is_descending=False)
_TITLES = ("title", "subtitle")


def _list(call: Call) -> JsonObject:
    row = file_access.find(call, call.path.text("id"))
    size = call.query.integer("pageSize", call.query.integer("limit", PAGE_SIZE))
    select = Select("botpress_passages").equal("file_id", row["id"])
    return find_page(call, select, _FIRST_FIRST, size).show("passages", _show)


def _set(call: Call) -> JsonObject:
    row = file_access.find_own(call, call.path.text("id"))
    if row["size"] is None:
        raise ApiError("ResourceLockedConflict", "the content of the file has not come yet; try again when it has")
    passages = (
        indexing.Passage(given.text("content"), given.text("type", "paragraph"), given.optional_integer("pageNumber"))
        for given in call.body.objects("passages")
    )
    indexing.set_passages(call.world, row["id"], passages)
    return {}


def _show(row: sqlite3.Row) -> JsonObject:
    return {"id": row["id"], "content": row["content"], "meta": _show_place(row)}


def _show_place(row: sqlite3.Row) -> JsonObject:
    place: JsonObject = {"pageNumber": row["page_number"], "position": row["position"]}
    return {"type": "chunk", "subtype": row["kind"], **documents.without_nulls(place)}


@attrs.frozen
class _Found:
    """A passage that fits a question, the file it stands in and all the file's passages."""

    score: float
    passage: sqlite3.Row
    file: sqlite3.Row
    passages: Sequence[sqlite3.Row]


def _search(call: Call) -> JsonObject:
    """Find passages by the words they share with the question.

    `contextDepth` is taken to be 0 unless given; the texts of the platform disagree on it.
    """
    found = sorted(_fitting(call), key=lambda item: -item.score)
    limit = call.query.integer("limit", PAGE_SIZE)
    shown = _consolidated(found) if call.query.flag("consolidate") else [_show_found(call, item) for item in found]
    return {"passages": shown[:limit]}


def _fitting(call: Call) -> Iterable[_Found]:
    question = call.query.text("query")
    select = file_filters.matching(file_access.visible(call), call.query.object("tags"))
    select = select.where("item.is_indexed AND item.status = 'indexing_completed'")
    for file in call.store.all(select.sql("ORDER BY item.created_at, item.rowid"), *select.values):
        passages = call.store.all("SELECT * FROM botpress_passages WHERE file_id = ? ORDER BY position", file["id"])
        for passage in passages:
            if score := texts.likeness(question, passage["content"]):
                yield _Found(score, passage, file, passages)


def _show_found(call: Call, found: _Found) -> Json:
    depth, place = call.query.integer("contextDepth", 0), found.passage["position"]
    around = found.passages[max(0, place - depth) : place + depth + 1]
    titles = _titles_above(found) if call.query.flag("includeBreadcrumb") else []
    whole = "\n\n".join([*titles, *(row["content"] for row in around)])
    shown: JsonObject = {
        "content": whole,
        "score": found.score,
        "meta": _show_place(found.passage),
        "file": _show_file(found.file),
    }
    if call.query.flag("withContext"):
        context = [*(_show_title(title) for title in titles), *(_show_context(row, place) for row in around)]
        shown |= {"content": found.passage["content"], "context": context}
    return shown


def _consolidated(found: Iterable[_Found]) -> list[Json]:
    """Put the passages of each file together, in the order of the best one of each."""
    by_file: dict[str, list[_Found]] = {}
    for item in found:
        by_file.setdefault(item.file["id"], []).append(item)
    return [_show_together(items) for items in by_file.values()]


def _show_together(items: Sequence[_Found]) -> Json:
    in_order = sorted(items, key=lambda item: item.passage["position"])
    content = "\n\n".join(item.passage["content"] for item in in_order)
    best = items[0]
    return {
        "content": content,
        "score": best.score,
        "meta": {"type": "consolidated"},
        "file": _show_file(best.file),
    }


def _titles_above(found: _Found) -> list[str]:
    """Return the title and the subtitle under which a passage stands."""
    above: dict[str, str] = {}
    for row in found.passages[: found.passage["position"]]:
        if row["kind"] == "title":
            above = {"title": row["content"]}
        elif row["kind"] == "subtitle":
            above["subtitle"] = row["content"]
    return [above[kind] for kind in _TITLES if kind in above]


def _show_title(title: str) -> Json:
    return {"text": title, "type": "breadcrumb"}


def _show_context(row: sqlite3.Row, place: int) -> Json:
    offset = row["position"] - place
    kind = "current" if offset == 0 else "preceding" if offset < 0 else "subsequent"
    return {"id": row["id"], "text": row["content"], "offset": offset, "type": kind}


def _show_file(row: sqlite3.Row) -> JsonObject:
    return {
        "id": row["id"],
        "key": row["key"],
        "contentType": row["content_type"],
        "metadata": documents.decode(row["metadata"]),
        "tags": documents.decode(row["tags"]),
        "createdAt": timestamps.show(row["created_at"]),
        "updatedAt": timestamps.show(row["updated_at"]),
    }


RESOURCE = Resource(handlers={"listFilePassages": _list, "setFilePassages": _set, "searchFiles": _search})
