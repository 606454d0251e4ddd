"""The methods that wait for a final state, on scripted responses and a clock that stands still until someone sleeps."""

from __future__ import annotations

import pickle
from typing import Any

import httpx
import pytest
import trilogue
from trilogue.rapidpro import Broadcast

from .support import Harness, json_response, page

UUID = "019a11aa-0003-7000-8000-000000000003"


def broadcast(status: str, **changes: Any) -> dict[str, Any]:
    return {"uuid": UUID, "id": 45, "status": status, **changes}


def test_a_wait_looks_until_the_state_is_final(harness: Harness) -> None:
    client, transport = harness.scripted(*(page([broadcast(each)]) for each in ("pending", "started", "completed")))
    seen: list[str] = []

    done = harness.result(client.broadcasts.wait(UUID, on_progress=lambda each: seen.append(each.status)))

    assert (done.status, seen) == ("completed", ["pending", "started", "completed"])
    assert all(request.url.params["uuid"] == UUID for request in transport.requests)


def test_the_intervals_grow_up_to_fifteen_seconds(harness: Harness) -> None:
    client, _ = harness.scripted(*(page([broadcast("started")]) for _ in range(8)), page([broadcast("sent")]))
    harness.result(client.broadcasts.wait(UUID))

    assert harness.clock.slept == [0.75, 1.5, 3.0, 6.0, 11.25, 11.25, 11.25, 11.25]


@pytest.mark.parametrize(
    ("key", "asked"),
    [(UUID, {"uuid": UUID}), (45, {"id": "45"}), (Broadcast.from_dict({"id": 45}), {"id": "45"})],
    ids=["uuid", "id", "model without uuid"],
)
def test_it_takes_the_model_or_one_of_its_keys(harness: Harness, key: Any, asked: dict[str, str]) -> None:
    client, transport = harness.scripted(page([broadcast("sent")]))
    harness.result(client.broadcasts.wait(key))

    assert dict(transport.last.url.params) == asked


def test_it_is_found_among_all_where_the_server_ignores_the_filter(harness: Harness) -> None:
    others = [broadcast("failed", uuid=None, id=number) for number in (46, 44)]
    client, _ = harness.scripted(page([*others, broadcast("sent", uuid=None)]))

    assert harness.result(client.broadcasts.wait(45)).id == 45


def test_a_failure_is_raised_with_what_was_seen(harness: Harness) -> None:
    client, _ = harness.scripted(page([broadcast("failed")]))
    with pytest.raises(trilogue.WaitFailed, match=r"broadcasts\.wait: it is failed, and will not change") as raised:
        harness.result(client.broadcasts.wait(UUID))

    error = raised.value
    assert (error.key, error.state, error.last.id, error.is_safe_to_retry) == (UUID, "failed", 45, False)
    restored = pickle.loads(pickle.dumps(error))
    assert (restored.key, restored.state, restored.last) == (UUID, "failed", None)


def test_a_wait_ends_with_its_deadline_and_can_be_continued(harness: Harness) -> None:
    client, transport = harness.scripted(*(page([broadcast("started")]) for _ in range(7)), page([broadcast("sent")]))
    with pytest.raises(trilogue.WaitTimedOut, match="it is still started after 5 s") as raised:
        harness.result(client.broadcasts.wait(UUID, deadline=5))

    assert isinstance(raised.value, TimeoutError)
    assert raised.value.is_safe_to_retry
    assert 4.5 < sum(harness.clock.slept) <= 5
    while len(transport.requests) < 7:
        transport.requests.append(transport.last)
        transport.handler(transport.last)
    assert harness.result(client.broadcasts.wait(raised.value.key)).status == "sent"


def test_a_wait_lasts_through_an_outage(harness: Harness) -> None:
    client, _ = harness.scripted(
        page([broadcast("started")]), json_response(503), httpx.ConnectError("no route"), page([broadcast("sent")]),
        max_attempts=1,
    )  # fmt: skip

    assert harness.result(client.broadcasts.wait(UUID)).status == "sent"


def test_a_wait_for_something_that_is_gone_ends_at_once(harness: Harness) -> None:
    client, _ = harness.scripted(json_response(404))
    with pytest.raises(trilogue.NotFound):
        harness.result(client.broadcasts.wait(UUID))


def test_what_is_not_listed_yet_is_waited_for(harness: Harness) -> None:
    client, _ = harness.scripted(page([]), page([{"uuid": UUID, "name": "Farmers", "status": "ready"}]))
    assert harness.result(client.groups.wait(UUID)).status == "ready"


def test_the_message_says_that_there_is_none(harness: Harness) -> None:
    client, _ = harness.scripted(page([]))
    with pytest.raises(trilogue.WaitTimedOut, match=r"there is none with this uuid after 0\.1 s"):
        harness.result(client.groups.wait(UUID, deadline=0.1))


def test_the_pauses_are_reported(harness: Harness) -> None:
    waits: list[trilogue.Wait] = []
    replies = [page([broadcast(each)]) for each in ("pending", "started", "sent")]
    client, _ = harness.scripted(*replies, on_wait=waits.append)
    harness.result(client.broadcasts.wait(UUID))

    assert [(wait.reason, wait.operation, wait.total) for wait in waits] == [("pending", "broadcasts.wait", 2.25)]


@pytest.mark.parametrize("key", [None, "", True, 4.5, object()])
def test_what_cannot_be_waited_for_is_refused_before_anything_is_sent(harness: Harness, key: Any) -> None:
    client, _ = harness.scripted()
    with pytest.raises(
        trilogue.InvalidArgument, match=r"broadcasts\.wait: expected what to wait for, or its uuid or id"
    ):
        harness.result(client.broadcasts.wait(key))


@pytest.mark.parametrize("deadline", [0, -1, "10", True])
def test_a_deadline_that_is_none_is_refused(harness: Harness, deadline: Any) -> None:
    client, _ = harness.scripted()
    with pytest.raises(trilogue.InvalidArgument, match="deadline: expected seconds"):
        harness.result(client.broadcasts.wait(UUID, deadline=deadline))
