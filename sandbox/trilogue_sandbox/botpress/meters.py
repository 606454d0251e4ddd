"""What is counted in a workspace, and how much of it may be used.

Everything that counts is one row of a view, whatever it is: a bot, a row of a table, a dollar spent. What lasts counts
in every period since it was made, as long as it is there; what happens counts in the period in which it happened.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import attrs

from trilogue_sandbox.botpress import allowances, documents, limits, timestamps
from trilogue_sandbox.botpress.catalogue import Feature
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.periods import Period
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.seeding import BOT_ID
from trilogue_sandbox.kernel.http import JsonObject
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

WORKSPACE_ONLY: tuple[Counted, ...] = (
    *("bot_count", "workspace_ratelimit", "workspace_member_count", "integrations_owned_count", "file_max_size_bytes"),
)
"""What counts for workspaces; everything else counts for bots and, summed up, for their workspaces."""

COUNTED: dict[Feature, Counted] = {
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
"""What uses up the quota of each feature."""

_FEATURES: dict[Counted, Feature] = {counted: feature for feature, counted in COUNTED.items()}

_HAPPENING: tuple[Counted, ...] = (
    *("invocation_calls", "invocation_timeout", "ai_spend", "openai_spend", "bing_search_spend", "integration_spend"),
    "conversation_sessions",
)

_FIXED_QUOTAS: dict[Counted, float] = {
    "invocation_timeout": 60,
    "integrations_owned_count": 1_000,
    "openai_spend": 100,
    "bing_search_spend": 100,
    "always_alive": 10,
    "file_max_size_bytes": 1024 * 1024 * 1024,
}
"""What no plan changes here."""

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


@attrs.frozen
class Owner:
    """Whose use is looked at: a workspace, or with `bot_id` one bot of it."""

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


def used(world: World, owner: Owner, counted: Counted, period: Period) -> float:
    """Return how much of something was used in a period; of what lasts, what is still there."""
    select = owner.counted(counted).where("item.at < ?", period.end)
    if counted in _HAPPENING:
        select = select.where("item.at >= ?", period.start)
    select = attrs.evolve(select, columns="ifnull(SUM(item.value), 0) AS value")
    row = world.store.one(select.sql(), *select.values)
    return float(row["value"]) if row else 0.0


def quota(world: World, workspace_id: str, counted: Counted) -> float:
    """Return how much of something a workspace may use."""
    if counted == "workspace_ratelimit":
        return limits.limit(world, limits.REQUESTS)
    feature = _FEATURES.get(counted)
    return _FIXED_QUOTAS[counted] if feature is None else allowances.of(world, workspace_id)[feature]


def require_room(world: World, workspace_id: str, counted: Counted, adding: float = 1) -> None:
    """Make sure that more of something may be used.

    Raises:
        ApiError: the quota is used up (QuotaExceeded).
    """
    period = Period.of(timestamps.now(world))
    allowed = quota(world, workspace_id, counted)
    if used(world, Owner(workspace_id), counted, period) + adding > allowed:
        raise ApiError("QuotaExceeded", f"the quota of {counted} is used up: {allowed:g} in this workspace")


def record(world: World, bot_id: str, counted: Counted, value: float, about: JsonObject) -> None:
    """Count something that a bot used; `about` says what it was."""
    world.store.run(
        "INSERT INTO botpress_usage_events VALUES (?, ?, ?, ?, ?, ?)",
        *(world.ids.prefixed("usage"), bot_id, counted, value, documents.encode(about), timestamps.now(world)),
    )


def _furnish(world: World) -> None:
    about: JsonObject = {"type": "IntegrationAction", "subtype": "generateContent", "source": "openai"}
    record(world, BOT_ID, "ai_spend", 0.25, about)


RESOURCE = Resource(schema=_SCHEMA, furnish=_furnish)
