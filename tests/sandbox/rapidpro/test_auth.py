"""Who may call: every failure is 403, and none says which credentials would have done."""

from __future__ import annotations

import base64
import json

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.http import Request, Response

from tests.sandbox.rapidpro.caller import PREFIX, Caller

NO_CREDENTIALS = "Authentication credentials were not provided."
NOT_PERMITTED = "You do not have permission to perform this action."


def _get(sandbox: Sandbox, authorization: str | None) -> Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    return sandbox.respond(Request("GET", f"{PREFIX}/workspace.json", (), headers))


def _detail(response: Response) -> str:
    detail: str = json.loads(response.body)["detail"]
    return detail


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "detail"),
    [
        (None, NO_CREDENTIALS),
        ("Bearer ADMNSTRATR222222222222222222222222222222", NO_CREDENTIALS),
        ("Token 2222222222222222222222222222222222222222", "Invalid token"),
        ("Token", "Invalid token header. No credentials provided."),
        ("Token a b", "Invalid token header. Token string should not contain spaces."),
        ("Token \xff", "Invalid token header. Token string should not contain invalid characters."),
        ("Basic", "Invalid basic header. No credentials provided."),
        ("Basic a b", "Invalid basic header. Credentials string should not contain spaces."),
        ("Basic ?", "Invalid basic header. Credentials not correctly base64 encoded."),
        (_basic("administrator@example.com", "wrong"), "Invalid token or email"),
    ],
)
def test_a_failure_of_authentication_is_403_without_a_challenge(
    sandbox: Sandbox, authorization: str | None, detail: str
) -> None:
    response = _get(sandbox, authorization)

    assert (response.status, _detail(response)) == (403, detail)
    assert "WWW-Authenticate" not in response.headers
    assert "X-Temba-Workspace" not in response.headers


def test_the_word_token_may_be_written_in_any_case(sandbox: Sandbox) -> None:
    token = Caller.of(sandbox, "administrator").token

    assert [_get(sandbox, f"{word} {token}").status for word in ("Token", "token", "TOKEN")] == [200, 200, 200]


def test_basic_takes_the_email_of_the_user_and_their_token(sandbox: Sandbox) -> None:
    token = Caller.of(sandbox, "editor").token or ""

    assert _get(sandbox, _basic("editor@example.com", token)).status == 200
    assert _detail(_get(sandbox, _basic("administrator@example.com", token))) == "Invalid token or email"


def test_the_token_of_a_deactivated_user_is_invalid(sandbox: Sandbox) -> None:
    assert Caller.of(sandbox, "deactivated").error(403, "GET", "workspace") == {"detail": "Invalid token"}


def test_an_agent_is_known_and_may_do_nothing(sandbox: Sandbox) -> None:
    agent = Caller.of(sandbox, "agent")

    assert agent.error(403, "GET", "contacts") == {"detail": NOT_PERMITTED}
    assert agent.error(403, "POST", "labels", {"name": "x"}) == {"detail": NOT_PERMITTED}
    assert agent.error(403, "GET", "workspace") == {"detail": NOT_PERMITTED}


def test_a_token_speaks_for_one_workspace_and_sees_nothing_of_another(sandbox: Sandbox) -> None:
    main, empty = Caller.of(sandbox, "administrator"), Caller.of(sandbox, "empty")
    contact = main.create("contacts", name="Ana")

    assert empty.rows("contacts") == []
    assert empty.rows("contacts", uuid=contact["uuid"]) == []
    assert empty.call("POST", "contacts", {"name": "x"}, uuid=contact["uuid"]).status == 404
    assert empty.call("DELETE", "contacts", uuid=contact["uuid"]).status == 404
    assert main.rows("contacts", uuid=contact["uuid"])[0]["name"] == "Ana"


def test_a_response_names_the_workspace_of_the_token(api: Caller) -> None:
    response = api.call("GET", "workspace")

    assert response.headers["X-Temba-Workspace"] == json.loads(response.body)["uuid"]
    assert response.headers["Content-Language"] == "en-us"
