"""States."""

from __future__ import annotations

from datetime import timedelta

from trilogue_sandbox.botpress import credentials

from tests.sandbox.botpress.caller import Caller
from tests.sandbox.botpress.test_messages import make_parties

DAY = 24 * 60 * 60 * 1000


def path_of(api: Caller, name: str = "order") -> str:
    """Return the path of a state of a new conversation."""
    return f"/v1/chat/states/conversation/{make_parties(api)['conversationId']}/{name}"


def test_a_state_is_set_changed_in_part_and_cleared(api: Caller) -> None:
    path = path_of(api)
    made = api.post(path, payload={"step": 1, "item": "pump"})["state"]
    patched = api.patch(path, payload={"step": 2})["state"]
    kept = api.post(f"{path}/get-or-set", payload={"step": 9})["state"]
    cleared = api.post(path, payload=None)["state"]

    assert made["id"].startswith("state_")
    assert (made["type"], made["name"], made["botId"]) == ("conversation", "order", credentials.BOT_ID)
    assert made["conversationId"] == path.split("/")[5]
    assert patched["payload"] == kept["payload"] == {"step": 2, "item": "pump"}
    assert cleared == {**made, "payload": {}, "updatedAt": cleared["updatedAt"]}


def test_a_state_that_was_never_set_is_not_there(api: Caller) -> None:
    path = path_of(api)

    for method, tail, body in (
        ("GET", "", None),
        ("PATCH", "", {"payload": {}}),
        ("POST", "/expiry", {"expiry": 1000}),
    ):
        api.error("ResourceNotFound", method, path + tail, body)
    assert api.post(f"{path}/get-or-set", payload={"step": 1})["state"]["payload"] == {"step": 1}
    assert api.get(path)["state"]["payload"] == {"step": 1}


def test_a_second_reading_comes_from_the_cache_until_the_state_is_written(api: Caller) -> None:
    path = path_of(api)
    api.post(path, payload={"step": 1})
    first, second = api.get(path)["meta"], api.get(path)["meta"]
    api.patch(path, payload={"step": 2})

    assert (first, second, api.get(path)["meta"]) == ({"cached": False}, {"cached": True}, {"cached": False})


def test_a_state_expires_when_it_is_idle_and_the_bot_is_notified(api: Caller) -> None:
    path = path_of(api)
    api.post(path, payload={"step": 1})
    expiring = api.post(f"{path}/expiry", expiry=DAY)["state"]
    api.sandbox.advance(timedelta(hours=20))
    used = api.get(path)["state"]
    api.sandbox.advance(timedelta(hours=20))
    still_there = api.get(path)["state"]
    api.sandbox.advance(timedelta(days=1))
    gone = api.error("ResourceGone", "GET", path)
    api.error("ResourceGone", "POST", f"{path}/expiry", {"expiry": DAY})
    events = api.get("/v1/chat/events", type="state_expired")["events"]

    assert (expiring["expiry"], expiring["payload"]) == (DAY, {"step": 1})
    assert expiring["expiresAt"] < used["expiresAt"] < still_there["expiresAt"]
    assert gone["status"] == 410
    assert [event["payload"]["state"]["id"] for event in events] == [expiring["id"]]
    assert api.post(f"{path}/get-or-set", payload={"step": 5})["state"]["payload"] == {"step": 5}


def test_an_expiry_can_be_taken_back(api: Caller) -> None:
    path = path_of(api)
    api.post(path, payload={"step": 1}, expiry=1000)
    forever = api.post(f"{path}/expiry", expiry=None)["state"]
    api.sandbox.advance(timedelta(days=1))

    assert "expiry" not in forever
    assert api.get(path)["state"]["payload"] == {"step": 1}
    api.error("InvalidPayload", "POST", f"{path}/expiry", {"expiry": 30 * DAY + 1})


def test_states_belong_to_users_bots_integrations_and_workflows_too(api: Caller, integration: Caller) -> None:
    user = make_parties(api)["userId"]
    workflow = api.create("/v1/chat/workflows", name="order", status="pending")["workflow"]["id"]
    owners = {"user": user, "bot": credentials.BOT_ID, "integration": credentials.INTEGRATION_ID, "workflow": workflow}
    states = {
        part: integration.post(f"/v1/chat/states/{part}/{owner}/session", payload={"of": part})["state"]
        for part, owner in owners.items()
    }

    assert {state["payload"]["of"] for state in states.values()} == {*owners}
    assert states["user"]["userId"] == user
    for part in owners:
        api.error("ResourceNotFound", "GET", f"/v1/chat/states/{part}/nobody_0000000000000000000000/order")
    api.error("InvalidQuery", "GET", f"/v1/chat/states/task/{user}/order")


def test_a_state_of_a_user_names_the_user_however_it_is_read_and_changed(api: Caller) -> None:
    user = make_parties(api)["userId"]
    path = f"/v1/chat/states/user/{user}/order"
    states = [
        api.post(f"{path}/get-or-set", payload={"step": 1})["state"],
        api.patch(path, payload={"step": 2})["state"],
        api.post(f"{path}/expiry", expiry=DAY)["state"],
        api.get(path)["state"],
    ]

    assert [state["userId"] for state in states] == [user] * 4


def test_a_state_goes_with_what_it_belongs_to(api: Caller) -> None:
    path = path_of(api)
    api.post(path, payload={"step": 1}, expiry=1000)
    api.delete(f"/v1/chat/conversations/{path.split('/')[5]}")
    api.sandbox.advance(timedelta(days=1))

    api.error("ResourceNotFound", "GET", path)
    assert api.get("/v1/chat/events", type="state_expired")["events"] == []


def test_a_state_of_more_than_128_kilobytes_is_an_error(api: Caller) -> None:
    api.error("LimitExceeded", "POST", path_of(api), {"payload": {"text": "x" * 128 * 1024}})


LIVES = (
    test_a_state_is_set_changed_in_part_and_cleared,
    test_a_second_reading_comes_from_the_cache_until_the_state_is_written,
    test_an_expiry_can_be_taken_back,
)
