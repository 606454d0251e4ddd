"""Counts that a bot keeps of its own."""

from __future__ import annotations

from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject

_SCHEMA = """
CREATE TABLE botpress_analytics (
    id INTEGER PRIMARY KEY, bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, name TEXT NOT NULL,
    count INTEGER NOT NULL, created_at INTEGER NOT NULL);
CREATE INDEX botpress_analytics_by_time ON botpress_analytics (bot_id, created_at);
"""


def _track(call: Call) -> JsonObject:
    call.store.run(
        "INSERT INTO botpress_analytics (bot_id, name, count, created_at) VALUES (?, ?, ?, ?)",
        *(call.bot_id, call.body.text("name"), call.body.integer("count"), call.now),
    )
    return {}


RESOURCE = Resource(schema=_SCHEMA, handlers={"trackAnalytics": _track})
