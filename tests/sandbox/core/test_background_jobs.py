"""What platforms do outside the sandbox, one thing after the other."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import attrs
import pytest
from trilogue_sandbox.kernel.background_jobs import BackgroundJob, BackgroundJobs


@attrs.define
class Work:
    """An background_job that notes what happens, and may wait or fail on its way."""

    name: str
    notes: list[str]
    gate: threading.Event | None = None
    error: Exception | None = None
    seconds: float = 0.0

    async def run(self) -> None:
        self.notes.append(f"run {self.name}")
        if self.error:
            raise self.error
        while self.gate is not None and not self.gate.is_set():
            await asyncio.sleep(0.005)
        await asyncio.sleep(self.seconds)

    def finish(self) -> None:
        self.notes.append(f"finish {self.name}")


@attrs.define
class Desk:
    """BackgroundJobs, with a source that hands out what lies on the desk."""

    background_jobs: BackgroundJobs
    waiting: list[Work]
    notes: list[str]
    errors: list[Exception]
    lock: threading.RLock

    def take(self) -> BackgroundJob | None:
        return self.waiting.pop(0) if self.waiting else None

    def put(self, name: str, **more: object) -> None:
        self.waiting.append(Work(name, self.notes, **more))
        self.background_jobs.wake()


@contextlib.contextmanager
def open_desk(real_time: bool = False) -> Iterator[Desk]:
    lock, errors = threading.RLock(), list[Exception]()

    @contextlib.contextmanager
    def turn() -> Iterator[None]:
        with lock:
            yield

    background_jobs = BackgroundJobs(turn, errors.append, real_time=real_time)
    desk = Desk(background_jobs, [], [], errors, lock)
    background_jobs.add_source(desk.take)
    try:
        yield desk
    finally:
        background_jobs.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk that is only worked at when it is told to."""
    with open_desk() as desk:
        yield desk


def eventually(is_true: Callable[[], bool]) -> bool:
    for _ in range(400):
        if is_true():
            return True
        time.sleep(0.005)
    return False


def test_jobs_are_done_one_after_the_other(desk: Desk) -> None:
    desk.put("a", seconds=0.02)
    desk.put("b")

    assert desk.background_jobs.settle(5)
    assert desk.notes == ["run a", "finish a", "run b", "finish b"]


def test_nobody_waits_where_nothing_is_to_be_done() -> None:
    background_jobs = BackgroundJobs(contextlib.nullcontext, print, real_time=False)

    assert background_jobs.settle(0)
    assert not [thread for thread in threading.enumerate() if thread.name == "trilogue-background_jobs"]
    background_jobs.close()


def test_settling_gives_up_after_a_while_and_the_job_goes_on(desk: Desk) -> None:
    gate = threading.Event()
    desk.put("slow", gate=gate)

    assert not desk.background_jobs.settle(0.02)
    gate.set()
    assert desk.background_jobs.settle(5)
    assert desk.notes[-1] == "finish slow"


def test_the_world_is_free_while_a_job_runs_and_locked_when_it_finishes(desk: Desk) -> None:
    gate = threading.Event()
    desk.put("slow", gate=gate)
    assert eventually(lambda: desk.notes == ["run slow"])
    with desk.lock:
        gate.set()
        assert not desk.background_jobs.settle(0.05)
        assert desk.notes == ["run slow"]

    assert desk.background_jobs.settle(5)


def test_what_was_under_way_is_forgotten_when_the_world_begins_again(desk: Desk) -> None:
    gate = threading.Event()
    desk.put("old", gate=gate)
    assert eventually(lambda: desk.notes == ["run old"])
    desk.background_jobs.drop_running()
    gate.set()
    desk.put("new")
    desk.background_jobs.settle(5)

    assert desk.notes == ["run old", "run new", "finish new"]


def test_a_job_that_raises_is_reported_and_the_next_ones_are_done_when_somebody_asks(desk: Desk) -> None:
    desk.put("bad", error=RuntimeError("a defect"))
    desk.background_jobs.settle(5)
    desk.put("good")
    desk.background_jobs.settle(5)

    assert [str(error) for error in desk.errors] == ["a defect"]
    assert desk.notes == ["run bad", "run good", "finish good"]


def test_closing_breaks_off_what_is_under_way_and_ends_the_thread(desk: Desk) -> None:
    desk.put("endless", gate=threading.Event())
    assert eventually(lambda: desk.notes == ["run endless"])
    began = time.monotonic()
    desk.background_jobs.close()

    assert time.monotonic() - began < 2
    assert desk.notes == ["run endless"]
    assert not [thread for thread in threading.enumerate() if thread.name == "trilogue-background_jobs"]


def test_with_a_running_clock_nobody_has_to_ask() -> None:
    with open_desk(real_time=True) as desk:
        desk.waiting.append(Work("due", desk.notes))

        assert eventually(lambda: desk.notes == ["run due", "finish due"])
