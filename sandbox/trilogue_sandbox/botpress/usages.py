"""Usages and quotas: what is counted in a workspace, and how much of it may be used.

Everything that counts is one row of a view, whatever it is: a bot, a row of a table, a dollar spent. What lasts counts
in every period since it was created, as long as it exists; what happens counts in the period in which it happened.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Literal, TypeAlias, get_args

import attrs

from trilogue_sandbox.botpress import (
    arguments,
    audit,
    billing_block,
    billing_settings,
    credit_grants,
    documents,
    limits,
    making,
    roles,
    subscriptions,
    targets,
    timestamps,
    trials,
)
from trilogue_sandbox.botpress.audit import Subject
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.paging import Ordering, find_page
from trilogue_sandbox.botpress.periods import Period
from trilogue_sandbox.botpress.plans import ADDONS, FEATURES, PLANS, Feature
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.scopes import require_member
from trilogue_sandbox.botpress.seeding import BOT_ID
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
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

Counted: TypeAlias = "UsageType | Literal['integration_spend', 'saved_versions', 'conversation_sessions']"

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

_SCHEMA = """
CREATE TABLE botpress_usage_events (
    id TEXT PRIMARY KEY, bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, type TEXT NOT NULL,
    value REAL NOT NULL, about TEXT NOT NULL, created_at INTEGER NOT NULL);
CREATE INDEX botpress_usage_events_by_type ON botpress_usage_events (type, bot_id, created_at);
DROP VIEW IF EXISTS botpress_counted;
CREATE VIEW botpress_counted (type, bot_id, workspace_id, at, value, about, rowid) AS
SELECT item.type, bot_id, workspace_id, item.created_at, value, about, item.rowid
    FROM botpress_usage_events AS item JOIN botpress_bots AS bot ON bot.id = bot_id
UNION ALL SELECT 'invocation_calls', bot_id, workspace_id, item.created_at, 1, json_object('id', item.id), item.rowid
    FROM botpress_events AS item JOIN botpress_bots AS bot ON bot.id = bot_id
UNION ALL SELECT 'conversation_sessions', bot_id, workspace_id, item.created_at, 1, json_object('id', item.id),
    item.rowid
    FROM botpress_conversations AS item JOIN botpress_bots AS bot ON bot.id = bot_id
UNION ALL SELECT 'storage_count', bot_id, workspace_id, item.created_at, size, json_object('id', item.id), item.rowid
    FROM botpress_files AS item JOIN botpress_bots AS bot ON bot.id = bot_id WHERE size IS NOT NULL
UNION ALL SELECT 'knowledgebase_vector_storage', bot_id, workspace_id, item.created_at, size,
    json_object('id', item.id), item.rowid
    FROM botpress_files AS item JOIN botpress_bots AS bot ON bot.id = bot_id WHERE status = 'indexing_completed'
UNION ALL SELECT 'indexed_file_count', bot_id, workspace_id, item.created_at, 1, json_object('id', item.id), item.rowid
    FROM botpress_files AS item JOIN botpress_bots AS bot ON bot.id = bot_id WHERE status = 'indexing_completed'
UNION ALL SELECT 'table_row_count', kept.bot_id, workspace_id, item.created_at, kept.factor,
    json_object('id', item.id, 'tableId', kept.id), item.rowid
    FROM botpress_table_rows AS item JOIN botpress_tables AS kept ON kept.id = item.table_id
    JOIN botpress_bots AS bot ON bot.id = kept.bot_id
UNION ALL SELECT 'saved_versions', bot_id, workspace_id, item.created_at, 1, json_object('id', item.id), item.rowid
    FROM botpress_bot_versions AS item JOIN botpress_bots AS bot ON bot.id = bot_id
UNION ALL SELECT 'bot_count', id, workspace_id, created_at, 1, json_object('id', id), rowid FROM botpress_bots
UNION ALL SELECT 'always_alive', id, workspace_id, created_at, 1, json_object('id', id), rowid
    FROM botpress_bots WHERE json_extract(document, '$.alwaysAlive')
UNION ALL SELECT 'workspace_member_count', NULL, workspace_id, created_at, 1, json_object('id', id), rowid
    FROM botpress_members
UNION ALL SELECT 'integrations_owned_count', NULL, workspace_id, created_at, 1, json_object('id', id), rowid
    FROM botpress_integrations;
