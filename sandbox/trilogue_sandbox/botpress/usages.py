"""Usages and quotas: what is counted in a workspace, and how much of it may be used.

What lasts (a bot, a row of a table) counts in every period since it was created, as long as it exists; what happens (an
event, a dollar spent) counts in the period in which it happened.
"""

from __future__ import annotations

import attrs

from trilogue_sandbox.botpress import limits, payments, subscriptions
from trilogue_sandbox.botpress.account_tables import BILLING, WORKSPACES
from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.columns import NUMBER, of
from trilogue_sandbox.botpress.credentials import BOT_ID, target
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Resource
from trilogue_sandbox.botpress.plans import ADDONS, PLANS
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import CREATED, JSON, TEXT, Table, prefixed_id
from trilogue_sandbox.kernel.timestamps import format_milliseconds
from trilogue_sandbox.kernel.world import World

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
_RECORDED = ("ai_spend", "openai_spend", "bing_search_spend", "integration_spend", "invocation_timeout")
_PERIOD = "strftime('%Y-%m', item.at / 1000000, 'unixepoch')"


_TABLE_ROWS = """\
SELECT item.rowid << 31 | row.id AS rowid, row.created_at AS at, json_object('id', row.id, 'tableId', item.id) AS about,
    item.factor AS value, bot.id AS bot_id, bot.workspace_id
FROM botpress_table_rows AS row JOIN botpress_tables AS item ON item.id = row.table_id
JOIN botpress_bots AS bot ON bot.id = item.bot_id"""
_COLUMNS = "item.rowid AS rowid, item.created_at AS at"


def _of_bots(table: str, value: str = "1", condition: str = "TRUE", about: str = "json_object('id', item.id)") -> str:
    """Return a query for the rows of a table of bots that count, each with a value."""
    return (
        f"SELECT {_COLUMNS}, {value} AS value, {about} AS about, bot.id AS bot_id, bot.workspace_id"
        f" FROM botpress_{table} AS item JOIN botpress_bots AS bot ON bot.id = item.bot_id WHERE {condition}"
    )


def _of_workspaces(table: str, bot_id: str = "NULL", condition: str = "TRUE") -> str:
    columns = f"{_COLUMNS}, 1 AS value, json_object('id', item.id) AS about, {bot_id} AS bot_id, item.workspace_id"
    return f"SELECT {columns} FROM botpress_{table} AS item WHERE {condition}"


@attrs.frozen
class Measure:
    """Something that is counted: the feature of plans that is its quota, or a fixed quota, and a query for its rows.

    Rows of what `happens` count in their period, others since then. What has no query is recorded.
    """

    quota: str | float
    rows: str = ""
    happens: bool = False


_INDEXED = "item.status = 'indexing_completed'"
MEASURES: dict[str, Measure] = {
    "invocation_timeout": Measure(60, happens=True),
    "invocation_calls": Measure("incoming_messages_events", _of_bots("events"), happens=True),
    "storage_count": Measure("file_storage", _of_bots("files", "item.size", "item.size IS NOT NULL")),
    "bot_count": Measure("bot_count", _of_workspaces("bots", "item.id")),
    "knowledgebase_vector_storage": Measure("vector_db_storage", _of_bots("files", "item.size", _INDEXED)),
    "workspace_ratelimit": Measure(limits.DEFAULTS[limits.REQUESTS]),
    "table_row_count": Measure("table_rows", _TABLE_ROWS),
    "workspace_member_count": Measure("collaborator_count", _of_workspaces("members")),
    "integrations_owned_count": Measure(1_000, _of_workspaces("integrations")),
    "ai_spend": Measure("ai_spend", happens=True),
    "openai_spend": Measure(100, happens=True),
    "bing_search_spend": Measure(100, happens=True),
    "always_alive": Measure(10, _of_workspaces("bots", "item.id", "item.always_alive")),
    "indexed_file_count": Measure("indexed_file_count", _of_bots("files", condition=_INDEXED)),
    "file_max_size_bytes": Measure(1024 * 1024 * 1024),
    "integration_spend": Measure("integration_spend", happens=True),
    "saved_versions": Measure("saved_versions", _of_bots("bot_versions")),
    "conversation_sessions": Measure("conversation_sessions", _of_bots("conversations"), happens=True),
}
"""The last three are known to billing only."""

