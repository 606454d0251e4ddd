"""Staying below a rate limit, which costs nothing but the time that must pass anyway."""

from __future__ import annotations

import random
import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from math import ceil
from threading import Barrier
from typing import Any

import httpx
import pytest
import trilogue
from trilogue._http.messages import HttpResponse
from trilogue._pacing.pacer import Claimant
from trilogue._pacing.sliding_window import WindowPacer

from .support import START, TOKEN, Async, DirectClient, FakeClock, Harness, RecordingTransport, json_response, operation

HOUR = 3600.0


class Throttle:
    """A sliding window as RapidPro keeps it: refused requests do not count, and the wait is named in full seconds."""

    def __init__(self, clock: FakeClock, limit: int, seconds: float = HOUR) -> None:
        self.clock, self.limit, self.seconds = clock, limit, seconds
        self.counted: deque[float] = deque()
        self.refused = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        wait = self.count()
        return json_response(json={}) if wait is None else json_response(429, retry_after=str(wait))

    def count(self) -> int | None:
        """Count a request, or return the seconds to wait where there is no room for it."""
        now = self.clock.now()
        while self.counted and self.counted[0] <= now - self.seconds:
            self.counted.popleft()
        if len(self.counted) < self.limit:
            self.counted.append(now)
            return None
        self.refused += 1
        return ceil(self.counted[0] + self.seconds - now)


class Scopes:
    """One throttle for each path."""

    def __init__(self, clock: FakeClock, limit: int) -> None:
        self.clock, self.limit = clock, limit
        self.by_path: dict[str, Throttle] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        return self.by_path.setdefault(request.url.path, Throttle(self.clock, self.limit))(request)


READ = operation(id="look", name="things.look", method="GET", retry="idempotent", content_type=None)
LOOK = {
    name: operation(
        id=name, name=f"{name}.look", method="GET", path=f"/{name}.json", retry="idempotent", content_type=None
    )
    for name in ("contacts", "messages", "runs", "broadcasts", "groups", "flows")
}


def call_often(harness: Harness, client: Any, times: int) -> None:
    patient = client.with_options(deadline=None)
    harness.repeat(lambda: patient._caller.call(READ, {}), times)


@pytest.mark.parametrize(("known", "most_rejections"), [(2500, 0), (None, 1)])
def test_ten_thousand_calls_at_2500_an_hour_take_three_hours_with_at_most_one_429(
    known: int | None, most_rejections: int
) -> None:
    clock = FakeClock()
    throttle = Throttle(clock, 2500)
    client = trilogue.RapidPro(TOKEN, clock=clock, requests_per_hour=known, deadline=None)

    def respond() -> HttpResponse:
        wait = throttle.count()
        return HttpResponse(200, {}, b"{}") if wait is None else HttpResponse(429, {"retry-after": str(wait)}, b"")

    direct = DirectClient(client, respond)
    for _ in range(10_000):
        assert direct.call(READ) == {}

    assert throttle.refused <= most_rejections
    assert 3 * HOUR <= clock.time - START <= 3 * HOUR * 1.02


@pytest.mark.parametrize(("known", "most_rejections"), [(100, 0), (None, 5)])
def test_requests_that_arrive_early_or_late_keep_to_the_window_too(
    harness: Harness, known: int | None, most_rejections: int
) -> None:
    throttle = Throttle(harness.clock, 100)
    chance = random.Random(7)

    def travel(request: httpx.Request) -> httpx.Response:
        harness.clock.time += chance.uniform(0.02, 0.9)
        reply = throttle(request)
        harness.clock.time += chance.uniform(0.02, 0.9)
        return reply

    client = harness.client(RecordingTransport(travel), requests_per_hour=known)
    call_often(harness, client, 1_000)

    assert throttle.refused <= most_rejections
    assert 9 * HOUR <= harness.clock.time - START <= 9 * HOUR * 1.02 + 200


def test_a_limit_that_was_set_stays_when_others_use_it_up(harness: Harness) -> None:
    """Another program may share the workspace for an hour; what is left to this one then is no lower limit."""
    throttle = Throttle(harness.clock, 100)
    client = harness.client(RecordingTransport(throttle), requests_per_hour=100)
    call_often(harness, client, 40)
    throttle.counted.extend([harness.clock.time] * 60)
    call_often(harness, client, 1)
    throttle.counted.clear()
    throttle.counted.append(harness.clock.time)

    before = harness.clock.time
    call_often(harness, client, 98)

    assert harness.clock.time - before <= 1


