"""Usages and quotas: what is counted in a workspace, and how much of it may be used.

What lasts (a bot, a row of a table) counts in every period since it was created, as long as it exists; what happens (an
event, a dollar spent) counts in the period in which it happened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, TypeAlias, get_args

import attrs
import msgspec

from trilogue_sandbox.botpress import audit_records, credit_grants, limits, roles, subscriptions
from trilogue_sandbox.botpress.billing_settings import SETTINGS
from trilogue_sandbox.botpress.credentials import BOT_ID, target
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Exchange, Resource
from trilogue_sandbox.botpress.pagination import order_by, paginate
from trilogue_sandbox.botpress.periods import Period
from trilogue_sandbox.botpress.plans import ADDONS, FEATURES, PLANS, Feature
from trilogue_sandbox.botpress.schema import BOTS, MEMBERS, NUMBER, WORKSPACES, of
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.resource import counted
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import CREATED, JSON, TEXT, Row, Table, prefixed_id
from trilogue_sandbox.kernel.timestamps import format_milliseconds, spaced
from trilogue_sandbox.kernel.views import each
from trilogue_sandbox.kernel.world import World

UsageType: TypeAlias = Literal[
    "invocation_timeout",
    "invocation_calls",
    "storage_count",
    "bot_count",
    "knowledgebase_vector_storage",
    "workspace_ratelimit",
    "table_row_count",
    "workspace_member_count",
    "integrations_owned_count",
    "ai_spend",
    "openai_spend",
    "bing_search_spend",
    "always_alive",
    "indexed_file_count",
    "file_max_size_bytes",
]
USAGE_TYPES: tuple[UsageType, ...] = get_args(UsageType)
_TYPES_BY_NAME: dict[str, UsageType] = {usage_type: usage_type for usage_type in USAGE_TYPES}

Counted: TypeAlias = "UsageType | Literal['integration_spend', 'saved_versions', 'conversation_sessions']"

_USAGE_EVENTS = Table(
    "botpress_usage_events",
    {
        "id": prefixed_id("usage"),
        "bot_id": of("bots"),
        "type": TEXT,
        "value": NUMBER,
        "about": JSON,
        "created_at": CREATED,
    },
    indexes=("type, bot_id, created_at",),
)
_OF_WORKSPACES_ONLY: tuple[Counted, ...] = (
    *("bot_count", "workspace_ratelimit", "workspace_member_count", "integrations_owned_count", "file_max_size_bytes"),
)
_SPENT: tuple[Counted, ...] = ("ai_spend", "openai_spend", "bing_search_spend", "integration_spend")
_HAPPENING: tuple[Counted, ...] = (*_SPENT, "invocation_calls", "invocation_timeout", "conversation_sessions")

_COUNTED_BY_FEATURE: dict[Feature, Counted] = {
    "incoming_messages_events": "invocation_calls",
    "integration_spend": "integration_spend",
    "table_rows": "table_row_count",
    "bot_count": "bot_count",
    "collaborator_count": "workspace_member_count",
    "file_storage": "storage_count",
    "vector_db_storage": "knowledgebase_vector_storage",
    "saved_versions": "saved_versions",
    "indexed_file_count": "indexed_file_count",
    "conversation_sessions": "conversation_sessions",
    "ai_spend": "ai_spend",
}
_FEATURES: dict[Counted, Feature] = {counted: feature for feature, counted in _COUNTED_BY_FEATURE.items()}

_FIXED_QUOTAS: dict[Counted, float] = {
    "invocation_timeout": 60,
    "integrations_owned_count": 1_000,
    "openai_spend": 100,
    "bing_search_spend": 100,
    "always_alive": 10,
    "file_max_size_bytes": 1024 * 1024 * 1024,
}
"""The quotas that are the same in every plan."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ACTIVITY_TYPES = ("IntegrationAction", "FileIndexing", "BingSearch", "WebSearch")


_COLUMNS = "{row}.rowid AS rowid, {row}.created_at AS at, {value} AS value, {about} AS about"
_ID = "json_object('id', item.id)"


def _of_bots(table: str, value: str = "1", about: str = _ID, condition: str = "TRUE") -> str:
    """Return a query for the rows of a table of bots, each with a value."""
    columns = _COLUMNS.format(row="item", value=value, about=about)
    bots = "JOIN botpress_bots AS bot ON bot.id = item.bot_id"
    return (
        f"SELECT {columns}, bot.id AS bot_id, bot.workspace_id FROM botpress_{table} AS item {bots} WHERE {condition}"
    )


