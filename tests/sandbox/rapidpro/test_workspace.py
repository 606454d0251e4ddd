"""The workspace, and the people who work in it."""

from __future__ import annotations

from typing import Any

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.platform import ControlError

from tests.sandbox.rapidpro.caller import Caller


def test_the_workspace_is_one_object_and_has_a_former_name(api: Caller) -> None:
    workspace = api.get("workspace")

    assert workspace == {
        "uuid": workspace["uuid"],
        "name": "main",
        "country": "RW",
        "languages": ["eng", "kin"],
        "timezone": "Africa/Kigali",
        "date_style": "day_first",
        "anon": False,
        "credits": {"used": -1, "remaining": -1},
        "primary_language": "eng",
    }
    assert api.get("org") == workspace


def test_a_workspace_without_a_country_says_so_with_an_empty_text(sandbox: Sandbox) -> None:
    assert Caller.of(sandbox, "empty").get("workspace")["country"] == ""
    assert Caller.of(sandbox, "anonymous").get("workspace")["anon"] is True


def test_users_are_the_active_members_newest_first(api: Caller) -> None:
    users = api.rows("users")
    agent = next(user for user in users if user["role"] == "agent")
    editor = next(user for user in users if user["role"] == "editor")

    assert [user["email"] for user in users] == ["agent@example.com", "editor@example.com", "administrator@example.com"]
    assert agent == {
        "uuid": agent["uuid"],
        "name": "Agnes Uwera",
        "email": "agent@example.com",
        "role": "agent",
        "team": {"uuid": agent["team"]["uuid"], "name": "All Topics"},
        "created_on": agent["created_on"],
        "avatar": None,
        "first_name": "Agnes",
        "last_name": "Uwera",
    }
    assert editor["avatar"] == "https://example.com/edith.png"


@pytest.mark.parametrize(
    ("query", "roles"),
    [
        ({"role": "agent"}, ["agent"]),
        ({"role": ["agent", "editor", "nonsense"]}, ["agent", "editor"]),
        ({"role": "nonsense"}, []),
        ({"email": ["EDITOR@example.com", "nobody@example.com"]}, ["editor"]),
        ({"email": "deactivated@example.com"}, []),
    ],
)
def test_users_are_filtered_by_role_and_email(api: Caller, query: dict[str, Any], roles: list[str]) -> None:
    assert [user["role"] for user in api.rows("users", **query)] == roles


def test_users_are_filtered_by_several_uuids(api: Caller) -> None:
    uuids = [user["uuid"] for user in api.rows("users")]

    assert [user["uuid"] for user in api.rows("users", uuid=uuids[1:])] == uuids[1:]
    assert api.call("GET", "users", uuid=[uuids[0], "x"]).status == 400


def test_an_argument_of_the_control_plane_that_is_wrong_is_named(sandbox: Sandbox) -> None:
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("throttle", {"limit": "many"}, "limit"),
        ("throttle", {"limit": -1}, "limit"),
        ("throttle", {"limit": 1, "scope": "v3"}, "scope"),
        ("limit_objects", {"limit": 1}, "type"),
        ("set_workspace_state", {"state": "asleep"}, "state"),
        ("set_workspace_state", {"state": "active", "workspace": "nowhere"}, "workspace"),
    ]
    for action, arguments, field in wrong:
        with pytest.raises(ControlError) as refused:
            sandbox.control("rapidpro", action, arguments)
        assert refused.value.field == field
