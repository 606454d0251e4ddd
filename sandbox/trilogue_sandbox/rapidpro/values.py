"""Values of contact fields: always strings, in a form that depends on the field's type.

What cannot be read in that form is kept as it was given, and shown as null.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.tables import BOUNDARIES

PLACE_LEVELS = {"state": 1, "district": 2, "ward": 3}
PLACE_SEPARATOR = " > "

_MAX_LENGTH = 640
_NUMBER = re.compile(r"[-+]?([0-9]{1,36}(\.[0-9]{0,18})?|\.[0-9]{1,18})")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T")
_DATE = re.compile(r"([0-9]{1,4})[-/. ]([0-9]{1,2})[-/. ]([0-9]{1,4})")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?\s*([ap]m)?", re.IGNORECASE)
_ORDERS = {"day_first": (2, 1, 0), "month_first": (2, 0, 1), "year_first": (0, 1, 2)}


def store_value(context: WorkspaceContext, field_type: str, given: str) -> str:
    """Return what to keep of a value: its normal form, or as it was given if it has none."""
    text = given.strip()[:_MAX_LENGTH]
    return _normal(context, field_type, text) or text


def show_value(context: WorkspaceContext, field_type: str, kept: str | None) -> str | None:
    """Return a kept value as the API shows it."""
    if kept is None or field_type == "text":
        return kept
    if field_type in PLACE_LEVELS:
        return kept if PLACE_SEPARATOR in kept else None
    return _normal(context, field_type, kept)


def _normal(context: WorkspaceContext, field_type: str, text: str) -> str | None:
    if field_type == "number":
        return _normal_number(text)
    if field_type == "datetime":
        found = read_datetime(context, text)
        return found.isoformat() if found else None
    return _find_place(context, PLACE_LEVELS[field_type], text) if field_type in PLACE_LEVELS else text


@lru_cache(maxsize=10_000)
def _normal_number(text: str) -> str | None:
    if not _NUMBER.fullmatch(text):
        return None
    written = format(abs(Decimal(text)), "f")
    digits = (written.rstrip("0").rstrip(".") if "." in written else written) or "0"
    return f"-{digits}" if text.startswith("-") and digits != "0" else digits


def read_datetime(context: WorkspaceContext, text: str) -> datetime | None:
    """Read a date and time in ISO 8601 or in the order of the workspace; a missing time of day is the present one.

    The result is in the time zone of the workspace.
    """
    zone = ZoneInfo(context.workspace.timezone)
    try:
        if _ISO.match(text):
            found = datetime.fromisoformat(text)
            return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(zone)
        day = _DATE.match(text)
        if day is None:
            return None
        clock = _read_time(text[day.end() :].strip(), context.world.clock.now().astimezone(zone).time())
        return datetime.combine(_read_date(day, context.workspace.date_style), clock, zone)
    except (ValueError, OverflowError):
        return None


def _read_date(found: re.Match[str], style: str) -> date:
    order = _ORDERS["year_first" if len(found[1]) == 4 else style]
    year, month, day = (int(found[place + 1]) for place in order)
    return date(year + 2000 if year < 100 else year, month, day)


def _read_time(text: str, present: time) -> time:
    if not text:
        return present
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError("this is no time of day")
    hour = int(found[1])
    if found[4]:
        hour = hour % 12 + (12 if found[4].lower() == "pm" else 0)
    return time(hour, int(found[2]), int(found[3] or 0))


def _find_place(context: WorkspaceContext, level: int, text: str) -> str | None:
    """Return the path of the place that has this path or name."""
    places = context.records.select(BOUNDARIES, country=context.workspace.country, level=level)
    row = places.where("? IN (lowercase(item.path), lowercase(item.name))", text.lower()).first()
    return row["path"] if row else None
