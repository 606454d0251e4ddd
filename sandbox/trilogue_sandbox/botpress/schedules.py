"""When something is to happen: `schedule` in a body."""

from __future__ import annotations

from datetime import datetime, timedelta

from trilogue_sandbox.botpress.actors import Actor
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.kernel.clock import from_microseconds


def due_at(actor: Actor, given: Fields) -> datetime | None:
    """Return the moment of a body's `schedule`; None if it has none, or the moment has come.

    Raises:
        ApiError: `dateTime` is no moment, or `delay` leads beyond the end of time (InvalidPayload).
    """
    schedule = given.below("schedule")
    now = actor.world.clock.now()
    moment = schedule.optional_moment("dateTime")
    try:
        due = (
            now + timedelta(milliseconds=schedule.integer("delay", 0)) if moment is None else from_microseconds(moment)
        )
    except OverflowError as error:
        raise ApiError("InvalidPayload", "schedule/delay leads beyond the year 9999") from error
    return due if due > now else None
