"""Workflows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from trilogue_sandbox.kernel.http import JsonObject

from tests.sandbox.botpress.caller import Caller
from tests.sandbox.botpress.test_messages import make_parties

PATH = "/v1/chat/workflows"


def updates(api: Caller) -> list[str]:
    """Return what the bot was notified of for workflows, the oldest first."""
    events: list[Any] = api.get("/v1/chat/events", type="workflow_update", pageSize=50)["events"]
    return [event["payload"]["type"] for event in events][::-1]


def test_a_workflow_is_begun_continued_completed_and_deleted(api: Caller) -> None:
    parties = make_parties(api)
    event = api.create("/v1/chat/events", type="orderPlaced", payload={})["event"]
    made = api.create(PATH, name="order", status="pending", input={"item": 7}, tags={"a": "b"}, **parties)["workflow"]
    path = f"{PATH}/{made['id']}"
    continued = api.put(path, status="in_progress", eventId=event["id"], tags={"a": "", "c": "d"})["workflow"]
    completed = api.put(path, status="completed", output={"sum": 3})["workflow"]
    seen = api.get(path)["workflow"]
    deleted = api.delete(path)

    assert made["id"].startswith("wkflow_")
    assert (made["status"], made["input"], made["output"], made["tags"]) == ("pending", {"item": 7}, {}, {"a": "b"})
    assert {name: made[name] for name in parties} == parties
    assert (continued["status"], continued["tags"]) == ("in_progress", {"c": "d"})
    assert seen == completed
    assert completed["output"] == {"sum": 3}
    assert completed["completedAt"] == completed["updatedAt"]
    assert deleted == {}
    assert updates(api) == ["workflow_started", "workflow_continued"]
    api.error("ResourceNotFound", "GET", path)


def test_work_in_progress_needs_the_event_that_is_worked_on(api: Caller) -> None:
    body = {"name": "order", "status": "in_progress"}
    listening = api.create(PATH, name="order", status="listening")["workflow"]

    api.error("InvalidPayload", "POST", PATH, body)
    api.error("InvalidPayload", "PUT", f"{PATH}/{listening['id']}", {"status": "in_progress"})
    api.error("ReferenceNotFound", "POST", PATH, {**body, "eventId": "evt_00000000000000000000000000"})


def test_a_workflow_keeps_the_event_it_works_on(api: Caller) -> None:
    first, second = (api.create("/v1/chat/events", type="paid", payload={})["event"]["id"] for _ in range(2))
    made = api.create(PATH, name="order", status="in_progress", eventId=first)["workflow"]
    changed = api.put(f"{PATH}/{made['id']}", eventId=second)["workflow"]

    assert api.get(f"{PATH}/{made['id']}")["workflow"] == changed
    api.error("ReferenceNotFound", "PUT", f"{PATH}/{made['id']}", {"eventId": "evt_00000000000000000000000000"})


def test_a_workflow_that_get_or_create_makes_belongs_to_what_the_body_names(api: Caller) -> None:
    parties, others = make_parties(api), make_parties(api)
    event = api.create("/v1/chat/events", type="paid", payload={})["event"]["id"]
    parents = [api.create(PATH, name="parent", status="listening")["workflow"]["id"] for _ in range(2)]
    body = {"name": "order", "status": "in_progress", "eventId": event, "parentWorkflowId": parents[0]}
    made = api.post(f"{PATH}/get-or-create", **body, **parties)["workflow"]
    changed = api.put(f"{PATH}/{made['id']}", userId=others["userId"])["workflow"]

    assert {name: made[name] for name in parties} == parties
    assert made["parentWorkflowId"] == parents[0]
    assert changed["userId"] == others["userId"]
    for name in ("userId", "conversationId", "eventId", "parentWorkflowId"):
        unknown = {**body, **parties, "name": "other", name: f"{made['id'][:-5]}ZZZZZ"}
        api.error("ReferenceNotFound", "POST", f"{PATH}/get-or-create", unknown)


def test_get_or_create_compares_the_tags_it_is_told_to(api: Caller) -> None:
    order: JsonObject = {"lines": [{"item": item, "count": 1} for item in ("pump", "valve", "rubber ring", "hose")]}
    body = {"name": "order", "status": "pending", "input": order, "tags": {"order": "7", "shop": "a"}}
    made = api.post(f"{PATH}/get-or-create", **body)["workflow"]
    other = {**body, "tags": {"order": "7", "shop": "b"}}
    found = api.post(f"{PATH}/get-or-create", **other, discriminateByTags=["order"])

    assert (found["workflow"]["id"], found["meta"]) == (made["id"], {"created": False})
    assert api.post(f"{PATH}/get-or-create", **other)["meta"] == {"created": True}


def test_get_or_create_finds_a_completed_workflow(api: Caller) -> None:
    body = {"name": "order", "status": "pending", "tags": {"order": "7"}, "discriminateByTags": ["order"]}
    made = api.post(f"{PATH}/get-or-create", **body)["workflow"]
    completed = api.put(f"{PATH}/{made['id']}", status="completed")["workflow"]
    found = api.post(f"{PATH}/get-or-create", **body, discriminateByStatusGroup="finished")["workflow"]

    assert found == completed
    assert found["completedAt"]


def test_workflows_are_listed_page_by_page(api: Caller) -> None:
    made = [api.create(PATH, name="order", status="listening")["workflow"]["id"] for _ in range(3)]

    assert [row["id"] for row in api.iterate(PATH, "workflows", pageSize=2)][:3] == made[::-1]


def test_get_or_create_looks_among_the_active_or_the_finished_ones(api: Caller) -> None:
    body = {"name": "order", "status": "pending", "tags": {"order": "7"}, "discriminateByTags": ["order"]}
    first = api.post(f"{PATH}/get-or-create", **body)
    again = api.post(f"{PATH}/get-or-create", **body)
    api.put(f"{PATH}/{first['workflow']['id']}", status="failed", failureReason="sold out")
    finished = api.post(f"{PATH}/get-or-create", **body, discriminateByStatusGroup="finished")
    active = api.post(f"{PATH}/get-or-create", **body, discriminateByStatusGroup="active")

    assert [response["meta"]["created"] for response in (first, again, finished, active)] == [True, False, False, True]
    assert finished["workflow"]["failureReason"] == "sold out"
    assert finished["workflow"]["id"] == again["workflow"]["id"] != active["workflow"]["id"]


def test_a_workflow_times_out_and_its_parent_is_notified(api: Caller) -> None:
    parent = api.create(PATH, name="parent", status="listening")["workflow"]
    timeout_at = (api.sandbox.now() + timedelta(minutes=5, microseconds=7)).isoformat().replace("+00:00", "Z")
    child = {"name": "child", "status": "listening", "parentWorkflowId": parent["id"], "timeoutAt": timeout_at}
    late, extended = (api.create(PATH, **child)["workflow"] for _ in range(2))
    more = timeout_at.replace("2026", "2027")
    api.put(f"{PATH}/{extended['id']}", timeoutAt=more)
    api.sandbox.advance(timedelta(minutes=6))

    assert api.get(f"{PATH}/{late['id']}")["workflow"]["status"] == "timedout"
    assert api.get(f"{PATH}/{extended['id']}")["workflow"]["status"] == "listening"
    assert updates(api) == ["workflow_timedout", "child_workflow_finished"]


def test_a_parent_of_work_that_goes_on_cannot_be_deleted(api: Caller) -> None:
    parent = api.create(PATH, name="parent", status="listening")["workflow"]
    child = api.create(PATH, name="child", status="listening", parentWorkflowId=parent["id"])["workflow"]
    api.error("ReferenceConstraint", "DELETE", f"{PATH}/{parent['id']}")
    api.delete(f"{PATH}/{child['id']}")

    assert updates(api) == ["child_workflow_deleted"]
    assert api.delete(f"{PATH}/{parent['id']}") == {}


def test_a_user_of_whom_work_goes_on_cannot_be_deleted(api: Caller) -> None:
    user = make_parties(api)["userId"]
    workflow = api.create(PATH, name="order", status="pending", userId=user)["workflow"]
    api.error("ReferenceConstraint", "DELETE", f"/v1/chat/users/{user}")
    api.put(f"{PATH}/{workflow['id']}", status="cancelled")

    assert api.delete(f"/v1/chat/users/{user}") == {}


def test_workflows_are_found_by_what_they_are_about(api: Caller) -> None:
    parties = make_parties(api)
    parent = api.create(PATH, name="parent", status="listening", tags={"a": "b"})["workflow"]
    child = api.create(PATH, name="child", status="pending", parentWorkflowId=parent["id"], **parties)["workflow"]

    def found(**query: object) -> list[str]:
        rows = api.get(PATH, **query)["workflows"]
        return [row["id"] for row in rows if row["id"] in (parent["id"], child["id"])]

    assert found() == [child["id"], parent["id"]]
    assert found(tags={"a": "b"}) == [parent["id"]]
    assert found(name="child") == [child["id"]]
    assert found(statuses=["pending", "failed"]) == [child["id"]]
    assert found(parentWorkflowId=parent["id"]) == [child["id"]]
    assert found(conversationId=parties["conversationId"], userId=parties["userId"]) == [child["id"]]
    for unknown in ("nobody", ""):
        api.error("ReferenceNotFound", "POST", PATH, {"name": "x", "status": "pending", "userId": unknown})


LIVES = (
    test_a_workflow_is_begun_continued_completed_and_deleted,
    test_get_or_create_looks_among_the_active_or_the_finished_ones,
    test_workflows_are_found_by_what_they_are_about,
)