USAGE_TYPES = tuple(MEASURES)[:-3]
BY_FEATURE = {measure.quota: name for name, measure in MEASURES.items() if isinstance(measure.quota, str)}


@attrs.frozen
class Owner:
    """Whose use is meant: a workspace, or with `bot_id` one bot of it."""

    workspace_id: str
    bot_id: str | None = None

    def counted(self, world: World, counted: str) -> Select:
        """Select what counts towards something."""
        recorded = _of_bots("usage_events", "item.value", f"item.type = '{counted}'", "json(item.about)")
        rows = Select(f"({MEASURES[counted].rows or recorded})", store=world.store)
        return rows.equal("workspace_id", self.workspace_id).equal("bot_id", self.bot_id)


def period_of(timestamp: int) -> str:
    """Return the calendar month of a timestamp. How the platform writes one is not published; here it is `2026-01`."""
    return format_milliseconds(timestamp)[:7]


def quota(world: World, workspace_id: str, counted: str) -> float:
    """Return how much of something a workspace may use."""
    if counted == "workspace_ratelimit":
        return limits.limit(world, limits.REQUESTS)
    allowed = MEASURES[counted].quota
    return quotas(world, workspace_id)[allowed] if isinstance(allowed, str) else allowed


def quotas(world: World, workspace_id: str) -> dict[str, float]:
    """Return the quota of each feature: that of the plan or the trial, with add-ons and credit, unless it was set."""
    billing = world.records.get(BILLING, workspace_id)
    subscription = subscriptions.read(billing, world.now)
    plan_id = billing["trial_plan"] if subscriptions.has_trial(billing, world.now) else subscription.plan_id
    found: dict[str, float] = {**PLANS[plan_id].quotas}
    for addon_id, quantity in subscription.addons.items():
        found[addon_id] += quantity * ADDONS[addon_id].quotas[addon_id]
    found["integration_spend"] += payments.credit(world, workspace_id)
    return {**found, **billing["quotas"]}


def require_room(world: World, workspace_id: str, counted: str, adding: float = 1) -> None:
    """Raise QuotaExceeded unless there may be more of something that lasts."""
    allowed = quota(world, workspace_id, counted)
    if amount_used(world, Owner(workspace_id), counted) + adding > allowed:
        raise ApiError("QuotaExceeded", f"the quota of {counted} is used up: {allowed:g} in this workspace")


def amount_used(world: World, owner: Owner, counted: str, period: str | None = None) -> float:
    """Return how much of something was used in a period, or at all; of what lasts, what still exists."""
    select = owner.counted(world, counted)
    if period:
        select = select.where(f"{_PERIOD} {'=' if MEASURES[counted].happens else '<='} ?", period)
    row = attrs.evolve(select, columns="ifnull(SUM(item.value), 0) AS value").first()
    return float(row["value"]) if row else 0.0


def _record(world: World, given: Fields) -> object:
    """Record that `bot` has used `cents` of money for `type`, through an integration, the `source`."""
    about = {"type": "IntegrationAction", "source": given.string("source", "sandbox")}
    spent = given.choice("type", _RECORDED, "ai_spend")
    usage = {"type": spent, "value": given.integer("cents") / 100, "about": about}
    world.records.add(_USAGE_EVENTS, {"bot_id": target(world, given, BOTS), **usage})
    return {}


def _change_quota(world: World, given: Fields) -> object:
    """Set the quota of a `feature` of the workspace `workspace` to `value`, whatever its plan gives."""
    feature, value = given.choice("feature", tuple(BY_FEATURE)), given.integer("value")
    set_quota(world, target(world, given, WORKSPACES), feature, value)
    return {}


def set_quota(world: World, workspace_id: str, feature: str, value: float) -> None:
    """Set the quota of a feature of a workspace."""
    row = world.records.get(BILLING, workspace_id)
    world.records.change(BILLING, row, quotas={**row["quotas"], feature: value})


def _add_default_data(world: World) -> None:
    about = {"type": "IntegrationAction", "subtype": "generateContent", "source": "openai"}
    world.records.add(_USAGE_EVENTS, {"bot_id": BOT_ID, "type": "ai_spend", "value": 0.25, "about": about})


RESOURCE = Resource(
    tables=(_USAGE_EVENTS,),
    actions={"record_usage": _record, "set_quota": _change_quota},
    default_data=_add_default_data,
)
