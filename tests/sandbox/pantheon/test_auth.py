"""Tokens: issued, used, refreshed, revoked, expired."""

from __future__ import annotations

import base64

import pytest
import requests
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.http import Response

from tests.sandbox.pantheon.caller import Caller, app, basic, document


@pytest.fixture
def credentials(sandbox: Sandbox) -> Caller:
    """The app scale, with its client id and secret."""
    return app(sandbox, "scale")


def works(sandbox: Sandbox, access_token: str) -> bool:
    return Caller(sandbox, f"Bearer {access_token}").call("apps/getApp").status == 200


def refreshed(credentials: Caller, refresh_token: str) -> Response:
    return credentials.call("auth/getAccessToken", {"grant_type": "refresh_token", "refresh_token": refresh_token})


def test_client_credentials_get_a_pair_for_four_hours(sandbox: Sandbox, credentials: Caller) -> None:
    response = credentials.call("auth/getAccessToken", {"grant_type": "client_credentials"})
    pair = document(response, 200)

    assert (pair["token_type"], pair["expires_in"]) == ("bearer", 14400)
    assert works(sandbox, pair["access_token"])
    assert response.headers["cache-control"] == "no-store"


def test_the_token_endpoint_takes_a_form_too(sandbox: Sandbox, credentials: Caller) -> None:
    form = "application/x-www-form-urlencoded"
    response = credentials.call("auth/getAccessToken", raw=b"grant_type=client_credentials", Content_Type=form)

    assert works(sandbox, document(response, 200)["access_token"])


def test_the_program_of_the_overview_gets_a_token_with_nothing_but_another_host(sandbox: Sandbox) -> None:
    with sandbox.serve() as address:
        response = requests.request(
            "POST",
            f"{address}/v1.0/auth/getAccessToken",
            data={"grant_type": "client_credentials"},
            headers={
                "authorization": "Basic SUtJQTFCNzU5M0M0NDAyQkM1RTAwQzQ2QUM4QjFDMUNDMEI4NUVFQkIwODg6c2VjcmV0",
                "content-type": "application/json",
            },
            timeout=10,
        )

    assert works(sandbox, response.json()["access_token"])


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
def test_a_token_under_the_wrong_content_type_is_not_repeated(credentials: Caller, content_type: str) -> None:
    token = credentials.new_tokens()["refresh_token"]
    for raw in (f"refresh_token={token}&{token}", f'{{"refresh_token": "{token}"}}', f"{token}={token}", token):
        response = credentials.call("auth/getAccessToken", raw=raw.encode(), Content_Type=content_type)

        assert response.status == 400
        assert token not in response.body.decode()


def test_json_under_the_content_type_of_a_form_is_refused(credentials: Caller) -> None:
    raw, form = b'{"grant_type": "client_credentials"}', "application/x-www-form-urlencoded"
    response = credentials.call("auth/getAccessToken", raw=raw, Content_Type=form)

    assert [name for entry in document(response, 400)["errors"] for name in entry] == ["body", "grant_type"]


def test_earlier_pairs_keep_working(sandbox: Sandbox, credentials: Caller) -> None:
    first, second = credentials.new_tokens(), credentials.new_tokens()

    assert works(sandbox, first["access_token"])
    assert works(sandbox, second["access_token"])


def test_an_access_token_ends_after_four_hours(sandbox: Sandbox, credentials: Caller) -> None:
    token = credentials.new_tokens()["access_token"]
    credentials.advance(hours=4, seconds=-1)
    before = works(sandbox, token)
    credentials.advance(seconds=1)
    after = Caller(sandbox, f"Bearer {token}").call("apps/getApp")

    assert before
    assert document(after, 401) == {"message": "The access token has expired."}


def test_a_refresh_token_works_once_and_leaves_the_old_access_token_alone(
    sandbox: Sandbox, credentials: Caller
) -> None:
    old = credentials.new_tokens()
    new = document(refreshed(credentials, old["refresh_token"]), 200)

    assert refreshed(credentials, old["refresh_token"]).status == 400
    assert works(sandbox, old["access_token"])
    assert works(sandbox, new["access_token"])
    assert refreshed(credentials, new["refresh_token"]).status == 200


def test_a_refresh_token_outlives_its_access_token_by_30_days(sandbox: Sandbox, credentials: Caller) -> None:
    pair, other = credentials.new_tokens(), credentials.new_tokens()
    credentials.advance(days=29)
    in_time = refreshed(credentials, pair["refresh_token"])
    credentials.advance(days=1)

    assert in_time.status == 200
    assert refreshed(credentials, other["refresh_token"]).status == 400


def test_a_refresh_token_of_another_app_is_refused(sandbox: Sandbox, credentials: Caller) -> None:
    pair = app(sandbox, "scale_second").new_tokens()

    assert refreshed(credentials, pair["refresh_token"]).status == 400


