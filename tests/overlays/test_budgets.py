"""One rate limit for many: threads, tasks, processes and hosts count together, and the more urgent call goes first."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import trilogue

from tests.services import valkey_server

from .botpress import BotpressHarness
from .support import START, TOKEN, Async, FakeClock, Harness, RecordingTransport, always, json_response, operation, page
from .test_pacing import HOUR, LOOK, READ, Throttle, call_often


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with valkey_server() as address:
        yield address


@pytest.fixture(params=["file", "server"])
def budget(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store nobody has used: a file, or a database of a server."""
    if request.param == "file":
        return str(tmp_path / "budget.sqlite")
    import valkey

    address: str = request.getfixturevalue("server")
    valkey.Valkey.from_url(address).flushdb()
    return address


def test_two_clients_keep_to_one_limit(harness: Harness, budget: str) -> None:
    throttle = Throttle(harness.clock, 10)
    transport = RecordingTransport(throttle)
    clients = [harness.client(transport, requests_per_hour=10, budget=budget) for _ in range(2)]

    for client in clients * 2:
        call_often(harness, client, 5)

    assert (throttle.refused, len(transport.requests)) == (0, 20)
    assert HOUR < harness.clock.time - START < HOUR + 10


def test_what_one_client_learns_of_a_limit_holds_for_the_others(harness: Harness, budget: str) -> None:
    throttle = Throttle(harness.clock, 10)
    clients = [harness.client(RecordingTransport(throttle), budget=budget) for _ in range(2)]

    call_often(harness, clients[0], 11)
    call_often(harness, clients[1], 19)

    assert throttle.refused == 1


def test_a_count_in_headers_is_shared(botpress: BotpressHarness, budget: str) -> None:
    left = iter("10")

    def count_down(request: httpx.Request) -> httpx.Response:
        return json_response(json={}, ratelimit_remaining=next(left), ratelimit_reset="60", ratelimit_limit="50")

    one, two = (botpress.client(RecordingTransport(count_down), budget=budget) for _ in range(2))
    botpress.result(one._caller.call(READ, {}))
    assert (two.rate.budget, two.rate.used, two.rate.left) == (50, 49, 1)

    botpress.result(two._caller.call(READ, {}))
    with pytest.raises(trilogue.RateLimited):
        botpress.result(one.with_options(deadline=30)._caller.call(READ, {}))


PROGRAM = """
import sys, httpx, trilogue
client = trilogue.RapidPro("t" * 40, requests_per_hour=40, budget=sys.argv[1], deadline=1.0,
                           transport=httpx.MockTransport(lambda request: httpx.Response(200, json={})))
sent = 0
for _ in range(30):
    try:
        client.workspace.get()
        sent += 1
    except trilogue.RateLimited:
        pass
print(sent)
"""


def test_processes_keep_to_one_limit(budget: str) -> None:
    command = [sys.executable, "-c", PROGRAM, budget]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    sent = [int(process.communicate(timeout=60)[0]) for process in processes]

    assert sum(sent) == 40


def test_accounts_that_share_a_store_are_counted_apart(harness: Harness, budget: str) -> None:
    transport = RecordingTransport(always(lambda: json_response(json={})))
    for letter in "ab":
        client = harness.client(transport, token=letter * 40, requests_per_hour=3, budget=budget, deadline=1)
        for _ in range(3):
            harness.result(client._caller.call(READ, {}))

    assert len(transport.requests) == 6


def test_no_credential_is_in_the_store(harness: Harness, tmp_path: Path) -> None:
    path = tmp_path / "budget.sqlite"
    client = harness.client(RecordingTransport(always(lambda: json_response(json={}))), budget=path)
    harness.result(client._caller.call(READ, {}))

    assert TOKEN.encode() not in path.read_bytes()


def test_a_clock_that_is_set_back_prolongs_no_wait(harness: Harness, budget: str) -> None:
    class SettableClock(FakeClock):
        wall = 0.0

        def now(self) -> float:
            return self.time + self.wall

    clock = SettableClock()
    transport = RecordingTransport(always(lambda: json_response(json={})))
    client = harness.client(transport, requests_per_hour=1, budget=budget, clock=clock, deadline=None)
    harness.result(client._caller.call(READ, {}))
    clock.wall = -HOUR
    harness.result(client._caller.call(READ, {}))

    assert sum(clock.slept) < HOUR + 10


@pytest.mark.parametrize("value", [b'{"limit": 5, "field_of_a_newer_version": 1}', b"[]", b"not JSON"])
def test_a_count_of_another_version_begins_again(harness: Harness, tmp_path: Path, value: bytes) -> None:
    transport = RecordingTransport(always(lambda: json_response(json={})))
    client = harness.client(transport, requests_per_hour=10, budget=tmp_path / "counts")
    call_often(harness, client, 3)
    with closing(sqlite3.connect(tmp_path / "counts")) as database, database:
        database.execute("UPDATE counts SET value = ?", (value,))

    call_often(harness, client, 1)

    assert client.rate.left == 9


