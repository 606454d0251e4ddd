"""The tags that files have."""

from __future__ import annotations

from trilogue_sandbox.botpress import file_access, tags
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.paging import Ordering, find_page
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject

_BY_VALUE = Ordering("item.value", is_descending=False)


def _list(call: Call) -> JsonObject:
    select = tags.keys_of(file_access.visible(call))
    return find_page(call, select, _BY_VALUE).show("tags", lambda row: row["value"])


def _list_values(call: Call) -> JsonObject:
    select = tags.values_of(file_access.visible(call), call.path.text("tag"))
    return find_page(call, select, _BY_VALUE).show("values", lambda row: row["value"])


RESOURCE = Resource(handlers={"listFileTags": _list, "listFileTagValues": _list_values})
