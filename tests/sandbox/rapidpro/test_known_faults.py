"""The sandbox fails where the description says that the real servers do, and nowhere else."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from bundle import bundle
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.http import Response

from tests.sandbox.rapidpro.caller import Caller

Attempt: TypeAlias = Callable[[Caller], Response]

BOTH = ("textit", "rapidpro-9")
DOCUMENT = bundle("rapidpro")
NUL = "a\0b"


def event(**changes: Any) -> Attempt:
    def send(api: Caller) -> Response:
        campaign = api.rows("campaigns")[0]["uuid"]
        timing = {"relative_to": "registered_on", "offset": 1, "unit": "days", "delivery_hour": -1}
        return api.call("POST", "campaign_events", {"campaign": campaign, **timing, "message": "x", **changes})

    return send


def get(path: str, **query: object) -> Attempt:
    return lambda api: api.call("GET", path, **query)


def broadcast(**changes: Any) -> Attempt:
    def send(api: Caller) -> Response:
        return api.call("POST", "broadcasts", {"groups": ["Farmers"], "text": "x", **changes})

    return send


def broadcast_with_attachments_alone(api: Caller) -> Response:
    media = api.upload(b"x", "x.png", "image/png")["uuid"]
    body = {"groups": ["Farmers"], "attachments": {"eng": [media]}, "base_language": "eng"}
    return api.call("POST", "broadcasts", body)


def assign_to_a_number(api: Caller) -> Response:
    ticket = api.rows("tickets")[0]["uuid"]
    return api.call("POST", "ticket_actions", {"tickets": [ticket], "action": "assign", "assignee": 5})


def subscribe_a_long_address(api: Caller) -> Response:
    url = "https://example.com/" + "x" * 181
    return api.call("POST", "resthook_subscribers", {"resthook": "new-mother", "target_url": url})


ATTEMPTS: dict[str, tuple[tuple[str, ...], list[Attempt]]] = {
    "base-language-without-text": (BOTH, [broadcast_with_attachments_alone]),
    "cursor-position": (BOTH, [get("contacts", cursor=base64.b64encode(b"p=2024").decode())]),
    "field-type": (BOTH, [event(relative_to="age")]),
    "malformed-number": (
        BOTH,
        [get("messages", broadcast="x"), lambda api: api.call("DELETE", "resthook_subscribers", id="x")],
    ),
    "malformed-uuid": (BOTH, [get("tickets", uuid="x"), get("definitions", campaign="x")]),
    "nul": (BOTH, [get("contacts", group=NUL), get("fields", key=NUL), get("labels", name=NUL)]),
    "number-for-email": (BOTH, [assign_to_a_number]),
    "offset-range": (BOTH, [event(offset=10**13)]),
    "quick-reply-type": (("textit",), [broadcast(quick_replies=["a"]), broadcast(quick_replies=[None])]),
    "url-length": (BOTH, [subscribe_a_long_address]),
    "uuid-of-broadcast": (("rapidpro-9",), [lambda api: api.call("POST", "broadcasts", {}, uuid="x")]),
}
CASES = [
    pytest.param(server, name, attempt, id=f"{server}-{name}-{number}")
    for name, (servers, attempts) in ATTEMPTS.items()
    for server in servers
    for number, attempt in enumerate(attempts)
]


def attempt_on(attempt: Attempt, *, known_faults: bool, flavour: str) -> Response:
    with Sandbox(flavour=flavour, known_faults=known_faults) as sandbox:
        response = attempt(Caller.of(sandbox, "administrator"))
        assert sandbox.drift == ()
        return response


def test_there_is_an_attempt_for_every_fault() -> None:
    assert set(ATTEMPTS) == set(DOCUMENT["x-faults"])


@pytest.mark.parametrize(("server", "name", "attempt"), CASES)
def test_a_server_fails_at_what_the_description_says(server: str, name: str, attempt: Attempt) -> None:
    response = attempt_on(attempt, known_faults=True, flavour=server)

    assert (response.status, response.body) == (500, b"Server Error. Site administrators have been notified.")
    assert response.headers["X-Sandbox-Known-Fault"] == name


@pytest.mark.parametrize(("server", "name", "attempt"), CASES)
def test_no_server_fails_when_its_faults_are_switched_off(server: str, name: str, attempt: Attempt) -> None:
    response = attempt_on(attempt, known_faults=False, flavour=server)

    assert response.status < 500
    assert "X-Sandbox-Known-Fault" not in response.headers


def test_what_only_one_server_cannot_take_the_other_takes() -> None:
    response = attempt_on(broadcast(quick_replies=["a"]), known_faults=True, flavour="rapidpro-9")

    assert response.status == 201


@pytest.mark.parametrize("path", ["campaigns", "campaign_events", "labels", "classifiers"])
def test_rapidpro_9_fails_at_a_malformed_uuid_where_it_keeps_uuids_as_such(path: str) -> None:
    response = attempt_on(get(path, uuid="xyz"), known_faults=True, flavour="rapidpro-9")

    assert response.headers["X-Sandbox-Known-Fault"] == "malformed-uuid"


@pytest.mark.parametrize("path", ["contacts", "groups", "channels", "flows"])
def test_rapidpro_9_finds_nothing_by_a_malformed_uuid_where_it_keeps_uuids_as_text(path: str) -> None:
    response = attempt_on(get(path, uuid="xyz"), known_faults=True, flavour="rapidpro-9")

    assert response.status == 200
    assert json.loads(response.body)["results"] == []
