"""Bots: what they are made of, who may open them, and moving them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.sandbox.botpress.caller import Caller
from tests.sandbox.botpress.test_workspaces import join

BOTS = "/v1/admin/bots"
SCHEMA = {"type": "object", "properties": {"step": {"type": "number"}}}


def make_bot(api: Caller, **body: Any) -> Any:
    """Make a bot."""
    return api.post(BOTS, **body)["bot"]


def test_a_bot_is_made_looked_at_changed_and_deleted(api: Caller) -> None:
    made = make_bot(api, name="Order desk", tags={"team": "support"}, description="Orders.", type="adk")
    path = f"{BOTS}/{made['id']}"
    kept = api.get(path)["bot"]
    changed = api.put(path, name="Sales desk", tags={"team": "", "city": "Porto"}, alwaysAlive=True)["bot"]
    api.delete(path)

    assert len(made["signingSecret"]) == 64
    assert kept == {**made, "signingSecret": "****"}
    assert (made["type"], made["status"], made["createdBy"]) == (
        "adk",
        "active",
        api.get("/v1/admin/account/me")["account"]["id"],
    )
    assert (changed["name"], changed["tags"], changed["alwaysAlive"]) == ("Sales desk", {"city": "Porto"}, True)
    assert changed["description"] == "Orders."
    api.error("ResourceNotFound", "GET", path)


def test_a_bot_without_a_name_gets_one(api: Caller) -> None:
    assert make_bot(api)["name"].startswith("bot-")


def test_the_parts_of_a_bot_are_changed_one_by_one(api: Caller) -> None:
    made = make_bot(
        api,
        states={"order": {"type": "conversation", "schema": SCHEMA}, "profile": {"type": "user", "schema": SCHEMA}},
        user={"tags": {"city": {}, "name": {"title": "Name"}}},
        events={"paid": {"schema": SCHEMA, "attributes": {"a": "1", "b": "2"}}},
        secrets={"API_KEY": "hidden", "OTHER": "hidden too"},
        subscriptions={"events": {"paid": {}, "sent": {}}},
    )
    changed = api.put(
        f"{BOTS}/{made['id']}",
        states={"order": None, "cart": {"type": "bot", "schema": {}}},
        user={"tags": {"city": None, "plan": {}}},
        events={"paid": {"schema": {}, "attributes": {"a": None, "c": "3"}}},
        secrets={"OTHER": None},
        subscriptions={"events": {"sent": None}},
    )["bot"]

    assert set(changed["states"]) == {"profile", "cart"}
    assert set(changed["user"]["tags"]) == {"name", "plan"}
    assert changed["events"]["paid"] == {"schema": {}, "attributes": {"b": "2", "c": "3"}}
    assert (made["secrets"], changed["secrets"]) == (["API_KEY", "OTHER"], ["API_KEY"])
    assert changed["subscriptions"] == {"events": {"paid": {}}}
    assert "hidden" not in api.call("GET", f"{BOTS}/{made['id']}").body.decode()


def test_what_a_bot_declares_holds_for_its_runtime(api: Caller) -> None:
    made = make_bot(api, user={"tags": {"city": {}}})
    inside = api.with_headers(x_bot_id=made["id"])
    user = inside.create("/v1/chat/users", tags={"city": "Porto"})["user"]
    api.put(f"{BOTS}/{made['id']}", user={"tags": {"city": None}})

    assert user["tags"] == {"city": "Porto"}
    assert inside.call("POST", "/v1/chat/users", {"tags": {"city": "Porto"}}).status == 400


def test_a_definition_that_is_not_allowed_is_an_error(api: Caller) -> None:
    bot = f"{BOTS}/{api.headers['x-bot-id']}"
    many = {f"tag{number}": {} for number in range(51)}

    api.error(
        "InvalidIdentifier", "PUT", bot, {"actions": {"Bad": {"input": {"schema": {}}, "output": {"schema": {}}}}}
    )
    api.error("InvalidJsonSchema", "PUT", bot, {"events": {"paid": {"schema": {"type": "nothing"}}}})
    api.error("LimitExceeded", "PUT", bot, {"user": {"tags": many}})
    api.error("InvalidPayload", "PUT", bot, {"secrets": {"lower": "x"}})
    api.error("LimitExceeded", "PUT", bot, {"configuration": {"data": {"text": "x" * 21_000}}})
    wrong = {"schema": {"properties": {"step": {"type": "number"}}}, "data": {"step": "one"}}
    api.error("InvalidDataFormat", "PUT", bot, {"configuration": wrong})


def test_the_quota_of_bots_can_be_used_up(api: Caller) -> None:
    api.control("set_quota", feature="bot_count", value=1)

    api.error("QuotaExceeded", "POST", BOTS, {})


def test_bots_are_listed_by_what_they_are_and_what_is_in_them(api: Caller) -> None:
    made = [make_bot(api, name=f"Bot {number}", tags={"half": str(number % 2)}) for number in range(25)]
    dev = make_bot(api, name="At home", dev=True, url="http://127.0.0.1:8072")
    everyone = api.iterate(BOTS, "bots")

    assert [bot["name"] for bot in everyone] == [*[f"Bot {number}" for number in range(25)][::-1], "Helper"]
    assert [bot["id"] for bot in api.get(BOTS, dev=True)["bots"]] == [dev["id"]]
    assert len(api.iterate(BOTS, "bots", tags={"half": "1"})) == 12
    assert [bot["name"] for bot in api.get(BOTS, integrationNames=["telegram"])["bots"]] == ["Helper"]
    assert api.get(BOTS, pluginNames=["handoff"])["bots"] == []
    api.put(f"{BOTS}/{made[3]['id']}", name="Touched")
    assert api.get(BOTS, sortField="updatedAt")["bots"][0]["name"] == "Touched"
    assert api.get(BOTS, sortDirection="asc")["bots"][0]["name"] == "Helper"


def test_what_was_changed_in_a_bot_is_written_down(api: Caller) -> None:
    bot = f"{BOTS}/{api.headers['x-bot-id']}"
    api.put(bot, configuration={"data": {"currency": "EUR"}}, integrations={"telegram": {"enabled": False}})
    api.put(bot, name="Renamed")
    records = api.get(f"/v1/admin/workspaces/{api.headers['x-workspace-id']}/audit-records")["records"]

    assert [record["action"] for record in records[:3]] == ["UPDATE_BOT", "UPDATE_BOT_CONFIG", "UPDATE_BOT_CHANNEL"]


def test_code_deploys_a_bot(api: Caller) -> None:
    made = make_bot(api, name="New")
    deployed = api.put(f"{BOTS}/{made['id']}", code="exports.bot = {}")["bot"]
    logs = api.get(f"{BOTS}/{made['id']}/logs", timeStart="2026-01-01T00:00:00Z")["logs"]

    assert "deployedAt" not in made
    assert deployed["deployedAt"] >= made["createdAt"]
    assert [line["message"] for line in logs] == ["Deployed."]


def test_a_rotated_secret_leaves_the_old_one_valid_for_a_day(api: Caller) -> None:
    made = make_bot(api, name="New")
    new = api.post(f"{BOTS}/{made['id']}/signing-secrets/rotate")["newSigningSecret"]

    assert api.control("signing_secrets", id=made["id"]) == [new, made["signingSecret"]]
    api.sandbox.advance(timedelta(hours=24))
    assert api.control("signing_secrets", id=made["id"]) == [new]


def test_recurring_events_come_at_their_times(api: Caller) -> None:
    event = {"schedule": {"cron": "0 9 * * 1"}, "type": "weeklyReport", "payload": {"to": "sales"}}
    made = make_bot(api, recurringEvents={"report": event})
    inside = api.with_headers(x_bot_id=made["id"])
    api.sandbox.advance(timedelta(days=14))
    twice = inside.get("/v1/chat/events", type="weeklyReport")["events"]
    api.control("fail_recurring_event", bot=made["id"], name="report", reason="no answer")
    api.sandbox.advance(timedelta(days=7))
    failed = api.get(f"{BOTS}/{made['id']}")["bot"]["recurringEvents"]["report"]
    described = api.put(f"{BOTS}/{made['id']}", description="Sells pumps")["bot"]["recurringEvents"]["report"]
    api.put(f"{BOTS}/{made['id']}", recurringEvents={"report": None})
    api.sandbox.advance(timedelta(days=14))

    assert [found["createdAt"] for found in twice] == ["2026-01-12T09:00:00.000Z", "2026-01-05T09:00:00.000Z"]
    assert failed == described == {**event, "failedAttempts": 1, "lastFailureReason": "no answer"}
    assert len(inside.get("/v1/chat/events", type="weeklyReport")["events"]) == 2
    wrong = {"report": {**event, "schedule": {"cron": "every day"}}}
    api.error("InvalidPayload", "PUT", f"{BOTS}/{made['id']}", {"recurringEvents": wrong})


def test_a_bot_moves_to_another_workspace_of_the_caller(api: Caller) -> None:
    target = api.post("/v1/admin/workspaces", name="Second")["id"]
    made = make_bot(api, name="Mover")
    api.post(f"{BOTS}/{made['id']}/transfer", targetWorkspaceId=target)

    api.error("ResourceNotFound", "GET", f"{BOTS}/{made['id']}")
    assert api.with_headers(x_workspace_id=target).get(f"{BOTS}/{made['id']}")["bot"]["name"] == "Mover"
    stranger = Caller.of(api.sandbox, "stranger").headers["x-workspace-id"]
    other = make_bot(api, name="Stays")["id"]
    api.error("Forbidden", "POST", f"{BOTS}/{other}/transfer", {"targetWorkspaceId": stranger})
    api.control("block_workspace", workspace=target)
    api.error("PaymentRequired", "POST", f"{BOTS}/{other}/transfer", {"targetWorkspaceId": target})


def test_a_bot_does_not_move_away_from_a_private_integration(api: Caller) -> None:
    target = api.post("/v1/admin/workspaces", name="Second")["id"]
    private = api.post("/v1/admin/integrations", name="inhouse", version="1.0.0")["integration"]["id"]
    made = make_bot(api, name="Stays")["id"]
    api.put(f"{BOTS}/{made}", integrations={private: {}})

    api.error("RelationConflict", "POST", f"{BOTS}/{made}/transfer", {"targetWorkspaceId": target})


def test_a_bot_does_not_move_away_from_a_private_plugin(api: Caller) -> None:
    target = api.post("/v1/admin/workspaces", name="Second")["id"]
    code = {"node": "", "browser": ""}
    private = api.post("/v1/admin/plugins", name="inhouse", version="1.0.0", code=code)["plugin"]["id"]
    made = make_bot(api, name="Stays")["id"]
    api.put(f"{BOTS}/{made}", plugins={"inhouse": {"id": private}})

    error = api.error("RelationConflict", "POST", f"{BOTS}/{made}/transfer", {"targetWorkspaceId": target})
    assert "plugin inhouse" in error["message"]


def test_a_bot_can_be_open_to_some_members_only(api: Caller) -> None:
    path, ben = f"{BOTS}/{api.headers['x-bot-id']}", join(api, "developer")
    ben_id = ben.get("/v1/admin/account/me")["account"]["id"]
    before = api.get(f"{path}/allowlist")
    api.put(f"{path}/allowlist", setting="SELECTED_USERS")
    ben.error("Forbidden", "GET", path)
    api.put(f"{path}/allowlist", users={ben_id: True})

    assert before == {"setting": "ALL_WORKSPACE_USERS", "users": []}
    assert api.get(f"{path}/allowlist") == {"setting": "SELECTED_USERS", "users": [{"id": ben_id}]}
    ben.get(path)
    api.put(f"{path}/allowlist", users={ben_id: False})
    ben.error("Forbidden", "GET", path)
    api.error("ReferenceNotFound", "PUT", f"{path}/allowlist", {"users": {"nobody": True}})


LIVES = (
    test_a_bot_is_made_looked_at_changed_and_deleted,
    test_a_rotated_secret_leaves_the_old_one_valid_for_a_day,
    test_a_bot_moves_to_another_workspace_of_the_caller,
    test_a_bot_can_be_open_to_some_members_only,
    test_bots_are_listed_by_what_they_are_and_what_is_in_them,
)
