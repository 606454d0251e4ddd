"""Calendar months, in which usage is counted."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime

import attrs

from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.kernel.clock import from_microseconds, to_microseconds

_PERIOD = re.compile(r"([1-9][0-9]{3})-(0[1-9]|1[0-2])")
_LAST_YEAR = 9998


@attrs.frozen
class Period:
    """A calendar month in UTC. The platform does not publish how it writes one; here it is `2026-01`."""

    year: int
    month: int

    @classmethod
    def of(cls, timestamp: int) -> Period:
        """Return the month of a timestamp."""
        date = from_microseconds(timestamp)
        return cls(date.year, date.month)

    @classmethod
    def read(cls, text: str) -> Period:
        """Read a month; raise InvalidQuery if it is not written as one."""
        found = _PERIOD.fullmatch(text)
        if found is None or int(found[1]) > _LAST_YEAR:
            raise ApiError("InvalidQuery", "query/period must be a month such as 2026-01")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def start(self) -> int:
        """The start of the month, in microseconds."""
        return to_microseconds(datetime(self.year, self.month, 1, tzinfo=UTC))

    @property
    def end(self) -> int:
        """The end of the month, which no longer belongs to it."""
        return add_months(self.start, 1)

    @property
    def previous(self) -> Period:
        """The month before."""
        return Period.of(add_months(self.start, -1))


def add_months(timestamp: int, months: int) -> int:
    """Return the same time of the same day some months later; the last day of the month where it has no such day."""
    date = from_microseconds(timestamp)
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    day = min(date.day, calendar.monthrange(year, month + 1)[1])
    return to_microseconds(date.replace(year=year, month=month + 1, day=day))
