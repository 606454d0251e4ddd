"""Lists of integrations, in the workspace and in the hub: their filters, their search and their orders."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from trilogue_sandbox.botpress import definition_access, documents, summaries, workspaces
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.paging import Ordering, find_page
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select

INSTALLS = "(SELECT COUNT(*) FROM botpress_installations WHERE integration_id = item.id)"
VIEWS = "ifnull((SELECT views FROM botpress_hub_views WHERE integration_id = item.id), 0)"

_ORDERS = {
    "popularity": f"{INSTALLS} * 100 + {VIEWS}",
    "name": "item.name",
    "createdAt": "item.created_at",
    "updatedAt": "item.updated_at",
    "installCount": INSTALLS,
}
"""What the platform takes for popularity is not published; here it is installations, then views of the page."""

_IMPLEMENTS = (
    "EXISTS (SELECT 1 FROM json_each(item.document, '$.interfaces') AS implemented"
    " WHERE implemented.value ->> '{}' = ?)"
)
_STATUS = "ifnull(json_extract(item.document, '$.verificationStatus'), 'unapproved')"


def _nothing(_: sqlite3.Row) -> JsonObject:
    return {}


def find_page_of(call: Call, select: Select, show_more: Callable[[sqlite3.Row], JsonObject] = _nothing) -> JsonObject:
    """Return the page of a list of integrations that the query asks for; `show_more` adds to each of them."""
    query = call.query
    select = _filtered(call, select.where("ifnull(json_extract(item.document, '$.dev'), 0) = ?", query.flag("dev")))
    if text := query.optional_text("search"):
        select = _searched(select, text.lower())
    select = definition_access.of_version(call.store, select, query.optional_text("version"))
    ordering = Ordering.by(_ORDERS[query.text("sortBy", "createdAt")], query.optional_text("direction"))
    page = find_page(call, select, ordering, query.optional_integer("pageSize") or query.optional_integer("limit"))
    return page.show("integrations", lambda row: {**_show(call, row), **show_more(row)})


def _filtered(call: Call, select: Select) -> Select:
    query = call.query
    select = select.equal("name", query.optional_text("name"))
    for name, field in (("interfaceId", "id"), ("interfaceName", "name")):
        if value := query.optional_text(name):
            select = select.where(_IMPLEMENTS.format(field), value)
    if bot_id := query.optional_text("installedByBotId"):
        installed = "SELECT integration_id FROM botpress_installations WHERE bot_id = ?"
        select = select.where(f"item.id IN ({installed})", bot_id)
    if status := query.optional_text("verificationStatus"):
        select = select.where(f"{_STATUS} = ?", status)
    return select


def _searched(select: Select, text: str) -> Select:
    """Return the integrations with a text in their name, title, description, actions or interfaces."""
    places = ["item.name", "item.document ->> 'title'", "item.document ->> 'description'"]
    found = [f"instr(lower({place}), ?) > 0" for place in places]
    for part in ("actions", "interfaces"):
        keys = f"SELECT 1 FROM json_each(item.document, '$.{part}') WHERE instr(lower(key), ?) > 0"
        found.append(f"EXISTS ({keys})")
    return select.where(" OR ".join(found), *[text] * len(found))


def _show(call: Call, row: sqlite3.Row) -> JsonObject:
    fields = Fields(documents.decode_object(row["document"]))
    return {
        **summaries.show(call, "integration", row),
        "ownerWorkspace": workspaces.show_owner(call.world, row["workspace_id"]),
        "attributes": fields.object("attributes"),
        **_matched_on(call, row, fields),
    }


def _matched_on(call: Call, row: sqlite3.Row, fields: Fields) -> JsonObject:
    text = call.query.text("search", "").lower()
    if not text:
        return {}
    parts: JsonObject = {part: _matching(fields.object(part), text) for part in ("actions", "interfaces")}
    in_texts: JsonObject = {name: text in fields.text(name, "").lower() for name in ("title", "description")}
    return {"matchedOn": {"name": text in row["name"].lower(), **in_texts, **parts}}


def _matching(parts: JsonObject, text: str) -> list[Json]:
    return [name for name in parts if text in name.lower()]
