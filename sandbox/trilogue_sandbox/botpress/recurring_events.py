"""Recurring events: the platform creates them for a bot on a schedule."""

from __future__ import annotations

from datetime import datetime

from cronsim import CronSim, CronSimError

from trilogue_sandbox.botpress import arguments, billing_block, documents, events, sizes, targets
from trilogue_sandbox.botpress.actors import Actor
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.events import Subjects
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_recurring_events (
    bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, name TEXT NOT NULL, cron TEXT NOT NULL,
    type TEXT NOT NULL, payload TEXT NOT NULL, timer_id INTEGER, failed_attempts INTEGER NOT NULL DEFAULT 0,
    last_failure_reason TEXT, next_failure TEXT, PRIMARY KEY (bot_id, name));
"""

_TABLE = "botpress_recurring_events"
_MOST = 40
_CRON_FIELDS = 5
_PAYLOAD_KILOBYTES = 128


def change(world: World, bot_id: str, changes: JsonObject) -> None:
    """Add or replace the recurring events of a bot by name; null removes one.

    Raises:
        ApiError: a cron expression is wrong (InvalidPayload), a payload is too large or there are too many
            (LimitExceeded).
    """
    for name, value in changes.items():
        _remove(world, bot_id, name)
        if isinstance(value, dict):
            _add(world, bot_id, name, Fields(value))
    row = world.store.one(f"SELECT COUNT(*) AS count FROM {_TABLE} WHERE bot_id = ?", bot_id)
    if row and row["count"] > _MOST:
        raise ApiError("LimitExceeded", f"a bot has at most {_MOST} recurring events")


def show(world: World, bot_id: str) -> JsonObject:
    """Return the recurring events of a bot, by name."""
    return {
        row["name"]: {
            "schedule": {"cron": row["cron"]},
            "type": row["type"],
            "payload": documents.decode(row["payload"]),
            "failedAttempts": row["failed_attempts"],
            "lastFailureReason": row["last_failure_reason"],
        }
        for row in world.store.all(f"SELECT * FROM {_TABLE} WHERE bot_id = ? ORDER BY rowid", bot_id)
    }


def _add(world: World, bot_id: str, name: str, given: Fields) -> None:
    cron, payload = given.below("schedule").text("cron"), documents.encode(given.object("payload"))
    sizes.refuse_above(payload, f"body/recurringEvents/{name}/payload", _PAYLOAD_KILOBYTES)
    try:
        _next_time(cron, world.clock.now())
    except CronSimError as error:
        raise ApiError(
            "InvalidPayload", f"body/recurringEvents/{name}/schedule/cron: no cron expression: {error}"
        ) from error
    world.store.run(
        f"INSERT INTO {_TABLE} (bot_id, name, cron, type, payload) VALUES (?, ?, ?, ?, ?)",
        *(bot_id, name, cron, given.text("type"), payload),
    )
    _plan(world, bot_id, name, cron)


def _plan(world: World, bot_id: str, name: str, cron: str) -> None:
    due_at = _next_time(cron, world.clock.now())
    if due_at is not None:
        timer_id = world.timers.at(due_at, "recurring_event_due", {"bot": bot_id, "name": name})
        world.store.run(f"UPDATE {_TABLE} SET timer_id = ? WHERE bot_id = ? AND name = ?", timer_id, bot_id, name)


def _next_time(cron: str, after: datetime) -> datetime | None:
    """Return the next time in UTC of a cron expression of five fields; None if there is none in the next 50 years.

    Raises:
        CronSimError: it is no such expression.
    """
    if len(cron.split()) != _CRON_FIELDS:
        raise CronSimError(f"it has {_CRON_FIELDS} fields")
    return next(CronSim(cron, after), None)


def _remove(world: World, bot_id: str, name: str) -> None:
    row = world.store.one(f"SELECT timer_id FROM {_TABLE} WHERE bot_id = ? AND name = ?", bot_id, name)
    if row and row["timer_id"] is not None:
        world.timers.cancel(row["timer_id"])
    world.store.run(f"DELETE FROM {_TABLE} WHERE bot_id = ? AND name = ?", bot_id, name)


def _due(world: World, given: JsonObject) -> object:
    """Create the recurring event `name` of `bot`, unless it is gone, and plan the next one."""
    bot_id, name = str(given.get("bot")), str(given.get("name"))
    row = world.store.one(f"SELECT * FROM {_TABLE} WHERE bot_id = ? AND name = ?", bot_id, name)
    if row is None:
        return {"created": False}
    failure = row["next_failure"] or _obstacle(world, bot_id)
    world.store.run(
        f"UPDATE {_TABLE} SET failed_attempts = CASE WHEN ? IS NULL THEN 0 ELSE failed_attempts + 1 END,"
        " last_failure_reason = ?, next_failure = NULL WHERE bot_id = ? AND name = ?",
        *(failure, failure, bot_id, name),
    )
    if failure is None:
        events.emit(Actor(world, bot_id, None), row["type"], documents.decode_object(row["payload"]), Subjects())
    _plan(world, bot_id, name, row["cron"])
    return {"created": failure is None}


def _obstacle(world: World, bot_id: str) -> str | None:
    row = world.store.one("SELECT workspace_id, document FROM botpress_bots WHERE id = ?", bot_id)
    if row is None or Fields(documents.decode_object(row["document"])).flag("blocked"):
        return "the bot is blocked"
    return "the workspace is blocked" if billing_block.is_blocked(world, row["workspace_id"]) else None


def _fail(world: World, given: JsonObject) -> object:
    """Let the next time of the recurring event `name` of `bot` fail, for a `reason`."""
    bot_id, name = targets.bot(world, given), arguments.text(given, "name")
    reason = arguments.text(given, "reason", "the bot answered with an error")
    sql = f"UPDATE {_TABLE} SET next_failure = ? WHERE bot_id = ? AND name = ?"
    if not world.store.run(sql, reason, bot_id, name):
        raise ControlError(f"the bot has no recurring event {name!r}", "name")
    return {}


RESOURCE = Resource(schema=_SCHEMA, actions={"recurring_event_due": _due, "fail_recurring_event": _fail})