def _of_workspaces(table: str, bot_id: str = "NULL", condition: str = "TRUE") -> str:
    """Return a query for the rows of a table of workspaces."""
    columns = _COLUMNS.format(row="item", value="1", about=_ID)
    return f"SELECT {columns}, {bot_id} AS bot_id, item.workspace_id FROM botpress_{table} AS item WHERE {condition}"


_INDEXED = "item.status = 'indexing_completed'"
_QUERIES: dict[Counted, str] = {
    "invocation_calls": _of_bots("events"),
    "conversation_sessions": _of_bots("conversations"),
    "storage_count": _of_bots("files", "item.size", condition="item.size IS NOT NULL"),
    "knowledgebase_vector_storage": _of_bots("files", "item.size", condition=_INDEXED),
    "indexed_file_count": _of_bots("files", condition=_INDEXED),
    "saved_versions": _of_bots("bot_versions"),
    "bot_count": _of_workspaces("bots", "item.id"),
    "always_alive": _of_workspaces("bots", "item.id", "item.always_alive"),
    "workspace_member_count": _of_workspaces("members"),
    "integrations_owned_count": _of_workspaces("integrations"),
    "table_row_count": (
        "SELECT item.rowid << 31 | row.id AS rowid, row.created_at AS at, item.factor AS value,"
        " json_object('id', row.id, 'tableId', item.id) AS about, bot.id AS bot_id, bot.workspace_id"
        " FROM botpress_table_rows AS row JOIN botpress_tables AS item ON item.id = row.table_id"
        " JOIN botpress_bots AS bot ON bot.id = item.bot_id"
    ),
}
"""The rows that count: what lasts or happens is there to be counted; what is spent is recorded."""


@attrs.frozen
class Owner:
    """Whose use is meant: a workspace, or with `bot_id` one bot of it."""

    workspace_id: str
    bot_id: str | None = None

    @property
    def id(self) -> str:
        """The id of the bot or workspace."""
        return self.bot_id or self.workspace_id

    def counted(self, world: World, counted: Counted) -> Select:
        """Select what counts towards something."""
        recorded = _of_bots("usage_events", "item.value", "json(item.about)", f"item.type = '{counted}'")
        rows = Select(f"({_QUERIES.get(counted, recorded)})", store=world.store)
        return rows.equal("workspace_id", self.workspace_id).equal("bot_id", self.bot_id)


def quota(world: World, workspace_id: str, counted: Counted) -> float:
    """Return how much of something a workspace may use."""
    if counted == "workspace_ratelimit":
        return limits.limit(world, limits.REQUESTS)
    feature = _FEATURES.get(counted)
    return _FIXED_QUOTAS[counted] if feature is None else quotas(world, workspace_id)[feature]


def quotas(world: World, workspace_id: str) -> dict[Feature, float]:
    """Return the quota of each feature: that of the plan or the trial, with add-ons and credit, unless it was set."""
    subscription = subscriptions.load(world, workspace_id)
    found: dict[Feature, float] = {**PLANS[subscription.trial_plan or subscription.plan_id].features}
    for addon_id, quantity in subscription.addons.items():
        found[ADDONS[addon_id].id] += quantity * ADDONS[addon_id].increment
    select = world.records.select(SETTINGS, f"item.quotas, {credit_grants.CREDIT}", workspace_id=workspace_id)
    settings = world.store.one(select.sql(), world.now, *select.values)
    assert settings is not None
    found["integration_spend"] += settings["credit"]
    set_quotas = Fields(settings["quotas"])
    return {feature: set_quotas.number(feature, value) for feature, value in found.items()}


def require_room(world: World, workspace_id: str, counted: Counted, adding: float = 1) -> None:
    """Raise QuotaExceeded unless more of something may be used."""
    allowed = quota(world, workspace_id, counted)
    if _used(world, Owner(workspace_id), counted, Period.of(world.now)) + adding > allowed:
        raise ApiError("QuotaExceeded", f"the quota of {counted} is used up: {allowed:g} in this workspace")


