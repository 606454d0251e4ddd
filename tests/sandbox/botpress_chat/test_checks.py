"""Who is let in, and which requests are refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from trilogue_sandbox.botpress_chat.user_keys import make, read
from trilogue_sandbox.platform_sandbox import PlatformSandbox

from .conftest import TEXT, write

PARTICIPANTS = "/conversations/welcome/participants"


def error(response: httpx.Response) -> tuple[int, str]:
    assert response.json()["code"] == response.status_code
    return response.status_code, response.json()["type"]


@pytest.mark.parametrize("key", ["", "made up", "a.b.c", make("ana", "another key"), "e30.e30.AAAA"])
def test_a_key_that_the_server_did_not_sign_is_refused(ana: httpx.Client, key: str) -> None:
    response = ana.get("/users/me", headers={"x-user-key": key})

    assert error(response) == (401, "Unauthorized")
    assert response.json()["message"] == "Invalid user key"


def test_a_key_says_whose_it_is() -> None:
    assert read(make("zoë/1", "secret"), "secret") == "zoë/1"
    assert read(make("ana", "secret"), "other") is None


def test_a_client_finds_out_whether_there_is_a_server(ana: httpx.Client) -> None:
    assert ana.get("/hello/").text == "Hello, Botpress User 🤖"


@pytest.mark.parametrize(
    ("method", "path", "more", "expected"),
    [
        ("GET", "/nothing", {}, (405, "MethodNotFound")),
        ("PATCH", "/users/me", {}, (405, "MethodNotFound")),
        ("POST", "/messages", {"content": b"text"}, (415, "UnsupportedMediaType")),
        ("POST", "/messages", {"json": {"conversationId": "welcome"}}, (400, "InvalidPayload")),
        ("POST", "/conversations", {"json": {"name": "x"}}, (400, "InvalidPayload")),
        ("POST", "/conversations", {"json": {"id": "a" * 71}}, (400, "InvalidPayload")),
        ("POST", "/messages", {"content": b" " * 2**21}, (413, "PayloadTooLarge")),
        ("GET", "/conversations?nextToken=abc", {}, (400, "InvalidQuery")),
        ("GET", "/messages/msg_1", {}, (404, "ResourceNotFound")),
        ("GET", "/events/evt_1", {}, (404, "ResourceNotFound")),
        ("GET", "/conversations/nowhere", {}, (404, "ResourceNotFound")),
        ("GET", "/conversations/nowhere/messages", {}, (403, "Forbidden")),
        ("GET", "/conversations/nowhere/listen", {}, (403, "Forbidden")),
        ("GET", f"{PARTICIPANTS}/nobody", {}, (404, "ResourceNotFound")),
        ("POST", PARTICIPANTS, {"json": {"userId": "nobody"}}, (404, "ResourceNotFound")),
    ],
)
def test_what_cannot_be_done_is_an_error(
    ana: httpx.Client, method: str, path: str, more: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert error(ana.request(method, path, **more)) == expected


def test_only_the_owner_has_a_say_about_participants(ana: httpx.Client, ben: httpx.Client) -> None:
    assert error(ben.get(f"{PARTICIPANTS}/ana")) == (403, "Forbidden")
    assert error(ben.delete(f"{PARTICIPANTS}/ana")) == (403, "Forbidden")
    assert error(ben.delete("/conversations/welcome")) == (403, "Forbidden")
    assert error(ben.delete(f"/messages/{write(ana)['id']}")) == (403, "Forbidden")
    assert error(ana.delete(f"{PARTICIPANTS}/ana")) == (400, "InvalidPayload")


def test_the_messages_of_a_user_who_is_gone_stay(ana: httpx.Client, ben: httpx.Client) -> None:
    message = write(ben)
    assert ben.delete("/users/me").json() == {}

    assert error(ben.get("/users/me")) == (404, "ResourceNotFound")
    assert error(ben.get("/conversations/welcome/messages")) == (403, "Forbidden")
    assert ana.get(f"/messages/{message['id']}").json()["message"]["userId"] == "ben"


def test_a_conversation_takes_all_that_is_in_it_along(ana: httpx.Client) -> None:
    message = write(ana)
    ana.delete("/conversations/welcome")

    assert error(ana.get(f"/messages/{message['id']}")) == (404, "ResourceNotFound")


def test_an_error_undoes_and_tells_nothing(sandbox: PlatformSandbox, ana: httpx.Client) -> None:
    def fail(message: Any) -> str:
        raise ValueError("the bot fails")

    sandbox.on("message", fail)
    with ana.stream("GET", "/conversations/welcome/listen") as response:
        failed = ana.post("/messages", json={"conversationId": "welcome", "payload": TEXT})
        sandbox.control("end_streams")

        assert (failed.status_code, response.read()) == (500, b"")
    assert len(ana.get("/conversations/welcome/messages").json()["messages"]) == 1
    assert "the bot fails" in sandbox.sandbox.drift[0].traceback
    sandbox.sandbox.clear_records()


def test_a_user_who_is_gone_begins_no_conversation(ben: httpx.Client) -> None:
    ben.delete("/users/me")

    assert error(ben.post("/conversations", json={})) == (404, "ResourceNotFound")
    assert error(ben.post("/conversations/get-or-create", json={"id": "new"})) == (404, "ResourceNotFound")