def test_calls_go_on_while_the_store_is_away(harness: Harness, caplog: pytest.LogCaptureFixture) -> None:
    transport = RecordingTransport(always(lambda: json_response(json={})))
    client = harness.client(transport, requests_per_hour=3, budget="valkey://127.0.0.1:1/0", deadline=1)
    with caplog.at_level(logging.WARNING, "trilogue"):
        for _ in range(3):
            harness.result(client._caller.call(READ, {}))
        with pytest.raises(trilogue.RateLimited):
            harness.result(client._caller.call(READ, {}))

    assert [record.message for record in caplog.records] == [
        "the shared budget is unavailable (ConnectionError); this process counts by itself until it is back"
    ]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("postgres://host/db", "postgres:// is not supported; use valkey"),
        ("", "expected an address such as valkey://"),
        (7, "or the path of a file"),
        ("valkey://host:port", "budget: "),
    ],
)
def test_a_budget_that_is_none_is_an_invalid_argument(harness: Harness, wrong: Any, says: str) -> None:
    with pytest.raises(trilogue.InvalidArgument, match=says):
        harness.client(budget=wrong)


# Priorities.


def test_an_urgent_call_goes_before_an_export_that_waits_longer() -> None:
    harness = Harness(Async())
    harness.clock.chance = 0.0
    sent: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.path.rpartition("/")[2])
        return json_response(json={}) if "contacts" not in request.url.path else page([])

    client = harness.client(RecordingTransport(note), requests_per_hour=1, deadline=None)
    urgent = client.with_options(priority="high")
    export = operation(path="/export.json", name="export.read", method="GET", content_type=None)
    otp = operation(path="/otp.json", name="otp.send", method="POST")

    async def calls() -> None:
        import asyncio

        await client._caller.call(export, {})
        waiting = [asyncio.create_task(client.with_options(priority="low")._caller.call(export, {})) for _ in range(3)]
        await asyncio.sleep(0)
        await asyncio.gather(urgent._caller.call(otp, {}), *waiting)

    harness.result(calls())
    assert sent == ["export.json", "otp.json", "export.json", "export.json", "export.json"]
    harness.end()


def test_pages_of_a_list_are_less_urgent_than_single_calls(harness: Harness) -> None:
    from trilogue._pacing.pacer import RANKS
    from trilogue._sending import usual_priority

    assert RANKS[usual_priority(trilogue_list())] > RANKS[usual_priority(READ)]


def trilogue_list() -> Any:
    from trilogue_generated.rapidpro.operations.contacts import LIST

    return LIST


def test_a_call_that_gives_up_keeps_no_room(harness: Harness) -> None:
    transport = RecordingTransport(always(lambda: json_response(json={})))
    client = harness.client(transport, requests_per_hour=1, deadline=10)
    harness.result(client._caller.call(READ, {}))
    with pytest.raises(trilogue.RateLimited):
        harness.result(client.with_options(priority="high")._caller.call(READ, {}))
    harness.clock.sleep(HOUR + 2)

    harness.result(client.with_options(priority="low")._caller.call(READ, {}))
    assert len(transport.requests) == 2


@pytest.mark.parametrize("wrong", ["urgent", 1, True])
def test_a_priority_there_is_not_is_an_invalid_argument(harness: Harness, wrong: Any) -> None:
    with pytest.raises(trilogue.InvalidArgument, match="priority: expected one of high, normal, low, or None"):
        harness.client(priority=wrong)


# What is left.


def test_the_rate_shows_budget_used_and_reset(harness: Harness) -> None:
    client = harness.client(RecordingTransport(always(lambda: json_response(json={}))), requests_per_hour=2500)
    assert (client.rate.budget, client.rate.used, client.rate.left, client.rate.resets_at) == (2500, 0, 2500, None)

    for _ in range(3):
        harness.result(client._caller.call(LOOK["contacts"], {}))
        harness.clock.sleep(10)
    harness.result(client._caller.call(LOOK["groups"], {}))

    assert (client.rate.used, client.rate.left) == (3, 2497)
    assert client.rate.resets_at == datetime.fromtimestamp(START + HOUR, UTC)
    assert {name: rate.used for name, rate in client.rate.counts.items()} == {"contacts": 3, "others": 1}


def test_the_rate_is_what_the_platform_said_last(botpress: BotpressHarness) -> None:
    said = json_response(json={}, ratelimit_limit="60", ratelimit_remaining="57", ratelimit_reset="30")
    client = botpress.client(RecordingTransport(always(lambda: said)))
    assert client.rate.budget is None
    botpress.result(client._caller.call(READ, {}))

    assert (client.rate.budget, client.rate.used, client.rate.left) == (60, 3, 57)
    assert client.rate.resets_at == datetime.fromtimestamp(START + 30, UTC)


def test_a_wait_too_short_for_the_clock_ends(harness: Harness) -> None:
    client, transport = harness.scripted(json_response(429, retry_after="1.01"), json_response(json={}))
    harness.result(client._caller.call(READ, {}))

    assert len(transport.requests) == 2
    assert len(harness.clock.slept) <= 3
