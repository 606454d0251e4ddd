"""The times and numbers at which a pacer, a report or a retry changes its mind, on both sides."""

from __future__ import annotations

import pytest
import trilogue
from trilogue._pacing.forecasts import seconds_in_counts, seconds_in_window
from trilogue._pacing.pacer import RANKS, Claimant
from trilogue._pacing.queue import GRACE, SHORTEST_WAIT, Waiting, delay
from trilogue._pacing.rate_limit_headers import HeaderPacer
from trilogue._pacing.sliding_window import TRANSIT_MARGIN, WindowPacer

from .support import FakeClock, Harness, json_response, operation

HOUR = 3600.0
READ = operation(id="look", name="things.look", method="GET", retry="idempotent", content_type=None)


def claim(pacer: WindowPacer | HeaderPacer, clock: FakeClock) -> float:
    return pacer.claim(READ, clock, Claimant())


def window(limit: int | None = None) -> WindowPacer:
    return WindowPacer(lambda made: "all", HOUR, limit)


def countdown(seconds: float = 60.0, total: str = "total") -> HeaderPacer:
    return HeaderPacer(lambda made: "all", "left", lambda headers, now: float(headers.get("reset", 60)), total, seconds)


@pytest.mark.parametrize(("later", "waits"), [(-0.01, True), (0.0, False)])
def test_a_request_leaves_the_window_at_its_end_and_not_before(later: float, waits: bool) -> None:
    clock, pacer = FakeClock(), window(1)
    assert claim(pacer, clock) == 0
    clock.time += HOUR + TRANSIT_MARGIN + later

    assert (claim(pacer, clock) > 0) is waits


@pytest.mark.parametrize(("off", "is_learned"), [(2.0, True), (-2.0, True), (2.01, False), (-2.01, False)])
def test_a_limit_is_learned_where_the_named_time_is_the_end_of_the_oldest_request(off: float, is_learned: bool) -> None:
    clock, pacer = FakeClock(), window()
    for _ in range(3):
        claim(pacer, clock)
    pacer.learn(READ, 429, {"retry-after": str(HOUR + off)}, clock)

    assert pacer.rate_of(READ, clock).budget == (2 if is_learned else None)


@pytest.mark.parametrize(("later", "waits"), [(-0.01, True), (0.0, False)])
def test_nothing_is_sent_before_the_named_time(later: float, waits: bool) -> None:
    clock, pacer = FakeClock(), window()
    claim(pacer, clock)
    pacer.learn(READ, 429, {"retry-after": "10"}, clock)
    clock.time += 10 + later

    assert (claim(pacer, clock) > 0) is waits


@pytest.mark.parametrize(("later", "waits"), [(-0.01, True), (0.0, False)])
def test_a_count_restarts_at_its_end_and_not_before(later: float, waits: bool) -> None:
    clock, pacer = FakeClock(), countdown()
    pacer.learn(READ, 200, {"left": "0", "total": "5"}, clock)
    clock.time += 60 + later

    assert (claim(pacer, clock) > 0) is waits


@pytest.mark.parametrize(("later", "left"), [(59.9, 0), (60.0, 5), (119.9, 5), (120.0, 5)])
def test_a_count_has_its_total_from_its_end_on(later: float, left: int) -> None:
    clock, pacer = FakeClock(), countdown()
    pacer.learn(READ, 200, {"left": "0", "total": "5"}, clock)
    clock.time += later

    assert pacer.rate_of(READ, clock).left == left


@pytest.mark.parametrize(("digits", "is_read"), [(9, True), (10, False)])
def test_a_number_too_long_to_count_requests_is_ignored(digits: int, is_read: bool) -> None:
    clock, pacer = FakeClock(), countdown()
    pacer.learn(READ, 200, {"left": "1" * digits}, clock)

    assert (pacer.rate_of(READ, clock).left is not None) is is_read


