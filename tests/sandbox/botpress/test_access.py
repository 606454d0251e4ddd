"""Who may call what: tokens, families and context headers."""

from __future__ import annotations

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.botpress import credentials

from tests.sandbox.botpress.caller import Caller

USERS = "/v1/chat/users"


def test_without_a_token_or_with_one_that_nobody_has_nothing_opens(api: Caller) -> None:
    for header in (None, "Bearer nobody", "Basic abc", "Bearer "):
        error = api.with_headers(Authorization=header).error("Unauthorized", "GET", USERS)
        assert error["status"] == 401


@pytest.mark.parametrize(
    ("account", "opened"),
    [
        ("pat", {"chat", "files", "tables", "admin"}),
        ("bak", {"chat", "files", "tables"}),
        ("iak", {"chat", "files"}),
    ],
)
def test_a_type_of_token_reaches_its_families(sandbox: Sandbox, account: str, opened: set[str]) -> None:
    caller = Caller.of(sandbox, account)
    paths = {"chat": USERS, "files": "/v1/files", "tables": "/v1/tables", "admin": "/v1/admin/account/me"}
    for family, path in paths.items():
        if family in opened:
            caller.get(path)
        else:
            assert caller.error("Forbidden", "GET", path)["status"] == 403


def test_a_bot_key_acts_for_its_bot_only(bot: Caller) -> None:
    bot.with_headers(x_bot_id=credentials.OTHER_BOT_ID).error("Forbidden", "GET", USERS)
    bot.with_headers(x_integration_id=credentials.INTEGRATION_ID).error("Forbidden", "GET", USERS)


def test_an_integration_key_acts_where_the_integration_is_installed_only(integration: Caller) -> None:
    integration.with_headers(x_bot_id=credentials.OTHER_BOT_ID).error("Forbidden", "GET", USERS)
    integration.with_headers(x_integration_alias="telegram-2").error("Forbidden", "GET", USERS)
    integration.with_headers(x_integration_id="intver_of_somebody_else_0000").error("Forbidden", "GET", USERS)
    assert integration.with_headers(x_integration_id=None, x_integration_alias="telegram").get(USERS)["users"]


def test_a_person_acts_in_their_own_workspaces_only(api: Caller) -> None:
    api.with_headers(x_bot_id=credentials.OTHER_BOT_ID).error("Forbidden", "GET", USERS)
    api.with_headers(x_bot_id="00000000-0000-4000-8000-000000000000").error("Forbidden", "GET", USERS)
    stranger = Caller.of(api.sandbox, "stranger")
    assert [user["id"] for user in stranger.get(USERS)["users"]] == [credentials.OTHER_BOT_ID]
    stranger.with_headers(x_bot_id=credentials.BOT_ID).error("Forbidden", "GET", USERS)


def test_a_person_acts_as_an_integration_by_naming_it(api: Caller) -> None:
    as_telegram = api.with_headers(x_integration_id=credentials.INTEGRATION_ID)
    user = as_telegram.create(USERS, tags={"id": "42"})["user"]

    assert user["tags"] == {"id": "42"}
    assert api.get(f"{USERS}/{user['id']}")["user"]["tags"] == {"telegram:id": "42"}


def test_the_headers_an_operation_needs_must_be_there(api: Caller) -> None:
    assert "x-bot-id" in api.with_headers(x_bot_id=None).error("Unauthorized", "GET", USERS)["message"]


def test_surplus_headers_and_an_empty_object_with_a_delete_are_ignored(api: Caller) -> None:
    caller = api.with_headers(x_user_id="somebody", x_multiple_integrations="true", x_whatever="7")
    user = caller.create(USERS, tags={})["user"]

    assert caller.delete(f"{USERS}/{user['id']}") == {}
    another = caller.create(USERS, tags={})["user"]
    caller.error("InvalidPayload", "DELETE", f"{USERS}/{another['id']}", {"force": True})


def test_what_one_bot_has_another_does_not_see(api: Caller) -> None:
    user = api.create(USERS, tags={})["user"]
    stranger = Caller.of(api.sandbox, "stranger")

    stranger.error("ResourceNotFound", "GET", f"{USERS}/{user['id']}")