def _used(world: World, owner: Owner, counted: Counted, period: Period) -> float:
    """Return how much of something was used in a period; of what lasts, what still exists."""
    select = owner.counted(world, counted).where("item.at < ?", period.end)
    if counted in _HAPPENING:
        select = select.where("item.at >= ?", period.start)
    row = attrs.evolve(select, columns="ifnull(SUM(item.value), 0) AS value").first()
    return float(row["value"]) if row else 0.0


def _get(exchange: Exchange) -> JsonObject:
    usage_type = _type(exchange)
    return {"usage": _show(exchange, _owner(exchange, usage_type), usage_type, _period(exchange))}


def _list_multiple(exchange: Exchange) -> JsonObject:
    """Return all of the types for all of the ids, which must be bots, or all workspaces."""
    owners, period = [_owner_of(exchange, owner_id) for owner_id in exchange.query.strings("ids")], _period(exchange)
    if len({owner.bot_id is None for owner in owners}) > 1:
        raise ApiError("InvalidQuery", "query/ids must all be bots, or all workspaces")
    types = [_known_type(name) for name in exchange.query.strings("types")]
    for usage_type in types:
        _require_of_bots(usage_type, owners[0])
    return {"usages": [_show(exchange, owner, usage_type, period) for owner in owners for usage_type in types]}


def _known_type(name: str) -> UsageType:
    if name not in _TYPES_BY_NAME:
        raise ApiError("InvalidQuery", f"query/types: {name!r} must be one of: {', '.join(USAGE_TYPES)}")
    return _TYPES_BY_NAME[name]


def _owner_of(exchange: Exchange, owner_id: str) -> Owner:
    bot = exchange.records.find(BOTS, id=owner_id)
    workspace_id = bot["workspace_id"] if bot else owner_id
    if not exchange.records.find(MEMBERS, workspace_id=workspace_id, account_id=exchange.account_id):
        raise ApiError("ResourceNotFound", f"no bot or workspace has the id {owner_id!r}")
    return Owner(workspace_id, bot["id"] if bot else None)


def _list_history(exchange: Exchange) -> JsonObject:
    usage_type = _type(exchange)
    return _show_history(exchange, _owner(exchange, usage_type), usage_type)


def _show_history(exchange: Exchange, owner: Owner, usage_type: UsageType) -> JsonObject:
    """Return how much of something was used in each period since the owner was created, the latest first."""
    row = exchange.records.get(BOTS if owner.bot_id else WORKSPACES, owner.id)
    periods = _periods(row["created_at"], exchange.now)
    return {"usages": [_show(exchange, owner, usage_type, period) for period in periods]}


def _periods(since: int, until: int) -> Iterator[Period]:
    period = Period.of(until)
    while period.start >= Period.of(since).start:
        yield period
        period = period.previous


def _list_activity(exchange: Exchange) -> JsonObject:
    usage_type, query = _type(exchange), exchange.query
    first, last = query.optional_timestamp("timestampFrom"), query.optional_timestamp("timestampUntil")
    select = _owner(exchange, usage_type).counted(exchange.world, usage_type).between("at", first, last)
    order = order_by("item.at", "desc")
    return paginate(exchange, "data", select, each(lambda _, row: _show_activity(row)), order)


def _show_activity(row: Row) -> JsonObject:
    return {
        "timestamp": format_milliseconds(row["at"]),
        "value": row["value"],
        "period": str(Period.of(row["at"])),
        "metadata": {"botId": row["bot_id"], **msgspec.json.decode(row["about"])},
    }


_DAYS = """(
    SELECT date(at / 1000000, 'unixepoch') AS date, item.bot_id, about ->> 'type' AS type,
        about ->> 'subtype' AS subtype, about ->> 'source' AS source, SUM(value) AS value, MIN(item.rowid) AS rowid
    FROM {table} AS item WHERE {conditions} GROUP BY 1, 2, 3, 4, 5)"""


def _list_daily(exchange: Exchange) -> JsonObject:
    usage_type = _type(exchange)
    counted = _owner(exchange, usage_type).counted(exchange.world, usage_type)
    table = _DAYS.format(table=counted.table, conditions=" AND ".join(counted.conditions))
    select = attrs.evolve(counted, table=table, conditions=())
    select = select.between("date", _date(exchange, "dateFrom"), _date(exchange, "dateUntil"))
    return paginate(exchange, "data", select, each(lambda _, row: _show_day(row)), order_by("item.date", "desc"))


