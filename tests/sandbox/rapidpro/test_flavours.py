"""The sandbox as either of the servers, each whole."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from bundle import bundle
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Sandbox

from tests.sandbox.rapidpro.caller import Caller

DOCUMENT = bundle("rapidpro")
SERVERS = tuple(DOCUMENT["x-servers"])
LISTS = sorted(
    path.strip("/").removesuffix(".json")
    for path, item in DOCUMENT["paths"].items()
    if "x-sdk" in item.get("get", {}) and item["get"]["responses"].get("200")
)
ONLY_ON = {
    path.strip("/").removesuffix(".json"): item["get"]["x-servers"]
    for path, item in DOCUMENT["paths"].items()
    if "x-servers" in item.get("get", {})
}


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[dict[str, Sandbox]]:
    made = {server: Sandbox(flavour=server) for server in SERVERS}
    yield made
    for sandbox in made.values():
        assert sandbox.drift == ()
        sandbox.close()


def caller(sandboxes: dict[str, Sandbox], server: str, account: str = "administrator") -> Caller:
    return Caller.of(sandboxes[server], account)


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("path", LISTS)
def test_a_server_has_what_the_description_says_it_has(sandboxes: dict[str, Sandbox], server: str, path: str) -> None:
    response = caller(sandboxes, server).call("GET", path)

    assert response.status == (200 if server in ONLY_ON.get(path, SERVERS) else 404)


def test_each_server_lacks_something() -> None:
    assert {server for servers in ONLY_ON.values() for server in servers} == set(SERVERS)


@pytest.mark.parametrize("path", ["messages", "broadcasts", "users", "channels", "contacts", "flow_starts", "archives"])
def test_rapidpro_9_lacks_the_properties_of_the_newer_server(sandboxes: dict[str, Sandbox], path: str) -> None:
    older, newer = (caller(sandboxes, server).rows(path)[0] for server in ("rapidpro-9", "textit"))

    assert newer.keys() > older.keys()


def test_the_limit_of_a_text_is_that_of_the_server(sandboxes: dict[str, Sandbox]) -> None:
    said = {}
    for server in SERVERS:
        api = caller(sandboxes, server)
        body = {"contact": api.rows("contacts")[0]["uuid"], "text": "x" * 5000}
        (said[server],) = api.error(400, "POST", "messages", body)["text"]

    assert said == {
        "textit": "Ensure this field has no more than 4096 characters.",
        "rapidpro-9": "Ensure this field has no more than 640 characters.",
    }


def test_rapidpro_9_replaces_a_campaign_event_that_changes(sandboxes: dict[str, Sandbox]) -> None:
    api = caller(sandboxes, "rapidpro-9")
    event = next(event for event in api.rows("campaign_events") if event["message"])
    body = {"campaign": event["campaign"]["uuid"], "relative_to": event["relative_to"]["key"], "message": "Hi"}
    timing = {name: event[name] for name in ("offset", "unit", "delivery_hour")}
    changed = api.update("campaign_events", {**body, **timing}, uuid=event["uuid"])

    assert changed["uuid"] != event["uuid"]
    assert event["uuid"] not in [row["uuid"] for row in api.rows("campaign_events")]


def test_rapidpro_9_ignores_quick_replies(sandboxes: dict[str, Sandbox]) -> None:
    api = caller(sandboxes, "rapidpro-9")
    message = api.create("messages", contact=api.rows("contacts")[0]["uuid"], text="x", quick_replies=["a"])

    assert "quick_replies" not in message


def test_rapidpro_9_shows_what_a_result_was_taken_from(sandboxes: dict[str, Sandbox]) -> None:
    shown = {
        server: [value for row in caller(sandboxes, server).rows("runs") for value in row["values"].values()]
        for server in SERVERS
    }

    assert all(value["input"] for value in shown["rapidpro-9"])
    assert shown["textit"] == [
        {name: value[name] for name in value if name != "input"} for value in shown["rapidpro-9"]
    ]


def test_rapidpro_9_finds_a_flow_start_by_its_number(sandboxes: dict[str, Sandbox]) -> None:
    older, newer = (caller(sandboxes, server) for server in ("rapidpro-9", "textit"))
    for api in (older, newer):
        flow, contact = api.rows("flows")[0]["uuid"], api.rows("contacts")[0]["uuid"]
        api.create("flow_starts", flow=flow, contacts=[contact])
    number = older.rows("flow_starts")[-1]["id"]

    assert [row["id"] for row in older.rows("flow_starts", id=number)] == [number]
    assert len(newer.rows("flow_starts", id=number)) > 1


@pytest.mark.parametrize("server", SERVERS)
def test_both_find_a_broadcast_by_its_number(sandboxes: dict[str, Sandbox], server: str) -> None:
    api = caller(sandboxes, server)
    made = api.create("broadcasts", contacts=[api.rows("contacts")[0]["uuid"]], text="Hi")

    assert len(api.rows("broadcasts")) > 1
    assert [row["id"] for row in api.rows("broadcasts", id=made["id"])] == [made["id"]]


def test_rapidpro_9_looks_up_the_ticket_of_a_message(sandboxes: dict[str, Sandbox]) -> None:
    older, newer = (caller(sandboxes, server) for server in ("rapidpro-9", "textit"))
    ticket = older.rows("tickets")[0]
    message = {"contact": ticket["contact"]["uuid"], "text": "Solved"}

    assert older.create("messages", **message, ticket=ticket["uuid"])["text"] == "Solved"
    assert older.error(400, "POST", "messages", {**message, "ticket": message["contact"]}) == {
        "ticket": [f"No such object: {message['contact']}"]
    }
    assert newer.create("messages", **message, ticket=message["contact"])["text"] == "Solved"


def test_rapidpro_9_reserves_more_keys_of_fields(sandboxes: dict[str, Sandbox]) -> None:
    older, newer = (caller(sandboxes, server) for server in ("rapidpro-9", "textit"))
    body = {"name": "Groups", "type": "text"}

    assert older.error(400, "POST", "fields", body) == {
        "name": ['Generated key "groups" is invalid or a reserved name.']
    }
    assert newer.create("fields", **body)["key"] == "groups"


def test_rapidpro_9_lists_the_incoming_messages(sandboxes: dict[str, Sandbox]) -> None:
    older, newer = (caller(sandboxes, server) for server in ("rapidpro-9", "textit"))

    assert {row["direction"] for row in older.rows("messages", folder="incoming")} == {"in"}
    assert newer.rows("messages", folder="incoming") == []


def test_the_servers_name_the_workspace_in_headers_of_their_own(sandboxes: dict[str, Sandbox]) -> None:
    headers = {server: caller(sandboxes, server).call("GET", "workspace").headers for server in SERVERS}

    assert headers["rapidpro-9"]["X-Temba-Org"] == "1"
    assert "X-Temba-Org" not in headers["textit"]
    assert "X-Temba-Workspace" in headers["textit"]


@pytest.mark.parametrize(("server", "calls"), [("textit", 3600), ("rapidpro-9", 2500)])
def test_the_servers_have_rate_limits_of_their_own(server: str, calls: int) -> None:
    with Sandbox(flavour=server) as sandbox:
        api = Caller.of(sandbox, "administrator")
        statuses = [api.call("GET", "workspace").status for _ in range(calls + 1)]

    assert set(statuses[:-1]) == {200}
    assert statuses[-1] == 429


def test_without_a_flavour_there_are_the_operations_of_all_servers() -> None:
    with Sandbox() as sandbox:
        api = Caller.of(sandbox, "administrator")

        assert [path for path in LISTS if api.call("GET", path).status != 200] == []
        assert "uuid" in api.rows("messages")[0]


def test_a_flavour_that_there_is_not_is_an_error() -> None:
    with pytest.raises(ValueError, match="flavour: there is no 'rapidpro-8'; use one of: rapidpro-9, textit"):
        Sandbox(flavour="rapidpro-8")


def test_a_copy_can_be_of_another_flavour() -> None:
    with Sandbox() as sandbox, sandbox.copy(flavour="rapidpro-9") as copy:
        statuses = [Caller.of(each, "administrator").call("GET", "statistics").status for each in (sandbox, copy)]

    assert statuses == [200, 404]


def test_the_registry_names_the_flavours() -> None:
    assert dict(PLATFORMS["rapidpro"].flavours) == {"textit": "TextIt", "rapidpro-9": "RapidPro 9"}


@pytest.mark.sandbox(flavour="rapidpro-9", known_faults=False)
def test_a_marker_chooses_the_flavour(trilogue_sandbox: Sandbox) -> None:
    api = Caller.of(trilogue_sandbox, "administrator")

    assert api.call("GET", "classifiers").status == 200
    assert api.call("GET", "statistics").status == 404
    assert api.call("GET", "tickets", uuid="x").status == 200


@pytest.mark.parametrize("server", SERVERS)
def test_an_endpoint_that_a_server_lacks_is_a_page(sandboxes: dict[str, Sandbox], server: str) -> None:
    lacking = next(path for path, servers in ONLY_ON.items() if server not in servers)
    response = caller(sandboxes, server).call("GET", lacking)

    assert (response.status, response.content_type) == (404, "text/html")


def test_the_limits_of_the_table_are_those_of_the_description() -> None:
    from trilogue_sandbox.rapidpro.servers import SERVERS as TABLE

    schemas = DOCUMENT["components"]["schemas"]
    text = schemas["MessageWrite"]["properties"]["text"]
    note = schemas["TicketActionWrite"]["properties"]["note"]

    assert {name: server.text_length for name, server in TABLE.items()} == _limits(text)
    assert {name: server.note_length for name, server in TABLE.items()} == _limits(note)


def _limits(schema: dict[str, object]) -> dict[str, object]:
    own = json.loads(json.dumps(schema.get("x-limits", {})))
    return {server: own.get(server, schema)["maxLength"] for server in SERVERS}
