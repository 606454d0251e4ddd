"""The values that a tag has taken."""

from __future__ import annotations

from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.paging import Ordering, find_page
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.tags import values_of
from trilogue_sandbox.kernel.http import JsonObject

_TABLES = {"user": "botpress_users", "conversation": "botpress_conversations", "message": "botpress_messages"}


def _list(call: Call) -> JsonObject:
    key = call.actor.kept(call.path.text("key"))
    select = values_of(call.of_bot(_TABLES[call.query.text("type")]), key)
    return find_page(call, select, Ordering("item.value", is_descending=False)).show(
        "tags", lambda row: {"value": row["value"]}
    )


RESOURCE = Resource(handlers={"listTagValues": _list})
