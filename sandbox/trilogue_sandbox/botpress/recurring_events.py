"""Recurring events: the platform creates them for a bot on a schedule."""

from __future__ import annotations

from datetime import datetime

from cronsim import CronSim, CronSimError

from trilogue_sandbox.botpress import events
from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.columns import NOTE, of
from trilogue_sandbox.botpress.credentials import target
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Resource
from trilogue_sandbox.botpress.limits import require_size
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.table import INTEGER, JSON, KEY, TEXT, Row, Table
from trilogue_sandbox.kernel.world import World

_RECURRING = Table(
    "botpress_recurring_events",
    {
        "id": KEY,
        "bot_id": of("bots"),
        **dict.fromkeys(("name", "cron", "type"), TEXT),
        "payload": JSON,
        "timer_id": INTEGER.nullable(),
        "failed_attempts": INTEGER.default(0),
        "last_failure_reason": NOTE,
        "next_failure": NOTE,
    },
    unique_indexes=("bot_id, name",),
)
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
        if row := world.records.find(_RECURRING, bot_id=bot_id, name=name):
            _remove(world, row)
        if isinstance(value, dict):
            _add(world, bot_id, name, Fields(value))
    if changes and world.records.select(_RECURRING, bot_id=bot_id).count() > _MOST:
        raise ApiError("LimitExceeded", f"a bot has at most {_MOST} recurring events")


def remove_all(world: World, bot_id: str) -> None:
    """Remove the recurring events of a bot."""
    for row in world.records.select(_RECURRING, bot_id=bot_id).all():
        _remove(world, row)


def show(world: World, bot_id: str) -> JsonObject:
    """Return the recurring events of a bot, by name."""
    return {row["name"]: _show(row) for row in world.records.select(_RECURRING, bot_id=bot_id).all("ORDER BY item.id")}


def _show(row: Row) -> Json:
    return {
        "schedule": {"cron": row["cron"]},
        "type": row["type"],
        "payload": row["payload"],
        "failedAttempts": row["failed_attempts"],
        "lastFailureReason": row["last_failure_reason"],
    }


def _add(world: World, bot_id: str, name: str, given: Fields) -> None:
    cron, payload = given.nested("schedule").string("cron"), given.object("payload")
    require_size(payload, f"body/recurringEvents/{name}/payload", _PAYLOAD_KILOBYTES)
    try:
        _next_time(cron, world.clock.now())
    except CronSimError as error:
        location = f"body/recurringEvents/{name}/schedule/cron"
        raise ApiError("InvalidPayload", f"{location}: no cron expression: {error}") from error
    values = {"bot_id": bot_id, "name": name, "cron": cron, "type": given.string("type"), "payload": payload}
    _schedule(world, world.records.add(_RECURRING, values))


def _schedule(world: World, row: Row) -> None:
    due_at = _next_time(row["cron"], world.clock.now())
    if due_at is not None:
        timer_id = world.timers.at(due_at, "recurring_event_due", {"bot": row["bot_id"], "name": row["name"]})
        world.records.change(_RECURRING, row, timer_id=timer_id)


def _next_time(cron: str, after: datetime) -> datetime | None:
    """Return the next time in UTC of a cron expression of five fields; None if there is none in the next 50 years.

    Raises:
        CronSimError: it is no such expression.
    """
    if len(cron.split()) != _CRON_FIELDS:
        raise CronSimError(f"it has {_CRON_FIELDS} fields")
    return next(CronSim(cron, after), None)


def _remove(world: World, row: Row) -> None:
    if row["timer_id"] is not None:
        world.timers.cancel(row["timer_id"])
    world.records.remove(_RECURRING, row)


def _create_due(world: World, given: Fields) -> object:
    """Create the recurring event `name` of `bot`, unless it was removed, and schedule the next one."""
    row = world.records.find(_RECURRING, bot_id=given.string("bot"), name=given.string("name"))
    if row is None:
        return {"created": False}
    failure = row["next_failure"] or events.find_obstacle(world, row["bot_id"])
    attempts = 0 if failure is None else row["failed_attempts"] + 1
    world.records.change(_RECURRING, row, failed_attempts=attempts, last_failure_reason=failure, next_failure=None)
    if failure is None:
        events.emit(Actor(world, row["bot_id"]), row["type"], row["payload"])
    _schedule(world, row)
    return {"created": failure is None}


def _fail(world: World, given: Fields) -> object:
    """Let the next time of the recurring event `name` of `bot` fail, for a `reason`."""
    bot_id, name = target(world, given, BOTS), given.string("name")
    reason = given.string("reason", "the bot responded with an error")
    if not world.records.select(_RECURRING, bot_id=bot_id, name=name).change("next_failure = ?", reason):
        raise ControlError(f"the bot has no recurring event {name!r}", "name")
    return {}


RESOURCE = Resource(
    tables=(_RECURRING,), actions={"fail_recurring_event": _fail}, jobs={"recurring_event_due": _create_due}
)