"""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ACTIVITY_TYPES = ("IntegrationAction", "FileIndexing", "BingSearch", "WebSearch")


@attrs.frozen
class Owner:
    """Whose use is meant: a workspace, or with `bot_id` one bot of it."""

    workspace_id: str
    bot_id: str | None = None

    @property
    def id(self) -> str:
        """The id of the bot or workspace."""
        return self.bot_id or self.workspace_id

    def counted(self, counted: Counted) -> Select:
        """Select what counts towards something."""
        rows = Select("botpress_counted").equal("type", counted).equal("workspace_id", self.workspace_id)
        return rows.equal("bot_id", self.bot_id)


def quota(world: World, workspace_id: str, counted: Counted) -> float:
    """Return how much of something a workspace may use."""
    if counted == "workspace_ratelimit":
        return limits.limit(world, limits.REQUESTS)
    feature = _FEATURES.get(counted)
    return _FIXED_QUOTAS[counted] if feature is None else quotas(world, workspace_id)[feature]


def quotas(world: World, workspace_id: str) -> dict[Feature, float]:
    """Return the quota of each feature: that of the plan or the trial, with add-ons and credit, unless it was set."""
    subscription, trial = subscriptions.load(world, workspace_id), trials.active(world, workspace_id)
    given = PLANS[trial["trial_plan"] if trial else subscription.plan_id].features
    kept = Fields(documents.decode_object(billing_settings.find(world, workspace_id)["quotas"]))
    found: dict[Feature, float] = {}
    for feature in FEATURES:
        added = subscription.addons.get(feature, 0) and subscription.addons[feature] * ADDONS[feature].increment
        found[feature] = kept.number(feature) if feature in kept else given[feature] + added
    if "integration_spend" not in kept:
        found["integration_spend"] += credit_grants.total(world, workspace_id, "integration_spend")
    return found


def require_room(world: World, workspace_id: str, counted: Counted, adding: float = 1) -> None:
    """Make sure that more of something may be used.

    Raises:
        ApiError: the quota is used up (QuotaExceeded).
    """
    allowed = quota(world, workspace_id, counted)
    if _used(world, Owner(workspace_id), counted, Period.of(timestamps.now(world))) + adding > allowed:
        raise ApiError("QuotaExceeded", f"the quota of {counted} is used up: {allowed:g} in this workspace")


def _used(world: World, owner: Owner, counted: Counted, period: Period) -> float:
    """Return how much of something was used in a period; of what lasts, what still exists."""
    select = owner.counted(counted).where("item.at < ?", period.end)
    if counted in _HAPPENING:
        select = select.where("item.at >= ?", period.start)
    select = attrs.evolve(select, columns="ifnull(SUM(item.value), 0) AS value")
    row = world.store.one(select.sql(), *select.values)
    return float(row["value"]) if row else 0.0


def _get(call: Call) -> JsonObject:
    usage_type = _type(call)
    return {"usage": _show(call, _owner(call, usage_type), usage_type, _period(call))}


def _list_multiple(call: Call) -> JsonObject:
    """Return all of the types for all of the ids, which must be bots, or all workspaces."""
    owners = [_owner_of(call, owner_id) for owner_id in call.query.texts("ids")]
    if len({owner.bot_id is None for owner in owners}) > 1:
        raise ApiError("InvalidQuery", "query/ids must all be bots, or all workspaces")
    types = [usage_type for name in call.query.texts("types") for usage_type in USAGE_TYPES if usage_type == name]
    for usage_type in types:
        _require_of_bots(usage_type, owners[0])
    return {"usages": [_show(call, owner, each, _period(call)) for owner in owners for each in types]}


def _owner_of(call: Call, owner_id: str) -> Owner:
    row = call.store.one(
        "SELECT member.workspace_id, bot.id AS bot_id FROM botpress_members AS member"
        " LEFT JOIN botpress_bots AS bot ON bot.workspace_id = member.workspace_id AND bot.id = ?"
        " WHERE member.account_id = ? AND ? IN (member.workspace_id, bot.id)",
        *(owner_id, call.account_id, owner_id),
    )
    if row is None:
        raise ApiError("ResourceNotFound", f"no bot or workspace has the id {owner_id!r}")
    return Owner(row["workspace_id"], row["bot_id"])


def _list_history(call: Call) -> JsonObject:
    usage_type = _type(call)
    return _show_history(call, _owner(call, usage_type), usage_type)


def _show_history(call: Call, owner: Owner, usage_type: UsageType) -> JsonObject:
    """Return how much of something was used in each period since the owner was created, the latest first."""
    table = "botpress_bots" if owner.bot_id else "botpress_workspaces"
    row = call.find(Select(table), "bot or workspace", owner.id)
    return {"usages": [_show(call, owner, usage_type, period) for period in _periods(row["created_at"], call.now)]}


def _periods(since: int, until: int) -> Iterator[Period]:
    period = Period.of(until)
    while period.start >= Period.of(since).start:
        yield period
        period = period.previous


def _list_activity(call: Call) -> JsonObject:
    usage_type = _type(call)
    first, last = call.query.optional_moment("timestampFrom"), call.query.optional_moment("timestampUntil")
    select = _owner(call, usage_type).counted(usage_type).between("at", first, last)
    return find_page(call, select, Ordering("item.at")).show("data", _show_activity)


def _show_activity(row: sqlite3.Row) -> JsonObject:
    return {
        "timestamp": timestamps.show(row["at"]),
        "value": row["value"],
        "period": str(Period.of(row["at"])),
        "metadata": {"botId": row["bot_id"], **documents.decode_object(row["about"])},
    }


_DAYS = """(
    SELECT date(at / 1000000, 'unixepoch') AS date, item.bot_id, about ->> 'type' AS type,
        about ->> 'subtype' AS subtype, about ->> 'source' AS source, SUM(value) AS value, MIN(item.rowid) AS rowid
    FROM botpress_counted AS item WHERE {conditions} GROUP BY 1, 2, 3, 4, 5)"""


def _list_daily(call: Call) -> JsonObject:
    usage_type = _type(call)
    counted = _owner(call, usage_type).counted(usage_type)
    days = Select(_DAYS.format(conditions=" AND ".join(counted.conditions)), values=counted.values)
    select = days.between("date", _date(call, "dateFrom"), _date(call, "dateUntil"))
    return find_page(call, select, Ordering("item.date")).show("data", _show_day)


def _date(call: Call, name: str) -> str | None:
    text = call.query.optional_text(name)
    if text is not None and not _DATE.match(text):
        raise ApiError("InvalidQuery", f"query/{name} must be a day such as 2026-01-31")
    return text and text[:10]


def _show_day(row: sqlite3.Row) -> JsonObject:
    about: JsonObject = documents.without_nulls({name: row[name] for name in ("type", "subtype", "source")})
    shown: JsonObject = {"metadata": {"botId": row["bot_id"], **about}} if row["type"] else {}
    key = ":".join(map(str, filter(None, (row["bot_id"], *about.values())))) or "workspace"
    return {"key": key, "date": row["date"], "value": row["value"], **shown}


def _list_of_workspace(call: Call) -> JsonObject:
    owner, usage_type = _workspace(call), _type(call)
    if "period" in call.query:
        return {"usages": [_show(call, owner, usage_type, _period(call))]}
    return _show_history(call, owner, usage_type)


def _break_down(call: Call) -> JsonObject:
    owner, usage_type, period = _workspace(call), _type(call), _period(call)
    rows = call.store.all("SELECT id FROM botpress_bots WHERE workspace_id = ? ORDER BY rowid", owner.workspace_id)
    bots = [Owner(owner.workspace_id, row["id"]) for row in rows]
    return {"data": [{"botId": bot.id, "value": _used(call.world, bot, usage_type, period)} for bot in bots]}


def _get_quota(call: Call) -> JsonObject:
    return {"quota": _show_quota(call, _workspace(call), _type(call))}


def _list_quotas(call: Call) -> JsonObject:
    owner = _workspace(call)
    return {"quotas": [_show_quota(call, owner, usage_type) for usage_type in USAGE_TYPES]}


def _list_completions(call: Call) -> JsonObject:
    """Return, for each workspace of the account, the quota that is used up the most."""
    sql = "SELECT workspace_id FROM botpress_members WHERE account_id = ? ORDER BY rowid"
    period, completions = Period.of(call.now), dict[str, Json]()
    for row in call.store.all(sql, call.account_id):
        owner = Owner(row["workspace_id"])
        parts = {usage_type: _used_part(call.world, owner, usage_type, period) for usage_type in USAGE_TYPES}
        fullest = max(parts, key=lambda usage_type: parts[usage_type])
        completions[owner.id] = {"type": fullest, "completion": parts[fullest]}
    return completions


def _used_part(world: World, owner: Owner, usage_type: UsageType, period: Period) -> float:
    allowed, used = quota(world, owner.workspace_id, usage_type), _used(world, owner, usage_type, period)
    return used / allowed if allowed else float(used > 0)


def _set_ai_spend_quota(call: Call) -> JsonObject:
    roles.require(call, "administer")
    billing_block.require_paid(call)
    limit = call.body.number("monthlySpendingLimit")
    if limit < 0:
        raise ApiError("InvalidPayload", "body/monthlySpendingLimit must not be below 0")
    _set_kept_quota(call.world, call.workspace_id, "ai_spend", limit)
    workspace = call.find(Select("botpress_workspaces"), "workspace", call.workspace_id)
    audit.record(call, "SET_AI_SPENDING_LIMIT", Subject(workspace["id"], workspace["name"]), f"{limit:g}")
    return {}


def _get_quotas(call: Call) -> JsonObject:
    return {feature: allowed for feature, allowed in quotas(call.world, call.workspace_id).items()}


def _get_use_of_feature(call: Call) -> JsonObject:
    return documents.as_object(_use_by_feature(call)[call.query.text("feature")])


def _list_use_by_feature(call: Call) -> JsonObject:
    return {"quotas": _use_by_feature(call)}


def _use_by_feature(call: Call) -> JsonObject:
    period, owner = Period.read(call.query.text("period")), Owner(call.workspace_id)
    return {
        feature: {"usage": _used(call.world, owner, _COUNTED_BY_FEATURE[feature], period), "quota": allowed}
        for feature, allowed in quotas(call.world, call.workspace_id).items()
    }


def _type(call: Call) -> UsageType:
    return next(usage_type for usage_type in USAGE_TYPES if usage_type == call.query.text("type"))


def _period(call: Call) -> Period:
    text = call.query.optional_text("period")
    return Period.of(call.now) if text is None else Period.read(text)


def _owner(call: Call, usage_type: UsageType) -> Owner:
    """Return the bot, or the workspace, that the path names."""
    owner_id = call.path.text("id")
    if owner_id == call.workspace_id:
        return Owner(owner_id)
    call.find(call.of_workspace("botpress_bots"), "bot or workspace", owner_id)
    owner = Owner(call.workspace_id, owner_id)
    _require_of_bots(usage_type, owner)
    return owner


def _require_of_bots(usage_type: UsageType, owner: Owner) -> None:
    if owner.bot_id and usage_type in _OF_WORKSPACES_ONLY:
        raise ApiError("InvalidQuery", f"{usage_type} counts for workspaces; give the id of one")


def _workspace(call: Call) -> Owner:
    workspace_id = call.path.text("id")
    require_member(call.world, call.caller, workspace_id)
    return Owner(workspace_id)


def _show(call: Call, owner: Owner, usage_type: UsageType, period: Period) -> Json:
    return {
        "id": owner.id,
        "period": str(period),
        "value": _used(call.world, owner, usage_type, period),
        "quota": quota(call.world, owner.workspace_id, usage_type),
        "type": usage_type,
    }


def _show_quota(call: Call, owner: Owner, usage_type: UsageType) -> JsonObject:
    value = quota(call.world, owner.workspace_id, usage_type)
    return {"period": str(_period(call)), "value": value, "type": usage_type}


def _record(world: World, given: JsonObject) -> object:
    """Count that `bot` has used `cents` of money for `type`, by a `kind` of work of a `source`."""
    about: JsonObject = {
        "type": arguments.choice(given, "kind", _ACTIVITY_TYPES, "IntegrationAction"),
        "source": arguments.text(given, "source", "sandbox"),
    }
    counted: Counted = arguments.choice(given, "type", (*_SPENT, "invocation_timeout"), "ai_spend")
    _add(world, targets.bot(world, given), counted, arguments.integer(given, "cents") / 100, about)
    return {}


def _add(world: World, bot_id: str, counted: Counted, value: float, about: JsonObject) -> None:
    world.store.run(
        "INSERT INTO botpress_usage_events VALUES (?, ?, ?, ?, ?, ?)",
        *(world.ids.prefixed("usage"), bot_id, counted, value, documents.encode(about), timestamps.now(world)),
    )


def _set_quota(world: World, given: JsonObject) -> object:
    """Set the quota of a `feature` of the workspace `workspace` to `value`, whatever its plan gives."""
    feature = arguments.choice(given, "feature", FEATURES)
    _set_kept_quota(world, targets.workspace(world, given), feature, arguments.integer(given, "value"))
    return {}


def _set_kept_quota(world: World, workspace_id: str, feature: Feature, value: float) -> None:
    kept = documents.decode_object(billing_settings.find(world, workspace_id)["quotas"])
    billing_settings.change(world, workspace_id, quotas=documents.encode({**kept, feature: value}))


def _seed(world: World, value: Json) -> object:
    """Count as many cents spent on language models as the number says, a second apart."""
    number = arguments.count(value, "usage")
    about = documents.encode({"type": "IntegrationAction", "source": "openai"})
    world.store.run_many(
        "INSERT INTO botpress_usage_events VALUES (?, ?, 'ai_spend', 0.01, ?, ?)",
        ((row_id, BOT_ID, about, at) for _, row_id, at in making.rows(world, "usage", number)),
    )
    return number


def _add_default_data(world: World) -> None:
    about: JsonObject = {"type": "IntegrationAction", "subtype": "generateContent", "source": "openai"}
    _add(world, BOT_ID, "ai_spend", 0.25, about)


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={
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
    makers={"usage": _seed},
    furnish=_add_default_data,
)
