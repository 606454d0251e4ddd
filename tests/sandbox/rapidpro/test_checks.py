"""What is checked before a handler is asked, and in which order."""

from __future__ import annotations

import json

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.kernel.http import Request
from trilogue_sandbox.rapidpro.registry import RESOURCES

from tests.sandbox.rapidpro.caller import PREFIX, Caller

SUSPENDED = (
    "Sorry, your workspace is currently suspended. To re-enable starting flows and sending messages, please contact"
    " support."
)
NOWHERE = "00000000-0000-4000-8000-000000000000"


def test_every_described_operation_has_a_handler() -> None:
    assert set(Description.load("rapidpro").operations) == set(RESOURCES.operations)


@pytest.mark.parametrize(
    ("path", "status"),
    [("nosuch.json", 404), ("contacts.xml", 404), ("contacts/", 404), ("contacts.json/", 200), ("contacts.json", 200)],
)
def test_an_unknown_address_is_an_html_page_and_a_trailing_slash_is_none(api: Caller, path: str, status: int) -> None:
    response = api.call("GET", f"{PREFIX}/{path}")

    assert response.status == status
    assert response.content_type == ("text/html" if status == 404 else "application/json")


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("text/html", 406),
        ("application/xml", 406),
        ("*/*", 200),
        ("application/*", 200),
        ("text/html, application/json;q=0.5", 200),
    ],
)
def test_a_response_is_json_or_nothing(api: Caller, accept: str, status: int) -> None:
    response = api.call("GET", "workspace", headers={"Accept": accept})

    assert response.status == status
    assert response.content_type == ("text/html" if status == 406 else "application/json")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "contacts", "GET, POST, DELETE, HEAD, OPTIONS"),
        ("PATCH", "labels", "GET, POST, DELETE, HEAD, OPTIONS"),
        ("HEAD", "contacts", "GET, POST, DELETE, HEAD, OPTIONS"),
        ("OPTIONS", "contacts", "GET, POST, DELETE, HEAD, OPTIONS"),
        ("DELETE", "fields", "GET, POST, HEAD, OPTIONS"),
        ("DELETE", "messages", "GET, POST, HEAD, OPTIONS"),
        ("POST", "users", "GET, HEAD, OPTIONS"),
        ("GET", "media", "POST, OPTIONS"),
        ("GET", "contact_actions", "POST, OPTIONS"),
        ("DELETE", "message_actions", "POST, OPTIONS"),
        ("POST", "workspace", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_method_that_is_not_there_is_405_and_the_others_are_named(
    api: Caller, method: str, path: str, allowed: str
) -> None:
    response = api.call(method, path)

    assert response.status == 405
    assert response.body.decode() == ("" if method == "HEAD" else f'{{"detail":"Method \\"{method}\\" not allowed."}}')
    assert response.headers["Allow"] == allowed


def test_a_missing_method_is_405_for_strangers_too_unless_the_permission_is_fixed(sandbox: Sandbox) -> None:
    stranger = Caller(sandbox)

    assert stranger.call("DELETE", "fields").status == 405
    assert stranger.call("DELETE", "workspace").status == 403
    assert stranger.call("GET", "contact_actions").status == 403


def test_head_and_options_reach_the_endpoints_with_fixed_permissions(api: Caller) -> None:
    head, options = api.call("HEAD", "workspace"), api.call("OPTIONS", "workspace")

    assert (head.status, head.body) == (200, b"")
    assert options.status == 200
    assert api.call("HEAD", "contact_actions").status == 405


def test_each_check_comes_before_the_next(sandbox: Sandbox) -> None:
    """Starting from a request that is wrong in every way, each line puts one thing right and meets the next check."""
    suspended = {"workspace": "suspended"}
    label = Caller.of(sandbox, "suspended").rows("labels")[0]["uuid"]
    sandbox.control("rapidpro", "limit_objects", {**suspended, "type": "labels", "limit": 0})
    sandbox.control("rapidpro", "throttle", {**suspended, "scope": "v2", "limit": 0})
    known = {"Authorization": f"Token {Caller.of(sandbox, 'suspended').token}"}
    agent = {"Authorization": f"Token {Caller.of(sandbox, 'agent').token}"}
    text = {"Content-Type": "text/plain"}
    form = {"Content-Type": "application/json"}

    def post(path: str, headers: dict[str, str], body: bytes = b"{", query: object = "") -> tuple[int, object]:
        pairs = [("uuid", str(query))] if query else []
        response = sandbox.respond(Request("POST", f"{PREFIX}/{path}", pairs, headers, body))
        is_json = response.content_type == "application/json"
        return response.status, next(iter(json.loads(response.body).values())) if is_json else None

    html = {"Accept": "text/html"}
    assert post("nosuch.json", {**html, "Authorization": "Token x"})[0] == 404
    assert post("labels.json", {**html, "Authorization": "Token x"})[0] == 406
    assert post("labels.json", {"Authorization": "Token x"}) == (403, "Invalid token")
    assert post("users.json", {}) == (405, 'Method "POST" not allowed.')
    assert post("labels.json", {}) == (403, "Authentication credentials were not provided.")
    assert post("labels.json", agent) == (403, "You do not have permission to perform this action.")
    assert post("labels.json", known)[0] == 429
    sandbox.control("rapidpro", "throttle", {**suspended, "scope": "v2", "limit": 3600})
    assert post("labels.json", known, query="x") == (400, "Param 'uuid': x is not a valid UUID.")
    assert post("labels.json", known, query=NOWHERE) == (404, "No Label matches the given query.")
    assert post("labels.json", known) == (409, "Cannot create object because workspace has reached limit.")
    assert post("labels.json", {**known, **text}, query=label)[0] == 415
    assert post("labels.json", {**known, **form}, query=label)[0] == 400
    assert post("labels.json", {**known, **form}, b"{}", query=label) == (400, [SUSPENDED])
    sandbox.control("rapidpro", "set_workspace_state", {**suspended, "state": "flagged"})
    assert post("labels.json", {**known, **form}, b"{}", query=label) == (
        400,
        [SUSPENDED.replace("suspended", "flagged")],
    )
    sandbox.control("rapidpro", "set_workspace_state", {**suspended, "state": "active"})
    assert post("labels.json", {**known, **form}, b"{}", query=label) == (400, ["This field is required."])
    assert post("labels.json", {**known, **form}, b'{"name": "Right"}', query=label)[0] == 200


def test_a_system_object_is_refused_before_the_body_is_looked_at(api: Caller) -> None:
    group = next(row for row in api.rows("groups") if row["system"])
    response = api.call("POST", "groups", raw=b"{", headers={"Content-Type": "text/plain"}, uuid=group["uuid"])

    assert (response.status, json.loads(response.body)) == (403, {"detail": "Cannot modify system object."})
