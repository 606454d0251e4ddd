"""Indexing: files are cut into passages, by which they can be searched.

Simulated: a text is cut at its empty lines. Languages, models, vision and summaries play no part.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import timedelta

import attrs

from trilogue_sandbox.botpress import arguments, documents, texts, timestamps
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_passages (
    id TEXT PRIMARY KEY, file_id TEXT NOT NULL REFERENCES botpress_files ON DELETE CASCADE, position INTEGER NOT NULL,
    content TEXT NOT NULL, kind TEXT NOT NULL, page_number INTEGER, UNIQUE (file_id, position));
"""

_INDEXING_TIME = timedelta(milliseconds=20)
_LONGEST_PASSAGE = 1000


@attrs.frozen
class Passage:
    """A passage to put into a file."""

    content: str
    kind: str
    page_number: int | None = None


def plan(world: World, file_id: str) -> None:
    """Let a file that is `indexing_pending` be indexed from its content."""
    world.timers.after(_INDEXING_TIME, "file_indexed", {"file": file_id, "cut": True})


def set_passages(world: World, file_id: str, passages: Iterable[Passage]) -> None:
    """Put these passages in the place of all the file had; they can be found a little later."""
    forget(world, file_id)
    _add(world, file_id, passages)
    world.store.run(
        "UPDATE botpress_files SET is_indexed = 1, status = 'indexing_pending', reason = NULL, updated_at = ?"
        " WHERE id = ?",
        *(timestamps.now(world), file_id),
    )
    world.timers.after(_INDEXING_TIME, "file_indexed", {"file": file_id, "cut": False})


def forget(world: World, file_id: str) -> None:
    """Delete the passages of a file."""
    world.store.run("DELETE FROM botpress_passages WHERE file_id = ?", file_id)


def _become_indexed(world: World, timer: JsonObject) -> object:
    """Index a file, unless it was deleted or made anew."""
    file_id = arguments.text(timer, "file")
    row = world.store.one(
        "SELECT item.*, stored.content FROM botpress_files AS item"
        " LEFT JOIN botpress_file_contents AS stored ON stored.file_id = item.id WHERE item.id = ?",
        file_id,
    )
    if row is None or row["status"] != "indexing_pending":
        return {}
    reason = _cut(world, row) if timer["cut"] else None
    status, stack = ("indexing_failed", None) if reason else ("indexing_completed", "v2")
    world.store.run(
        "UPDATE botpress_files SET status = ?, reason = ?, indexing_stack = ?, updated_at = ? WHERE id = ?",
        *(status, reason, stack, timestamps.now(world), file_id),
    )
    return {}


def _cut(world: World, row: sqlite3.Row) -> str | None:
    """Cut the content of a file into passages; return why that cannot be done, or None."""
    media_type = row["content_type"].partition(";")[0].strip().lower()
    if media_type not in texts.READABLE:
        return f"files of the type {media_type} cannot be indexed"
    text = texts.readable_text(media_type, bytes(row["content"]))
    chunking = Fields(documents.decode_object(row["indexing"])).below("configuration").below("chunking")
    found = texts.pieces(text, chunking.integer("maximumChunkLength", _LONGEST_PASSAGE))
    forget(world, row["id"])
    _add(world, row["id"], (Passage(piece.text, piece.kind) for piece in found))
    return None


def _add(world: World, file_id: str, passages: Iterable[Passage]) -> None:
    world.store.run_many(
        "INSERT INTO botpress_passages VALUES (?, ?, ?, ?, ?, ?)",
        (
            (world.ids.uuid4(), file_id, position, passage.content, passage.kind, passage.page_number)
            for position, passage in enumerate(passages)
        ),
    )


RESOURCE = Resource(schema=_SCHEMA, actions={"file_indexed": _become_indexed})
