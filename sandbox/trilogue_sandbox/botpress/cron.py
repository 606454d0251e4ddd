"""Cron expressions: minute, hour, day of the month, month and day of the week, in UTC."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import attrs

_TERM = re.compile(r"(?:\*|([0-9]+)(?:-([0-9]+))?)(?:/([1-9][0-9]*))?")
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FARTHEST = timedelta(days=9 * 366)
"""29 February comes round at least every eight years."""


@attrs.frozen
class Cron:
    """The minutes at which something happens."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day_fits: bool

    @classmethod
    def read(cls, text: str) -> Cron:
        """Read an expression of five fields.

        Raises:
            ValueError: it is none.
        """
        fields = text.lower().split()
        if len(fields) != len(_RANGES):
            raise ValueError("a cron expression has five fields")
        fields[3], fields[4] = _as_numbers(fields[3], _MONTHS, 1), _as_numbers(fields[4], _DAYS, 0)
        minutes, hours, days, months, weekdays = (
            frozenset(_values(field, *limits)) for field, limits in zip(fields, _RANGES, strict=True)
        )
        any_day_fits = "*" not in (fields[2][0], fields[4][0])
        return cls(minutes, hours, days, months, frozenset(day % 7 for day in weekdays), any_day_fits)

    def after(self, moment: datetime) -> datetime | None:
        """Return the next time after a moment; None if there is none, as for 30 February."""
        day = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        limit = moment + _FARTHEST
        while day <= limit:
            if self._is_on(day) and (found := self._within(day)):
                return found
            day = day.replace(hour=0, minute=0) + timedelta(days=1)
        return None

    def _is_on(self, day: datetime) -> bool:
        if day.month not in self.months:
            return False
        fits = (day.day in self.days, day.isoweekday() % 7 in self.weekdays)
        return any(fits) if self.any_day_fits else all(fits)

    def _within(self, start: datetime) -> datetime | None:
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                if (hour, minute) >= (start.hour, start.minute):
                    return start.replace(hour=hour, minute=minute)
        return None


def _as_numbers(field: str, names: tuple[str, ...], first: int) -> str:
    for number, name in enumerate(names, first):
        field = field.replace(name, str(number))
    return field


def _values(field: str, first: int, last: int) -> Iterator[int]:
    for term in field.split(","):
        found = _TERM.fullmatch(term)
        if found is None:
            raise ValueError(f"{term!r} is not understood in a cron expression")
        low = first if found[1] is None else int(found[1])
        high = int(found[2]) if found[2] else low if found[1] and not found[3] else last
        if not first <= low <= high <= last:
            raise ValueError(f"{term!r} is out of range in a cron expression")
        yield from range(low, high + 1, int(found[3] or 1))