def test_some_endpoints_have_their_own_count_and_the_others_share_one(harness: Harness) -> None:
    scopes = Scopes(harness.clock, 10)
    client = harness.client(RecordingTransport(scopes), requests_per_hour=10).with_options(deadline=None)

    for name in ("contacts", "messages", "runs", "broadcasts", "groups"):
        for _ in range(10):
            harness.result(client._caller.call(LOOK[name], {}))
    assert harness.clock.time == START

    harness.result(client._caller.call(LOOK["flows"], {}))

    assert HOUR <= harness.clock.time - START <= HOUR + 1


def test_a_429_in_one_scope_does_not_delay_another(harness: Harness) -> None:
    scopes = Scopes(harness.clock, 10)
    client = harness.client(RecordingTransport(scopes))
    for _ in range(10):
        harness.result(client._caller.call(LOOK["contacts"], {}))
    with pytest.raises(trilogue.RateLimited):
        harness.result(client._caller.call(LOOK["contacts"], {}))

    harness.result(client._caller.call(LOOK["messages"], {}))

    assert harness.clock.time == START


def test_copies_of_a_client_share_one_count(harness: Harness) -> None:
    throttle = Throttle(harness.clock, 10)
    client = harness.client(RecordingTransport(throttle), requests_per_hour=10)

    call_often(harness, client, 5)
    call_often(harness, client.with_options(timeout=5), 5)
    with pytest.raises(trilogue.RateLimited) as raised:
        harness.result(client._caller.call(READ, {}))

    assert throttle.refused == 0
    assert raised.value.attempts == 0
    assert raised.value.retry_after == pytest.approx(HOUR, abs=1)
    assert "longer than the deadline of this call allows" in str(raised.value)


def test_after_a_429_nothing_is_sent_before_the_time_the_platform_named(harness: Harness) -> None:
    throttle = Throttle(harness.clock, 5)
    client = harness.client(transport := RecordingTransport(throttle))
    call_often(harness, client, 5)

    for _ in range(20):
        with pytest.raises(trilogue.RateLimited):
            harness.result(client._caller.call(READ, {}))

    assert throttle.refused == 1
    assert len(transport.requests) == 6


def test_tasks_that_wait_for_the_same_time_do_not_all_continue_at_it() -> None:
    harness = Harness(Async())
    throttle = Throttle(harness.clock, 10)
    client = harness.client(transport := RecordingTransport(throttle), requests_per_hour=10).with_options(deadline=None)

    harness.concurrently([lambda: client._caller.call(READ, {}) for _ in range(40)])

    assert throttle.refused == 0
    assert len(transport.requests) == 40
    assert harness.clock.time - START == pytest.approx(3 * HOUR, rel=0.02)
    harness.end()


def test_threads_that_claim_at_the_same_time_do_not_all_get_the_last_request() -> None:
    pacer = WindowPacer(lambda made: made.path, HOUR, 1)
    operations = [operation(path=f"/{number}.json") for number in range(1000)]
    clock, start = FakeClock(), Barrier(8)

    def claim_all() -> int:
        start.wait(5)
        return [pacer.claim(made, clock, Claimant()) for made in operations].count(0.0)

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            claimed = [future.result() for future in [pool.submit(claim_all) for _ in range(8)]]
    finally:
        sys.setswitchinterval(usual)

    assert sum(claimed) == 1000


def test_a_wait_of_the_pacer_is_reported_as_any_other(harness: Harness) -> None:
    waits: list[trilogue.Wait] = []
    client = harness.client(RecordingTransport(Throttle(harness.clock, 2)), requests_per_hour=2, on_wait=waits.append)

    call_often(harness, client, 3)

    assert [(wait.reason, wait.attempt) for wait in waits] == [("rate limit", 0)]
    assert waits[0].seconds == pytest.approx(HOUR, abs=1)


@pytest.mark.parametrize("limit", [0, -1, 2.5, "2500", True])
def test_a_limit_that_is_not_a_positive_integer_is_an_invalid_argument(harness: Harness, limit: Any) -> None:
    with pytest.raises(trilogue.InvalidArgument, match=r"^requests_per_hour: "):
        harness.client(requests_per_hour=limit)