def _date(exchange: Exchange, name: str) -> str | None:
    text = exchange.query.optional_string(name)
    if text is not None and not _DATE.match(text):
        raise ApiError("InvalidQuery", f"query/{name} must be a day such as 2026-01-31")
    return text and text[:10]


def _show_day(row: Row) -> JsonObject:
    about: JsonObject = {name: row[name] for name in ("type", "subtype", "source") if row[name] is not None}
    shown: JsonObject = {"metadata": {"botId": row["bot_id"], **about}} if row["type"] else {}
    key = ":".join(map(str, filter(None, (row["bot_id"], *about.values())))) or "workspace"
    return {"key": key, "date": row["date"], "value": row["value"], **shown}


def _list_of_workspace(exchange: Exchange) -> JsonObject:
    owner, usage_type = _workspace(exchange), _type(exchange)
    if "period" in exchange.query:
        return {"usages": [_show(exchange, owner, usage_type, _period(exchange))]}
    return _show_history(exchange, owner, usage_type)


def _break_down(exchange: Exchange) -> JsonObject:
    owner, usage_type, period = _workspace(exchange), _type(exchange), _period(exchange)
    rows = exchange.records.select(BOTS, workspace_id=owner.workspace_id).all("ORDER BY item.rowid")
    bots = [Owner(owner.workspace_id, row["id"]) for row in rows]
    return {"data": [{"botId": bot.id, "value": _used(exchange.world, bot, usage_type, period)} for bot in bots]}


def _get_quota(exchange: Exchange) -> JsonObject:
    return {"quota": _show_quota(exchange, _workspace(exchange), _type(exchange))}


def _list_quotas(exchange: Exchange) -> JsonObject:
    owner = _workspace(exchange)
    return {"quotas": [_show_quota(exchange, owner, usage_type) for usage_type in USAGE_TYPES]}


def _list_completions(exchange: Exchange) -> JsonObject:
    """Return, for each workspace of the account, the quota that is used up the most."""
    period, completions = Period.of(exchange.now), dict[str, Json]()
    for row in exchange.records.select(MEMBERS, account_id=exchange.account_id).all("ORDER BY item.rowid"):
        owner = Owner(row["workspace_id"])
        parts = {usage_type: _used_part(exchange.world, owner, usage_type, period) for usage_type in USAGE_TYPES}
        fullest = max(parts, key=lambda usage_type: parts[usage_type])
        completions[owner.id] = {"type": fullest, "completion": parts[fullest]}
    return completions


def _used_part(world: World, owner: Owner, usage_type: UsageType, period: Period) -> float:
    allowed, used = quota(world, owner.workspace_id, usage_type), _used(world, owner, usage_type, period)
    return used / allowed if allowed else float(used > 0)


def _set_ai_spend_quota(exchange: Exchange) -> JsonObject:
    roles.require(exchange, "administer")
    roles.require_paid_by(exchange.actor)
    limit = exchange.body.number("monthlySpendingLimit")
    if limit < 0:
        raise ApiError("InvalidPayload", "body/monthlySpendingLimit must not be below 0")
    _set(exchange.world, exchange.workspace_id, "ai_spend", limit)
    workspace = exchange.records.get(WORKSPACES, exchange.workspace_id)
    audit_records.record(exchange, "SET_AI_SPENDING_LIMIT", workspace, f"{limit:g}")
    return {}


def _get_quotas(exchange: Exchange) -> JsonObject:
    return dict(quotas(exchange.world, exchange.workspace_id).items())


def _get_use_of_feature(exchange: Exchange) -> JsonObject:
    return _use_by_feature(exchange)[exchange.query.string("feature")]


def _list_use_by_feature(exchange: Exchange) -> JsonObject:
    return {"quotas": dict(_use_by_feature(exchange).items())}


def _use_by_feature(exchange: Exchange) -> dict[str, JsonObject]:
    period, owner = Period.read(exchange.query.string("period")), Owner(exchange.workspace_id)
    return {
        feature: {"usage": _used(exchange.world, owner, _COUNTED_BY_FEATURE[feature], period), "quota": allowed}
        for feature, allowed in quotas(exchange.world, exchange.workspace_id).items()
    }


def _type(exchange: Exchange) -> UsageType:
    return exchange.query.choice("type", USAGE_TYPES)


def _period(exchange: Exchange) -> Period:
    text = exchange.query.optional_string("period")
    return Period.of(exchange.now) if text is None else Period.read(text)


