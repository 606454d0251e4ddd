"""Accounts, their personal access tokens and preferences, and for whom a token acts."""

from __future__ import annotations

from tests.sandbox.botpress.caller import Caller

ACCOUNT = "/v1/admin/account/me"
TOKENS = "/v1/admin/account/pats"


def test_an_account_is_looked_at_and_changed(api: Caller) -> None:
    before = api.get(ACCOUNT)["account"]
    changed = api.put(ACCOUNT, displayName="Ada L.", refresh=True)["account"]

    assert changed == {**before, "displayName": "Ada L."}
    assert api.get(ACCOUNT)["account"] == changed


def test_a_token_opens_the_api_until_it_is_deleted(api: Caller) -> None:
    made = api.post(TOKENS, note="for a test")["pat"]
    listed = api.get(TOKENS)["pats"]
    own = api.with_headers(Authorization=f"Bearer {made['value']}")
    account = own.get(ACCOUNT)["account"]
    api.delete(f"{TOKENS}/{made['id']}")

    assert made["value"].startswith("bp_pat_")
    assert listed[0] == {"id": made["id"], "createdAt": made["createdAt"], "note": "for a test"}
    assert account == api.get(ACCOUNT)["account"]
    own.error("Unauthorized", "GET", ACCOUNT)
    api.error("ResourceNotFound", "DELETE", f"{TOKENS}/{made['id']}")


def test_nobody_deletes_the_token_of_somebody_else(api: Caller) -> None:
    stranger = Caller.of(api.sandbox, "stranger")
    token_id = stranger.get(TOKENS)["pats"][0]["id"]

    api.error("ResourceNotFound", "DELETE", f"{TOKENS}/{token_id}")


def test_preferences_keep_any_value_and_are_null_before(api: Caller) -> None:
    path = "/v1/admin/account/preferences/theme"
    before = api.get(path)
    api.post(path, value={"dark": [True, None, 1.5]})

    assert before == {"value": None}
    assert api.get(path) == {"value": {"dark": [True, None, 1.5]}}
    assert Caller.of(api.sandbox, "stranger").get(path) == {"value": None}


def test_the_preferences_of_a_workspace_are_apart_from_those_of_the_account(api: Caller) -> None:
    path = "/v1/admin/workspaces/preferences/theme"
    api.post(path, value="light")

    assert api.get(path) == {"value": "light"}
    assert api.with_headers(x_workspace_id=None).get(path) == {"value": "light"}
    assert api.get("/v1/admin/account/preferences/theme") == {"value": None}
    Caller.of(api.sandbox, "stranger").with_headers(x_workspace_id=api.headers["x-workspace-id"]).error(
        "Forbidden", "GET", path
    )


def test_an_account_without_a_workspace_has_no_preferences_of_one(api: Caller) -> None:
    path, token = "/v1/admin/workspaces/preferences/theme", api.control("sign_up", email="nina@example.com")["token"]
    nobody = Caller(api.sandbox, {"Authorization": f"Bearer {token}"})

    nobody.error("ResourceNotFound", "GET", path)
    nobody.error("ResourceNotFound", "POST", path, {"value": "light"})


def test_introspection_says_where_a_bot_is_and_who_asks(api: Caller) -> None:
    bot_id = api.headers["x-bot-id"]
    found = api.with_headers(x_workspace_id=None).post("/v1/admin/introspect", botId=bot_id)

    assert found == {
        "botId": bot_id,
        "workspaceId": api.headers["x-workspace-id"],
        "userId": api.get(ACCOUNT)["account"]["id"],
    }
    Caller.of(api.sandbox, "stranger").error("ReferenceNotFound", "POST", "/v1/admin/introspect", {"botId": bot_id})


def test_an_account_that_owns_no_workspace_can_be_deleted(api: Caller) -> None:
    api.post("/v1/admin/workspace-members", email="ben@example.com", role="viewer")
    signed_up = api.control("sign_up", email="ben@example.com", display_name="Ben")
    ben = api.with_headers(Authorization=f"Bearer {signed_up['token']}")
    members = api.get("/v1/admin/workspace-members")["members"]
    ben.post(ACCOUNT)

    assert [member.get("displayName") for member in members] == ["Ben", "Ada"]
    ben.error("Unauthorized", "GET", ACCOUNT)
    assert len(api.get("/v1/admin/workspace-members")["members"]) == 1
    api.error("ReferenceConstraint", "POST", ACCOUNT, {})


LIVES = (
    test_an_account_is_looked_at_and_changed,
    test_a_token_opens_the_api_until_it_is_deleted,
    test_preferences_keep_any_value_and_are_null_before,
    test_the_preferences_of_a_workspace_are_apart_from_those_of_the_account,
    test_introspection_says_where_a_bot_is_and_who_asks,
    test_an_account_that_owns_no_workspace_can_be_deleted,
)
