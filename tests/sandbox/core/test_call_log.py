"""Calls that rate limits count."""

from __future__ import annotations

from trilogue_sandbox.kernel.call_log import CallLog
from trilogue_sandbox.kernel.store import Store


def test_calls_are_counted_by_key_and_older_ones_are_dropped() -> None:
    log = CallLog()
    for time in (1, 5, 9):
        log.since(0, "notebook", "reader").append(time)

    assert list(log.since(5, "notebook", "reader")) == [9]
    assert list(log.since(0, "notebook", "reader")) == [9]
    assert not log.since(0, "notebook", "writer")


def test_the_calls_of_one_platform_can_be_dropped() -> None:
    log = CallLog()
    for platform in ("notebook", "diary"):
        log.since(0, platform, "reader").append(1)
    log.clear("notebook")

    assert not log.since(0, "notebook", "reader")
    assert log.since(0, "diary", "reader")


def test_a_copied_store_counts_on_its_own() -> None:
    store = Store()
    store.calls.since(0, "notebook").append(1)
    copy = store.copy()
    store.calls.since(0, "notebook").append(2)

    assert list(copy.calls.since(0, "notebook")) == [1]
    store.replace(copy)
    assert list(store.calls.since(0, "notebook")) == [1]
    store.close()
    copy.close()
