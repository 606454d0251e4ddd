"""Knowledge bases: sets of files, which belong to one by their tags."""

from __future__ import annotations

from trilogue_sandbox.botpress import tags
from trilogue_sandbox.botpress.columns import of
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource
from trilogue_sandbox.botpress.pagination import paginate
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import CREATED, JSON, TEXT, Row, Table, prefixed_id
from trilogue_sandbox.kernel.views import View

KNOWLEDGE_BASES = Table(
    "botpress_knowledge_bases",
    {"id": prefixed_id("kb"), "bot_id": of("bots"), "name": TEXT, "tags": JSON, "created_at": CREATED},
    indexes=("bot_id, created_at",),
)
_KNOWLEDGE_BASE = View[Actor]("KnowledgeBase", KNOWLEDGE_BASES)
_LISTED = View[Actor]("ListedKnowledgeBase", KNOWLEDGE_BASES)


def _list(exchange: Exchange) -> JsonObject:
    select = tags.matching(exchange.actor.rows(KNOWLEDGE_BASES), exchange.query.object("tags"))
    return paginate(exchange, "knowledgeBases", select, _LISTED.show)


def _create(exchange: Exchange) -> JsonObject:
    described = {"name": exchange.body.string("name"), "tags": exchange.body.object("tags")}
    return _show(exchange, exchange.records.add(KNOWLEDGE_BASES, {"bot_id": exchange.bot_id, **described}))


def _update(exchange: Exchange) -> JsonObject:
    row = _find(exchange)
    changed = tags.merged(row["tags"], exchange.body.object("tags"), removed_by=(None,))
    name = exchange.body.string("name")
    return _show(exchange, exchange.records.change(KNOWLEDGE_BASES, row, name=name, tags=changed))


def _delete(exchange: Exchange) -> JsonObject:
    exchange.records.remove(KNOWLEDGE_BASES, _find(exchange))
    return {}


def _find(exchange: Exchange) -> Row:
    return exchange.actor.find(KNOWLEDGE_BASES, exchange.path.string("id"))


def _show(exchange: Exchange, row: Row) -> JsonObject:
    return {"knowledgeBase": _KNOWLEDGE_BASE.show_one(exchange.actor, row)}


RESOURCE = Resource(
    tables=(KNOWLEDGE_BASES,),
    operations={
        "listKnowledgeBases": _list,
        "createKnowledgeBase": _create,
        "updateKnowledgeBase": _update,
        "deleteKnowledgeBase": _delete,
    },
)