def _owner(exchange: Exchange, usage_type: UsageType) -> Owner:
    """Return the bot, or the workspace, that the path names."""
    owner_id = exchange.path.string("id")
    if owner_id == exchange.workspace_id:
        return Owner(owner_id)
    if not exchange.actor.rows(BOTS).equal("id", owner_id).exists():
        raise ApiError("ResourceNotFound", f"no bot or workspace has the id {owner_id!r}")
    owner = Owner(exchange.workspace_id, owner_id)
    _require_of_bots(usage_type, owner)
    return owner


def _require_of_bots(usage_type: UsageType, owner: Owner) -> None:
    if owner.bot_id and usage_type in _OF_WORKSPACES_ONLY:
        raise ApiError("InvalidQuery", f"{usage_type} counts for workspaces; give the id of one")


def _workspace(exchange: Exchange) -> Owner:
    workspace_id = exchange.path.string("id")
    roles.require_member(exchange.actor, workspace_id)
    return Owner(workspace_id)


def _show(exchange: Exchange, owner: Owner, usage_type: UsageType, period: Period) -> Json:
    return {
        "id": owner.id,
        "period": str(period),
        "value": _used(exchange.world, owner, usage_type, period),
        "quota": quota(exchange.world, owner.workspace_id, usage_type),
        "type": usage_type,
    }


def _show_quota(exchange: Exchange, owner: Owner, usage_type: UsageType) -> JsonObject:
    value = quota(exchange.world, owner.workspace_id, usage_type)
    return {"period": str(_period(exchange)), "value": value, "type": usage_type}


def _record(world: World, given: Fields) -> object:
    """Record that `bot` has used `cents` of money for `type`, through an `activity` of a `source`."""
    about: JsonObject = {
        "type": given.choice("activity", _ACTIVITY_TYPES, "IntegrationAction"),
        "source": given.string("source", "sandbox"),
    }
    counted: Counted = given.choice("type", (*_SPENT, "invocation_timeout"), "ai_spend")
    usage = {"type": counted, "value": given.integer("cents") / 100, "about": about}
    world.records.add(_USAGE_EVENTS, {"bot_id": target(world, given, BOTS), **usage})
    return {}


def _set_quota(world: World, given: Fields) -> object:
    """Set the quota of a `feature` of the workspace `workspace` to `value`, whatever its plan gives."""
    feature, value = given.choice("feature", FEATURES), given.integer("value")
    _set(world, target(world, given, WORKSPACES), feature, value)
    return {}


def _set(world: World, workspace_id: str, feature: Feature, value: float) -> None:
    row = world.records.get(SETTINGS, workspace_id)
    world.records.change(SETTINGS, row, quotas={**row["quotas"], feature: value})


def _seed(world: World, number: int) -> None:
    """Record as many cents spent on language models as the number says, a second apart."""
    about = {"type": "IntegrationAction", "source": "openai"}
    usage = {"bot_id": BOT_ID, "type": "ai_spend", "value": 0.01, "about": about}
    rows = [{**usage, "created_at": at} for at in spaced(world.now, number)]
    world.records.add_many(_USAGE_EVENTS, rows)


def _add_default_data(world: World) -> None:
    about = {"type": "IntegrationAction", "subtype": "generateContent", "source": "openai"}
    world.records.add(_USAGE_EVENTS, {"bot_id": BOT_ID, "type": "ai_spend", "value": 0.25, "about": about})


RESOURCE = Resource(
    tables=(_USAGE_EVENTS,),
    operations={
        "getUsage": _get,
        "getMultipleUsages": _list_multiple,
        "listUsageHistory": _list_history,
        "listUsageActivity": _list_activity,
        "listUsageActivityDaily": _list_daily,
        "listWorkspaceUsages": _list_of_workspace,
        "breakDownWorkspaceUsageByBot": _break_down,
        "getWorkspaceQuota": _get_quota,
        "listWorkspaceQuotas": _list_quotas,
        "getAllWorkspaceQuotaCompletion": _list_completions,
        "changeAISpendQuota": _set_ai_spend_quota,
        "getQuotas": _get_quotas,
        "getWorkspaceUsage": _get_use_of_feature,
        "getWorkspaceUsages": _list_use_by_feature,
    },
    actions={"record_usage": _record, "set_quota": _set_quota},
    seeders={"usage": counted(_seed)},
    default_data=_add_default_data,
)
