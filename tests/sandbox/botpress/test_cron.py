"""Cron expressions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from trilogue_sandbox.botpress.cron import Cron

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""A Thursday."""


@pytest.mark.parametrize(
    ("expression", "following"),
    [
        ("* * * * *", "2026-01-01T12:01"),
        ("*/15 * * * *", "2026-01-01T12:15"),
        ("5/20 * * * *", "2026-01-01T12:05"),
        ("0 9 * * *", "2026-01-02T09:00"),
        ("0 12 * * *", "2026-01-02T12:00"),
        ("30 8-10,13 * * *", "2026-01-01T13:30"),
        ("0 9 * * 1", "2026-01-05T09:00"),
        ("0 9 * * mon-fri", "2026-01-02T09:00"),
        ("0 0 * * 7", "2026-01-04T00:00"),
        ("0 0 15 * mon", "2026-01-05T00:00"),
        ("0 0 29 feb *", "2028-02-29T00:00"),
        ("0 0 1 1 *", "2027-01-01T00:00"),
    ],
)
def test_the_next_time_is_found(expression: str, following: str) -> None:
    assert Cron.read(expression).after(NOON) == datetime.fromisoformat(f"{following}+00:00")


def test_a_day_that_never_comes_is_none() -> None:
    assert Cron.read("0 0 30 feb *").after(NOON) is None


@pytest.mark.parametrize(
    "expression", ["", "* * * *", "60 * * * *", "* * 0 * *", "a * * * *", "5-1 * * * *", "*/0 * * * *"]
)
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="cron expression"):
        Cron.read(expression)
