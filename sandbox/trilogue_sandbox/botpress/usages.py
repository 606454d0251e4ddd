"""Usages and quotas: what is counted in a workspace, and how much of it may be used.

What lasts (a bot, a row of a table) counts in every period since it was created, as long as it exists; what happens (an
event, a dollar spent) counts in the period in which it happened.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import attrs

from trilogue_sandbox.botpress import credit_grants, limits, subscriptions
from trilogue_sandbox.botpress.account_tables import WORKSPACES
from trilogue_sandbox.botpress.billing_settings import SETTINGS
from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.columns import NUMBER, of
from trilogue_sandbox.botpress.credentials import BOT_ID, target
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Resource
from trilogue_sandbox.botpress.periods import Period
from trilogue_sandbox.botpress.plans import ADDONS, FEATURES, PLANS, Feature
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.resource import counted
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import CREATED, JSON, TEXT, Table, prefixed_id
from trilogue_sandbox.kernel.timestamps import spaced
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
_SPENT: tuple[Counted, ...] = ("ai_spend", "openai_spend", "bing_search_spend", "integration_spend")
_HAPPENING: tuple[Counted, ...] = (*_SPENT, "invocation_calls", "invocation_timeout", "conversation_sessions")

COUNTED_BY_FEATURE: dict[Feature, Counted] = {
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
_FEATURES: dict[Counted, Feature] = {counted: feature for feature, counted in COUNTED_BY_FEATURE.items()}

_FIXED_QUOTAS: dict[Counted, float] = {
    "invocation_timeout": 60,
    "integrations_owned_count": 1_000,
    "openai_spend": 100,
    "bing_search_spend": 100,
    "always_alive": 10,
    "file_max_size_bytes": 1024 * 1024 * 1024,
}
"""The quotas that are the same in every plan."""

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
    if amount_used(world, Owner(workspace_id), counted, Period.of(world.now)) + adding > allowed:
        raise ApiError("QuotaExceeded", f"the quota of {counted} is used up: {allowed:g} in this workspace")


def amount_used(world: World, owner: Owner, counted: Counted, period: Period) -> float:
    """Return how much of something was used in a period; of what lasts, what still exists."""
    select = owner.counted(world, counted).where("item.at < ?", period.end)
    if counted in _HAPPENING:
        select = select.where("item.at >= ?", period.start)
    row = attrs.evolve(select, columns="ifnull(SUM(item.value), 0) AS value").first()
    return float(row["value"]) if row else 0.0


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


def _change_quota(world: World, given: Fields) -> object:
    """Set the quota of a `feature` of the workspace `workspace` to `value`, whatever its plan gives."""
    feature, value = given.choice("feature", FEATURES), given.integer("value")
    set_quota(world, target(world, given, WORKSPACES), feature, value)
    return {}


def set_quota(world: World, workspace_id: str, feature: Feature, value: float) -> None:
    """Set the quota of a feature of a workspace."""
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
    actions={"record_usage": _record, "set_quota": _change_quota},
    seeders={"usage": counted(_seed)},
    default_data=_add_default_data,
)
