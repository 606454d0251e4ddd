"""Things that happen later."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.clock import START, Clock
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.store import Store
from trilogue_sandbox.kernel.timers import Timers

from .notebook import Notebook, notebook_sandbox


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store()
    yield store
    store.close()


@pytest.fixture
def clock(store: Store) -> Clock:
    return Clock(store)


@pytest.fixture
def timers(store: Store, clock: Clock) -> Timers:
    return Timers(store, clock, "notebook")


def take_all(timers: Timers) -> list[str]:
    taken: list[str] = []
    while timer := timers.take_due():
        taken.append(timer.action)
    return taken


def test_timers_are_taken_in_the_order_they_are_due(timers: Timers, clock: Clock) -> None:
    for seconds, action in ((3, "third"), (1, "first"), (2, "second"), (1, "first again"), (9, "later")):
        timers.after(timedelta(seconds=seconds), action, {})

    assert take_all(timers) == []
    clock.set(START + timedelta(seconds=3))
    assert take_all(timers) == ["first", "first again", "second", "third"]
    clock.set(START + timedelta(seconds=9))
    assert take_all(timers) == ["later"]


def test_a_timer_comes_back_whole(timers: Timers) -> None:
    timers.at(START, "deliver", {"id": 7, "urn": "tel:+250788"})

    timer = timers.take_due()

    assert timer is not None
    assert (timer.platform, timer.due_at, timer.action) == ("notebook", START, "deliver")
    assert timer.payload == {"id": 7, "urn": "tel:+250788"}
    assert "250788" not in repr(timer)


def test_a_canceled_timer_does_not_run(timers: Timers, clock: Clock) -> None:
    timer_id = timers.after(timedelta(seconds=1), "forget", {})

    assert timers.cancel(timer_id)
    assert not timers.cancel(timer_id)
    clock.advance(timedelta(days=1))
    assert take_all(timers) == []


def test_a_platform_cannot_cancel_the_timer_of_another(timers: Timers, store: Store, clock: Clock) -> None:
    timer_id = timers.after(timedelta(seconds=1), "forget", {})

    assert not Timers(store, clock, "elsewhere").cancel(timer_id)


def test_a_timer_that_is_rolled_back_does_not_run(timers: Timers, store: Store, clock: Clock) -> None:
    timers.after(timedelta(seconds=5), "kept", {})
    assert timers.take_due() is None
    with contextlib.suppress(KeyError), store.transaction():
        timers.after(timedelta(seconds=1), "lost", {})
        raise KeyError

    clock.advance(timedelta(seconds=9))
    assert take_all(timers) == ["kept"]


def test_what_falls_due_happens_before_the_next_request(sandbox: Sandbox, client: httpx.Client) -> None:
    note = client.post("/notes", json={"text": "burn this", "color": "red"}).json()
    assert client.get(f"/notes/{note['uuid']}").status_code == 200

    sandbox.advance(timedelta(seconds=59))
    assert client.get(f"/notes/{note['uuid']}").status_code == 200

    sandbox.advance(timedelta(seconds=1))
    assert client.get(f"/notes/{note['uuid']}").status_code == 404


class Diary(Notebook):
    """A notebook that writes down when its timers run, and plants more of them."""

    happened: list[tuple[str, datetime]]

    def control(self, action: str, arguments: JsonObject) -> object:
        if action == "plant":
            for seconds in (20, 10):
                self.world.timers.after(timedelta(seconds=seconds), f"after {seconds}", {})
        elif action == "after 10":
            self.world.timers.after(timedelta(seconds=5), "after 10 and 5", {})
        elif action == "after 20":
            self.add_note("written, then lost", None)
            self.happened.append((action, self.world.clock.now()))
            raise ControlError("no")
        self.happened.append((action, self.world.clock.now()))
        return {}


@pytest.fixture
def diary() -> Iterator[tuple[Sandbox, list[tuple[str, datetime]]]]:
    happened: list[tuple[str, datetime]] = []
    Diary.happened = happened
    with notebook_sandbox(Diary) as sandbox:
        sandbox.control("notebook", "plant")
        yield sandbox, happened


def test_one_leap_of_the_clock_runs_all_timers_each_at_its_own_time(
    diary: tuple[Sandbox, list[tuple[str, datetime]]],
) -> None:
    sandbox, happened = diary
    planted = happened.pop()[1]

    sandbox.set_clock(planted + timedelta(hours=1))

    assert happened == [
        ("after 10", planted + timedelta(seconds=10)),
        ("after 10 and 5", planted + timedelta(seconds=15)),
        ("after 20", planted + timedelta(seconds=20)),
    ]
    assert sandbox.now() == planted + timedelta(hours=1)


def test_a_platform_that_is_reset_forgets_its_timers(diary: tuple[Sandbox, list[tuple[str, datetime]]]) -> None:
    sandbox, happened = diary
    happened.clear()

    sandbox.reset("notebook")
    sandbox.advance(timedelta(hours=1))

    assert happened == []


def test_a_timer_that_fails_changes_nothing_and_is_recorded(
    diary: tuple[Sandbox, list[tuple[str, datetime]]],
) -> None:
    sandbox, _ = diary
    sandbox.advance(timedelta(minutes=1))

    (drift,) = sandbox.drift
    assert (drift.platform, drift.operation_id, drift.number) == ("notebook", "timer after 20", 0)
    assert "ControlError: no" in str(drift)
    with httpx.Client(transport=sandbox.transport(), base_url=sandbox.url("notebook")) as client:
        notes = client.get("/notes", headers={"Authorization": "Token notebook"}).json()["notes"]
    assert [note["text"] for note in notes] == ["Welcome"]