@pytest.mark.parametrize(
    "body",
    [
        {"grant_type": "refresh_token"},
        {"grant_type": "refresh_token", "refresh_token": "rt_never_issued"},
        {"grant_type": "client_credentials", "refresh_token": "rt_never_issued"},
    ],
)
def test_a_refresh_token_goes_with_its_grant_type(credentials: Caller, body: dict[str, str]) -> None:
    assert credentials.field_errors("auth/getAccessToken", **body) == ["refresh_token"]


def test_an_access_token_is_no_refresh_token(credentials: Caller) -> None:
    assert refreshed(credentials, credentials.new_tokens()["access_token"]).status == 400


def test_revoking_a_refresh_token_takes_its_access_token_with_it(sandbox: Sandbox, credentials: Caller) -> None:
    pair, other = credentials.new_tokens(), credentials.new_tokens()

    assert credentials.ok("auth/revokeToken", token=pair["refresh_token"]) == {"revoked": True}
    assert not works(sandbox, pair["access_token"])
    assert refreshed(credentials, pair["refresh_token"]).status == 400
    assert works(sandbox, other["access_token"])


def test_revoking_an_access_token_leaves_its_refresh_token_alone(sandbox: Sandbox, credentials: Caller) -> None:
    pair = credentials.new_tokens()
    credentials.ok("auth/revokeToken", token=pair["access_token"])

    assert not works(sandbox, pair["access_token"])
    assert refreshed(credentials, pair["refresh_token"]).status == 200


def test_revoking_what_does_not_work_gets_the_same_response(sandbox: Sandbox, credentials: Caller) -> None:
    pair = credentials.new_tokens()
    for token in (pair["refresh_token"], pair["refresh_token"], "never_issued"):
        assert credentials.ok("auth/revokeToken", token=token) == {"revoked": True}


def test_a_token_of_another_app_is_left_alone(sandbox: Sandbox, credentials: Caller) -> None:
    pair = app(sandbox, "scale_second").new_tokens()
    credentials.ok("auth/revokeToken", token=pair["refresh_token"])

    assert works(sandbox, pair["access_token"])


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer x",
        "Basic",
        "Basic !!!",
        "Basic é",
        "Basic " + base64.b64encode(b"\xff\xfe").decode(),
        basic("PANTHEONSCALE", "wrong"),
        basic("nobody", "secret-of-scale"),
        basic("PANTHEONSCALE", "secret-of-standard"),
    ],
)
def test_wrong_app_credentials_are_a_401_that_asks_for_basic(sandbox: Sandbox, authorization: str) -> None:
    response = Caller(sandbox, authorization).call("auth/getAccessToken", {"grant_type": "client_credentials"})

    assert response.status == 401
    assert response.headers["www-authenticate"] == 'Basic realm="pantheon.api"'
    assert (response.headers["x-ratelimit-total"], response.headers["x-ratelimit-remaining"]) == ("30", "30")


@pytest.mark.parametrize(
    ("authorization", "error"),
    [("", ""), ("Bearer ", ""), ("Basic eDp5", ""), ("Bearer nonsense", ', error="invalid_token"')],
)
def test_without_a_working_token_the_401_asks_for_bearer_and_names_the_limit_of_the_free_plan(
    sandbox: Sandbox, authorization: str, error: str
) -> None:
    response = Caller(sandbox, authorization).call("apps/getApp")

    assert response.status == 401
    assert response.headers["www-authenticate"] == f'Bearer realm="pantheon.api"{error}'
    assert (response.headers["x-ratelimit-total"], response.headers["x-ratelimit-remaining"]) == ("120", "120")


def test_the_scheme_may_be_written_in_any_case(sandbox: Sandbox, credentials: Caller) -> None:
    token = credentials.new_tokens()["access_token"]

    assert Caller(sandbox, f"bearer {token}").call("apps/getApp").status == 200


def test_a_token_opens_nothing_of_another_account(sandbox: Sandbox, api: Caller) -> None:
    channel_id = api.ids("channels/listChannels")[0]

    assert Caller.of(sandbox, "standard").is_missing("channels/getChannel", channel_id=channel_id)
    assert Caller.of(sandbox, "scale_second").ok("channels/getChannel", channel_id=channel_id)["id"] == channel_id


def test_a_test_can_let_a_token_expire(sandbox: Sandbox, credentials: Caller) -> None:
    pair, other = credentials.new_tokens(), credentials.new_tokens()
    credentials.control("expire_token", token=pair["access_token"])
    one = works(sandbox, pair["access_token"]), works(sandbox, other["access_token"])
    credentials.control("expire_token")

    assert one == (False, True)
    assert not works(sandbox, other["access_token"])
    assert credentials.rejected_argument("expire_token", token="never_issued") == "token"


def life(api: Caller) -> None:
    """Call every method of the namespace."""
    credentials = app(api.sandbox, "scale")
    credentials.ok("auth/revokeToken", token=credentials.new_tokens()["access_token"])