@pytest.mark.parametrize(("off", "is_same"), [(-31.0, False), (-30.0, True), (0.0, True), (30.0, True), (31.0, False)])
def test_a_late_response_belongs_to_the_count_it_is_close_to(off: float, is_same: bool) -> None:
    clock, pacer = FakeClock(), countdown()
    pacer.learn(READ, 200, {"left": "10", "total": "50", "reset": "60"}, clock)
    for _ in range(3):
        claim(pacer, clock)
    pacer.learn(READ, 200, {"left": "40", "total": "50", "reset": str(60 + off)}, clock)

    counted = 7 if is_same or off < 0 else 40
    assert pacer.rate_of(READ, clock).left == counted


HIGH, LOW = Claimant(RANKS["high"]), Claimant(RANKS["low"])


@pytest.mark.parametrize(("room", "waits"), [(1, True), (2, False)])
def test_a_less_urgent_call_leaves_room_for_one_that_waits(room: int, waits: bool) -> None:
    waiting: Waiting = {}
    assert delay(waiting, HIGH, 0, 5.0, now=0.0) == 5.0

    assert (delay(waiting, LOW, room, 0.0, now=5.0) > 0) is waits


@pytest.mark.parametrize(("later", "waits"), [(GRACE, True), (GRACE + 0.01, False)])
def test_room_is_kept_for_a_second_after_the_wait(later: float, waits: bool) -> None:
    waiting: Waiting = {}
    delay(waiting, HIGH, 0, 5.0, now=0.0)

    assert delay(waiting, LOW, 1, 0.0, now=5.0 + later) == (SHORTEST_WAIT if waits else 0.0)


def test_calls_of_one_rank_do_not_wait_for_each_other() -> None:
    waiting: Waiting = {}
    delay(waiting, LOW, 0, 5.0, now=0.0)
    assert delay(waiting, Claimant(RANKS["low"]), 1, 0.0, now=5.0) == 0.0


@pytest.mark.parametrize(("patience", "waits"), [(4.99, 0), (5.0, 1)])
def test_a_call_that_cannot_wait_so_long_keeps_no_room(patience: float, waits: int) -> None:
    waiting: Waiting = {}
    delay(waiting, Claimant(RANKS["high"], lambda: patience), 0, 5.0, now=0.0)
    assert len(waiting) == waits


@pytest.mark.parametrize(("calls", "seconds"), [(0, 0.0), (1, 0.0), (2, 0.0), (3, 40.0), (4, 100.0), (5, 100.0)])
def test_a_forecast_for_a_window_counts_what_was_sent(calls: int, seconds: float) -> None:
    assert seconds_in_window([40.0], 3, 100.0, calls, now=100.0) == seconds


@pytest.mark.parametrize(("calls", "seconds"), [(2, 0.0), (3, 10.0), (7, 10.0), (8, 70.0), (12, 70.0), (13, 130.0)])
def test_a_forecast_for_counts_goes_from_one_to_the_next(calls: int, seconds: float) -> None:
    assert seconds_in_counts(2, 5, 10.0, 60.0, calls) == seconds


@pytest.mark.parametrize(("retry_after", "reports"), [("0.9", 0), ("1", 0), ("1.001", 1)])
def test_a_wait_is_reported_once_it_is_longer_than_a_second(harness: Harness, retry_after: str, reports: int) -> None:
    waits: list[trilogue.Wait] = []
    replies = json_response(429, retry_after=retry_after), json_response(json={})
    client, _ = harness.scripted(*replies, on_wait=waits.append)
    harness.result(client._caller.call(READ, {}))

    assert len(waits) == reports


@pytest.mark.parametrize(("status", "may_help"), [(500, True), (501, False), (504, True), (505, False), (506, True)])
def test_only_a_transient_failure_is_safe_to_retry(harness: Harness, status: int, may_help: bool) -> None:
    client, transport = harness.scripted(*(json_response(status) for _ in range(2 if may_help else 1)), max_attempts=2)
    with pytest.raises(trilogue.ServerError) as raised:
        harness.result(client._caller.call(READ, {}))

    assert raised.value.is_safe_to_retry is may_help
    assert len(transport.requests) == (2 if may_help else 1)
