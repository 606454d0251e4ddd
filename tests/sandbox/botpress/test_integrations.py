"""Integrations: their definition, their versions, who may use them and what may change."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from trilogue_sandbox.kernel.http import Request

from tests.sandbox.botpress.caller import Caller, part
from tests.sandbox.botpress.test_workspaces import join

INTEGRATIONS = "/v1/admin/integrations"
ACTION = {
    "input": {"schema": {"type": "object", "properties": {"title": {"type": "string"}}}},
    "output": {"schema": {"type": "object", "properties": {"id": {"type": "string"}}}},
}
DEFINITION: dict[str, Any] = {
    "title": "Tickets",
    "description": "Opens tickets.",
    "configuration": {"schema": {"type": "object", "properties": {"team": {"type": "string"}}}},
    "configurations": {"oauth": {"title": "Sign in", "identifier": {"required": True}}},
    "states": {"session": {"type": "integration", "schema": {}}},
    "events": {"opened": {"schema": {"type": "object", "properties": {"id": {"type": "string"}}}}},
    "actions": {"openTicket": ACTION},
    "entities": {"ticket": {"schema": {"type": "object"}}},
    "channels": {"chat": {"messages": {"text": {"schema": {}}}, "message": {"tags": {"id": {}}}}},
    "user": {"tags": {"id": {"title": "Id"}}, "creation": {"enabled": True, "requiredTags": ["id"]}},
    "identifier": {"extractScript": ".body.team"},
    "secrets": {"CLIENT_SECRET": "hidden", "LEFT_OUT": None},
    "attributes": {"category": "support"},
    "url": "https://tickets.example.com",
}


def make(api: Caller, name: str = "tickets", version: str = "1.0.0", **body: Any) -> Any:
    """Make an integration."""
    return api.post(INTEGRATIONS, name=name, version=version, **{**DEFINITION, **body})["integration"]


def test_an_integration_is_made_found_changed_and_deleted(api: Caller) -> None:
    made = make(api)
    path = f"{INTEGRATIONS}/{made['id']}"
    kept = api.get(path)["integration"]
    changed = api.put(path, title="Tasks", attributes={"category": None}, maxExecutionTime=30)["integration"]
    by_name = api.get(f"{INTEGRATIONS}/tickets/1.0.0")["integration"]
    api.delete(path)

    assert made["id"].startswith("intver_")
    assert kept == {**made, "signingSecret": "****"}
    assert made["secrets"] == ["CLIENT_SECRET"]
    assert made["channels"]["chat"]["conversation"] == {"tags": {}, "creation": {"enabled": False, "requiredTags": []}}
    assert made["configurations"]["oauth"] == {"title": "Sign in", "identifier": {"required": True}, "schema": {}}
    assert (changed["title"], changed["attributes"], changed["maxExecutionTime"]) == ("Tasks", {}, 30)
    assert by_name == changed
    api.error("ResourceNotFound", "GET", path)


def test_the_parts_of_an_integration_implement_those_of_an_interface(api: Caller) -> None:
    parts = {"actions": ACTION, "events": {"schema": {}}, "entities": {"schema": {}}, "channels": {"messages": {}}}
    declared = {part: {"any": body} for part, body in parts.items()}
    interfaces = [
        api.post("/v1/admin/interfaces", name=name, version="1.0.0", **declared)["interface"]
        for name in ("desk", "shop")
    ]
    own = {part: {"any": body, "other": body} for part, body in parts.items()}
    chosen = {part: {"any": {"name": "other"}} for part in parts}
    made = api.post(
        INTEGRATIONS,
        name="tickets",
        version="1.0.0",
        **own,
        interfaces={"first": {"id": interfaces[0]["id"], **chosen}},
    )["integration"]
    path = f"{INTEGRATIONS}/{made['id']}"
    changed = api.put(path, interfaces={"first": {"id": interfaces[1]["id"], **chosen}})["integration"]
    same = api.put(path, interfaces={"first": {"id": interfaces[1]["id"]}})["integration"]["interfaces"]["first"]

    shown = {"name": "desk", "version": "1.0.0", **chosen}
    assert made["interfaces"]["first"] == {"id": interfaces[0]["id"], **shown}
    assert changed["interfaces"]["first"] == {"id": interfaces[1]["id"], **shown, "name": "shop"}
    assert {part: same[part] for part in parts} == {part: {"any": {"name": "any"}} for part in parts}
    absent = {"first": {"id": interfaces[1]["id"], "events": {"any": {"name": "none"}}}}
    api.error("InvalidPayload", "PUT", path, {"interfaces": absent})


def test_the_hub_shows_where_a_search_has_found_an_integration(api: Caller) -> None:
    made, hub = make(api), "/v1/admin/hub/integrations"
    api.put(f"{INTEGRATIONS}/{made['id']}", maxExecutionTime=30, visibility="public")
    (found,) = api.get(hub, search="ticket")["integrations"]

    matched = {"name": True, "title": True, "description": True, "actions": ["openTicket"], "interfaces": []}
    assert found["matchedOn"] == matched
    for path in (made["id"], "tickets/latest"):
        assert api.get(f"{hub}/{path}")["integration"]["maxExecutionTime"] == 30


def test_an_integration_is_published_by_either_property(api: Caller) -> None:
    path = f"{INTEGRATIONS}/{make(api)['id']}"
    changed = api.put(path, secrets={"CLIENT_SECRET": None, "TOKEN": "hidden"})["integration"]
    published = api.put(path, public=True)["integration"]

    assert changed["secrets"] == ["TOKEN"]
    assert (changed["public"], changed["visibility"]) == (False, "private")
    assert (published["public"], published["visibility"]) == (True, "public")


def test_checking_a_definition_fails_as_making_it_would_and_makes_nothing(api: Caller) -> None:
    body = {"name": "tickets", "version": "1.0.0", **DEFINITION}
    api.post(f"{INTEGRATIONS}/validate", **body)
    assert api.get(INTEGRATIONS, name="tickets")["integrations"] == []
    made = make(api)
    api.put(f"{INTEGRATIONS}/{made['id']}/validate", title="Other")

    assert api.get(f"{INTEGRATIONS}/{made['id']}")["integration"]["title"] == "Tickets"
    for method, path in (("POST", INTEGRATIONS), ("POST", f"{INTEGRATIONS}/validate")):
        api.error("AlreadyExists", method, path, body)
        api.error("InvalidIdentifier", method, path, {**body, "name": "9lives"})
        api.error("InvalidPayload", method, path, {**body, "version": "one"})
        api.error("InvalidJsonSchema", method, path, {**body, "name": "new", "events": {"on": {"schema": {"type": 1}}}})


def test_a_name_belongs_to_the_workspace_that_had_it_first(api: Caller) -> None:
    make(api)
    stranger = Caller.of(api.sandbox, "stranger")

    stranger.error("AlreadyExists", "POST", INTEGRATIONS, {"name": "tickets", "version": "2.0.0"})
    stranger.error("Forbidden", "POST", INTEGRATIONS, {"name": "sandbox/tickets", "version": "2.0.0"})
    made = make(api, "sandbox/tickets")
    assert api.get(f"{INTEGRATIONS}/{part('sandbox/tickets')}/latest")["integration"]["id"] == made["id"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("1.0.0", "1.0.0"),
        ("latest", "2.1.0"),
        ("^1.0.0", "1.2.0"),
        ("~1.0", "1.0.0"),
        (">=2", "2.1.0"),
        ("1.x", "1.2.0"),
    ],
)
def test_a_version_is_found_by_range_or_as_the_latest(api: Caller, wanted: str, found: str) -> None:
    for version in ("1.0.0", "2.1.0", "1.2.0"):
        make(api, version=version)

    assert api.get(f"{INTEGRATIONS}/tickets/{part(wanted)}")["integration"]["version"] == found
    api.error("ResourceNotFound", "GET", f"{INTEGRATIONS}/tickets/3.0.0")


def test_an_integration_has_at_most_fifty_versions(api: Caller) -> None:
    for number in range(50):
        api.post(INTEGRATIONS, name="tickets", version=f"1.0.{number}")

    api.error("LimitExceeded", "POST", INTEGRATIONS, {"name": "tickets", "version": "1.0.50"})


def test_a_private_integration_is_unknown_to_others(api: Caller) -> None:
    private, unlisted = make(api), make(api, "unlisted", visibility="unlisted")
    stranger = Caller.of(api.sandbox, "stranger")
    names = [found["name"] for found in stranger.get(INTEGRATIONS)["integrations"]]

    assert names == ["telegram"]
    stranger.error("ResourceNotFound", "GET", f"{INTEGRATIONS}/{private['id']}")
    assert stranger.get(f"{INTEGRATIONS}/{unlisted['id']}")["integration"]["visibility"] == "unlisted"
    stranger.error("ResourceNotFound", "PUT", f"{INTEGRATIONS}/{unlisted['id']}", {"title": "Mine"})


@pytest.mark.parametrize(
    "change",
    [
        {"actions": {"openTicket": None}},
        {"actions": {"openTicket": {**ACTION, "input": {"schema": {"required": ["title"]}}}}},
        {"actions": {"openTicket": {**ACTION, "output": {"schema": {}}}}},
        {"events": {"opened": {"schema": {"properties": {"id": {"type": "number"}}}}}},
        {"channels": {"chat": {"messages": {"text": None}}}},
        {"channels": {"chat": {"message": {"tags": {"id": None}}}}},
        {"configurations": {"oauth": None}},
        {"user": {"tags": {"id": None}}},
    ],
    ids=lambda change: "-".join(change),
)
def test_a_public_integration_takes_no_change_that_breaks_bots(api: Caller, change: dict[str, Any]) -> None:
    public, private = make(api, visibility="public"), make(api, "other")

    api.error("BreakingChanges", "PUT", f"{INTEGRATIONS}/{public['id']}", change)
    api.error("BreakingChanges", "PUT", f"{INTEGRATIONS}/{public['id']}/validate", change)
    api.put(f"{INTEGRATIONS}/{private['id']}", **change)


def test_a_public_integration_takes_what_is_added(api: Caller) -> None:
    made = make(api, public=True)
    changed = api.put(f"{INTEGRATIONS}/{made['id']}", actions={"close": ACTION}, title="Better")["integration"]

    assert made["visibility"] == "public"
    assert set(changed["actions"]) == {"openTicket", "close"}


def test_parts_are_changed_one_by_one(api: Caller) -> None:
    path = f"{INTEGRATIONS}/{make(api)['id']}"
    changed = api.put(
        path,
        channels={"chat": {"title": "Chat", "messages": {"text": None, "image": {"schema": {}}}}, "mail": {}},
        configurations={"oauth": None, "key": {"schema": {}}},
        configuration={"identifier": {"required": True}},
        identifier={"extractScript": None, "fallbackHandlerScript": "."},
        user={"tags": {"name": {}}},
    )["integration"]

    assert changed["channels"]["chat"]["messages"] == {"image": {"schema": {}}}
    assert changed["channels"]["chat"]["message"] == {"tags": {"id": {}}}
    assert changed["channels"]["mail"]["messages"] == {}
    assert set(changed["configurations"]) == {"key"}
    assert changed["configuration"]["identifier"] == {"required": True}
    assert changed["configuration"]["schema"] == DEFINITION["configuration"]["schema"]
    assert changed["identifier"] == {"fallbackHandlerScript": "."}
    assert set(changed["user"]["tags"]) == {"id", "name"}
    assert changed["user"]["creation"] == {"enabled": True, "requiredTags": ["id"]}


def test_an_interface_is_implemented_whole(api: Caller) -> None:
    (interface,) = api.get("/v1/admin/interfaces")["interfaces"]
    handoff = {"interfaces": {"handoff": {"id": interface["id"], "entities": {"ticket": {"name": "ticket"}}}}}
    made = make(api, actions={"startHandoff": ACTION}, **handoff)

    assert made["interfaces"]["handoff"] == {
        "id": interface["id"],
        "name": "handoff",
        "version": "1.0.0",
        "entities": {"ticket": {"name": "ticket"}},
        "actions": {"startHandoff": {"name": "startHandoff"}},
        "events": {},
        "channels": {},
    }
    path = f"{INTEGRATIONS}/{made['id']}"
    api.error("InvalidPayload", "PUT", path, {"actions": {"startHandoff": None}})
    unknown = {"interfaces": {"other": {"id": "0" * 36}}}
    api.error("ReferenceNotFound", "PUT", path, unknown)
    api.error("ReferenceConstraint", "DELETE", f"/v1/admin/interfaces/{interface['id']}")
    assert api.put(path, interfaces={"handoff": None})["integration"]["interfaces"] == {}


def test_an_installed_integration_is_not_deleted(api: Caller) -> None:
    telegram = api.get(INTEGRATIONS, name="telegram")["integrations"][0]["id"]

    api.error("ReferenceConstraint", "DELETE", f"{INTEGRATIONS}/{telegram}")


def test_a_review_is_asked_for_once(api: Caller) -> None:
    made = make(api)
    path, asking = f"{INTEGRATIONS}/{made['id']}", f"{INTEGRATIONS}/request-verification"
    api.post(asking, integrationId=made["id"])
    pending = api.get(path)["integration"]["verificationStatus"]
    api.error("AlreadyExists", "POST", asking, {"integrationId": made["id"]})
    api.control("review_integration", integration=made["id"], status="rejected")
    api.post(asking, integrationId=made["id"])

    assert (made["verificationStatus"], pending) == ("unapproved", "pending")
    api.error("ReferenceNotFound", "POST", asking, {"integrationId": "intver_none"})


def test_the_secret_is_rotated(api: Caller) -> None:
    made = make(api)
    new = api.post(f"{INTEGRATIONS}/{made['id']}/signing-secrets/rotate")["newSigningSecret"]

    assert api.control("signing_secrets", id=made["id"]) == [new, made["signingSecret"]]


def test_icon_and_readme_are_served(api: Caller) -> None:
    icon, readme = (base64.b64encode(text).decode() for text in (b"<svg/>", b"# Tickets"))
    first = make(api, icon=icon, readme=readme)
    second = make(api, version="2.0.0")

    def load(url: str) -> bytes:
        return api.sandbox.respond(Request("GET", url.removeprefix("http://127.0.0.1"))).body

    assert (load(first["iconUrl"]), load(first["readmeUrl"])) == (b"<svg/>", b"# Tickets")
    assert (load(second["iconUrl"]), load(second["readmeUrl"])) == (b"<svg/>", b"# Readme\n")
    api.error("InvalidPayload", "PUT", f"{INTEGRATIONS}/{first['id']}", {"icon": "not base64"})


def test_lists_are_filtered_searched_and_sorted(api: Caller) -> None:
    make(api, "beta", visibility="public")
    make(api, "beta", version="1.1.0", visibility="public")
    make(api, "alpha", title="Something else", actions={}, description="", dev=True)

    def names(**query: Any) -> list[str]:
        return [f"{row['name']} {row['version']}" for row in api.get(INTEGRATIONS, **query)["integrations"]]

    assert names() == ["beta 1.1.0", "beta 1.0.0", "telegram 1.0.0"]
    assert names(dev=True) == ["alpha 1.0.0"]
    assert names(version="latest") == ["beta 1.1.0", "telegram 1.0.0"]
    assert names(name="beta", version="1.0.0") == ["beta 1.0.0"]
    assert names(sortBy="name", direction="asc")[0] == "beta 1.0.0"
    assert names(sortBy="installCount")[0] == "telegram 1.0.0"
    assert names(installedByBotId=api.headers["x-bot-id"]) == ["telegram 1.0.0"]
    assert names(visibility="private") == []
    assert names(verificationStatus="approved") == ["telegram 1.0.0"]
    assert names(limit=1) == names(pageSize=1) == ["beta 1.1.0"]
    assert names(interfaceName="handoff") == []
    (telegram,) = api.get(INTEGRATIONS, search="TYPING")["integrations"]
    assert telegram["matchedOn"] == {
        "name": False,
        "title": False,
        "description": False,
        "actions": ["startTyping"],
        "interfaces": [],
    }
    assert telegram["ownerWorkspace"]["handle"] == "sandbox"


def test_a_viewer_builds_nothing(api: Caller) -> None:
    viewer, made = join(api, "viewer"), make(api)

    viewer.error("Forbidden", "POST", INTEGRATIONS, {"name": "new", "version": "1.0.0"})
    viewer.error("Forbidden", "DELETE", f"{INTEGRATIONS}/{made['id']}")
    viewer.get(f"{INTEGRATIONS}/{made['id']}")


LIVES = (
    test_an_integration_is_made_found_changed_and_deleted,
    test_checking_a_definition_fails_as_making_it_would_and_makes_nothing,
    test_a_review_is_asked_for_once,
    test_the_secret_is_rotated,
    test_lists_are_filtered_searched_and_sorted,
)
