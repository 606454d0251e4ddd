"""Knowledge bases: sets of files, which belong to one by their tags."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import documents, file_filters, tags, timestamps
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.paging import find_page
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject

_SCHEMA = """
CREATE TABLE botpress_knowledge_bases (
    id TEXT PRIMARY KEY, bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, name TEXT NOT NULL,
    tags TEXT NOT NULL, created_at INTEGER NOT NULL);
CREATE INDEX botpress_knowledge_bases_newest ON botpress_knowledge_bases (bot_id, created_at);
"""


def _list(call: Call) -> JsonObject:
    select = file_filters.matching(call.of_bot("botpress_knowledge_bases"), call.query.object("tags"))
    return find_page(call, select).show("knowledgeBases", _show_listed)


def _create(call: Call) -> JsonObject:
    knowledge_base_id = call.world.ids.prefixed("kb")
    call.store.run(
        "INSERT INTO botpress_knowledge_bases VALUES (?, ?, ?, ?, ?)",
        *(knowledge_base_id, call.bot_id, call.body.text("name"), documents.encode(call.body.object("tags")), call.now),
    )
    return {"knowledgeBase": _show(_find(call, knowledge_base_id))}


def _update(call: Call) -> JsonObject:
    row = _find(call, call.path.text("id"))
    changed = tags.merged(documents.decode_object(row["tags"]), call.body.object("tags"), removed_by=None)
    call.store.run(
        "UPDATE botpress_knowledge_bases SET name = ?, tags = ? WHERE id = ?",
        *(call.body.text("name"), documents.encode(changed), row["id"]),
    )
    return {"knowledgeBase": _show(_find(call, row["id"]))}


def _delete(call: Call) -> JsonObject:
    row = _find(call, call.path.text("id"))
    call.store.run("DELETE FROM botpress_knowledge_bases WHERE id = ?", row["id"])
    return {}


def _find(call: Call, knowledge_base_id: str) -> sqlite3.Row:
    return call.find(call.of_bot("botpress_knowledge_bases"), "knowledge base", knowledge_base_id)


def _show(row: sqlite3.Row) -> JsonObject:
    return {"id": row["id"], "name": row["name"], "tags": documents.decode_object(row["tags"])}


def _show_listed(row: sqlite3.Row) -> JsonObject:
    return {**_show(row), "createdAt": timestamps.show(row["created_at"])}


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={
        "listKnowledgeBases": _list,
        "createKnowledgeBase": _create,
        "updateKnowledgeBase": _update,
        "deleteKnowledgeBase": _delete,
    },
)
