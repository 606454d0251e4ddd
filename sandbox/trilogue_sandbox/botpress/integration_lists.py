"""Lists of integrations: searched, filtered and sorted."""

from __future__ import annotations

from trilogue_sandbox.botpress import definitions
from trilogue_sandbox.botpress.account_tables import WORKSPACES
from trilogue_sandbox.botpress.bot_tables import INSTALLATIONS
from trilogue_sandbox.botpress.definition_tables import INTEGRATIONS
from trilogue_sandbox.botpress.exchange import Actor, Exchange
from trilogue_sandbox.botpress.pagination import order_by, paginate
from trilogue_sandbox.botpress.workspaces import OWNER_WORKSPACE
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.views import View, constant, each

_INSTALLS = "(SELECT COUNT(*) FROM botpress_installations WHERE integration_id = item.id)"
_ORDERS = {
    "popularity": f"{_INSTALLS} * 100 + item.views",
    "name": "item.name",
    "createdAt": "item.created_at",
    "updatedAt": "item.updated_at",
    "installCount": _INSTALLS,
}
"""What the platform takes for popularity is not published; here it is installations, then views of the page."""

_IMPLEMENTS = "EXISTS (SELECT 1 FROM json_each(item.interfaces) AS implemented WHERE implemented.value ->> '{}' = ?)"
_SEARCHED = (
    "item.name",
    "item.title",
    "item.description",
    "(SELECT group_concat(key, ' ') FROM json_each(item.actions))",
    "(SELECT group_concat(key, ' ') FROM json_each(item.interfaces))",
)
SUMMARY = View[Actor](
    "IntegrationSummary",
    INTEGRATIONS,
    computed={**definitions.computed(INTEGRATIONS), "matchedOn": constant(None), "ownerWorkspace": constant(None)},
)


def show_owner(actor: Actor, row: Row) -> JsonObject:
    """Return the workspace that an integration belongs to."""
    return OWNER_WORKSPACE.show_one(actor, actor.records.get(WORKSPACES, row["workspace_id"]))


def show_use(actor: Actor, row: Row) -> JsonObject:
    """Return how often an integration is installed, and how often its page in the hub was viewed."""
    return {"installs": actor.records.select(INSTALLATIONS, integration_id=row["id"]).count(), "views": row["views"]}


def list_page(exchange: Exchange, select: Select, *, with_use: bool = False) -> JsonObject:
    """Return the page of a list of integrations that the query asks for."""
    query = exchange.query
    select = _filtered(query, select.where("item.dev = ?", query.boolean("dev")))
    if text := query.optional_string("search"):
        found = " OR ".join(f"instr(lower({place}), ?) > 0" for place in _SEARCHED)
        select = select.where(found, *[text.lower()] * len(_SEARCHED))
    select = definitions.of_version(select, query.optional_string("version"))
    order = order_by(_ORDERS[query.string("sortBy", "createdAt")], query.optional_string("direction"))

    def show_listed(actor: Actor, row: Row) -> Json:
        use: JsonObject = {"meta": show_use(actor, row)} if with_use else {}
        owner: JsonObject = {"ownerWorkspace": show_owner(actor, row)}
        return {**SUMMARY.show_one(actor, row), **owner, **_matched_on(query, row), **use}

    return paginate(exchange, "integrations", select, each(show_listed), order, "limit")


def _filtered(query: Fields, select: Select) -> Select:
    select = select.equal("name", query.optional_string("name"))
    select = select.equal("verification_status", query.optional_string("verificationStatus"))
    for name, field in (("interfaceId", "id"), ("interfaceName", "name")):
        if value := query.optional_string(name):
            select = select.where(_IMPLEMENTS.format(field), value)
    if bot_id := query.optional_string("installedByBotId"):
        installed = "SELECT integration_id FROM botpress_installations WHERE bot_id = ?"
        select = select.where(f"item.id IN ({installed})", bot_id)
    return select


def _matched_on(query: Fields, row: Row) -> JsonObject:
    text = query.string("search", "").lower()
    if not text:
        return {}
    matched: JsonObject = {name: text in (row[name] or "").lower() for name in ("name", "title", "description")}
    parts: JsonObject = {
        part: [name for name in row[part] if text in name.lower()] for part in ("actions", "interfaces")
    }
    return {"matchedOn": {**matched, **parts}}
