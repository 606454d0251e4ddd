"""The time of the sandbox."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from trilogue_sandbox.kernel.clock import LATEST, START, Clock, from_microseconds, to_microseconds
from trilogue_sandbox.kernel.store import Store

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store()
    yield store
    store.close()


@pytest.fixture
def clock(store: Store) -> Clock:
    return Clock(store)


def test_the_clock_stands_still_until_it_is_moved(clock: Clock) -> None:
    assert clock.now() == clock.now() == START
    assert clock.advance(timedelta(hours=1)) == clock.now() == START + timedelta(hours=1)
    assert clock.set(NOON) == clock.now() == NOON


def test_a_tick_is_one_millisecond(clock: Clock) -> None:
    clock.tick()

    assert clock.now() == START + timedelta(milliseconds=1)


@pytest.mark.parametrize("by", [timedelta(seconds=-1), timedelta(microseconds=-1)])
def test_the_clock_does_not_go_back(clock: Clock, by: timedelta) -> None:
    with pytest.raises(ValueError, match="only forward"):
        clock.advance(by)
    with pytest.raises(ValueError, match="only forward"):
        clock.set(START + by)


def test_a_number_is_no_time_to_pass(clock: Clock) -> None:
    with pytest.raises(TypeError, match=r"must be a timedelta, such as timedelta\(seconds=5\)"):
        clock.advance(cast(Any, 5))


def test_a_timestamp_without_time_zone_is_rejected(clock: Clock) -> None:
    with pytest.raises(ValueError, match="time zone"):
        clock.set(datetime(2030, 1, 1))


def test_a_time_beyond_the_calendar_is_rejected_and_changes_nothing(clock: Clock) -> None:
    with pytest.raises(OverflowError):
        clock.advance(timedelta(days=9_000_000))

    assert clock.now() == START
    with pytest.raises(OverflowError):
        clock.set(LATEST + timedelta(microseconds=1))
    assert clock.set(LATEST) == clock.now() == LATEST


def test_a_clock_cannot_start_later_than_it_ends(store: Store) -> None:
    with pytest.raises(ValueError, match="`start` must not be later"):
        Clock(store, LATEST + timedelta(days=1))


def test_a_running_clock_follows_the_real_time_and_keeps_its_distance(store: Store) -> None:
    real = [NOON]
    clock = Clock(store, None, lambda: real[0])
    clock.advance(timedelta(days=1))
    real[0] += timedelta(seconds=5)
    clock.tick()

    assert clock.is_running
    assert clock.now() == NOON + timedelta(days=1, seconds=5)


def test_the_clock_can_show_another_time_for_a_while(clock: Clock) -> None:
    with clock.at(NOON):
        assert clock.now() == NOON

    assert clock.now() == START


def test_a_rolled_back_transaction_takes_the_clock_back(store: Store, clock: Clock) -> None:
    with contextlib.suppress(KeyError), store.transaction():
        clock.advance(timedelta(days=1))
        raise KeyError

    assert clock.now() == START


def test_timestamps_survive_as_microseconds() -> None:
    timestamp = datetime(2026, 1, 1, 12, 0, 0, 123457, tzinfo=UTC)

    assert from_microseconds(to_microseconds(timestamp)) == timestamp
