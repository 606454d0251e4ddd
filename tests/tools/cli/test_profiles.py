"""Credentials in profiles."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Sandbox
from trilogue_tools import profiles
from trilogue_tools.errors import ToolError, UsageError

from ..conftest import Trilogue

RAPIDPRO = PLATFORMS["rapidpro"]


class Drawer:
    """A keyring in memory."""

    def __init__(self) -> None:
        self.secrets: dict[tuple[str, str], str] = {}

    def get_password(self, service_name: str, username: str) -> str | None:
        return self.secrets.get((service_name, username))

    def set_password(self, service_name: str, username: str, password: str) -> None:
        self.secrets[service_name, username] = password

    def delete_password(self, service_name: str, username: str) -> None:
        del self.secrets[service_name, username]


def test_a_profile_brings_its_settings(trilogue: Trilogue, sandbox: Sandbox, address: str) -> None:
    token = sandbox.accounts("rapidpro")[0].credentials["token"]
    profiles.store("rapidpro", "health", {"token": token, "host": f"{address}/rapidpro"}, None)

    done = trilogue("whoami", "rapidpro", "--profile", "health")

    assert done.rows[0]["name"] == "main"
    assert trilogue("--profile", "health", "rapidpro", "workspace", "get").rows == done.rows


def test_a_profile_without_settings_is_not_stored(trilogue: Trilogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n" * 9))

    done = trilogue("login", "pantheon")

    assert "nothing was given" in done.err
    assert not profiles.path().exists()


def test_the_file_is_for_its_owner_alone() -> None:
    profiles.store("rapidpro", "default", {"token": "abc"}, None)

    assert profiles.path().stat().st_mode & 0o777 == 0o600
    profiles.path().chmod(0o644)
    with pytest.raises(ToolError, match="chmod 600"):
        profiles.load()


def test_a_secret_goes_into_the_keyring_and_leaves_with_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    drawer = Drawer()
    monkeypatch.setattr(profiles, "find_keyring", lambda: drawer)

    profiles.store("rapidpro", "default", {"token": "abc", "host": "https://x.example"}, drawer)

    assert "abc" not in profiles.path().read_text()
    assert profiles.settings_for(RAPIDPRO) == {"token": "abc", "host": "https://x.example"}
    profiles.remove("default", drawer)
    assert drawer.secrets == {}


def test_the_environment_goes_before_the_default_profile_but_not_before_a_named_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    profiles.store("rapidpro", "default", {"token": "abc"}, None)
    monkeypatch.setenv("RAPIDPRO_TOKEN", "of-the-environment")

    assert profiles.settings_for(RAPIDPRO) == {}
    assert profiles.settings_for(RAPIDPRO, "default") == {"token": "abc"}


def test_a_missing_profile_is_an_error_that_names_those_there_are() -> None:
    profiles.store("rapidpro", "health", {"token": "abc"}, None)

    with pytest.raises(UsageError, match="there is no profile 'helth' for RapidPro; there is: health"):
        profiles.settings_for(RAPIDPRO, "helth")


def test_listed_profiles_show_no_secret(trilogue: Trilogue) -> None:
    profiles.store("rapidpro", "health", {"token": "abc", "host": "https://x.example"}, None)

    done = trilogue("profiles")

    assert done.rows == [{"profile": "health", "platform": "rapidpro", "token": "(set)", "host": "https://x.example"}]


def test_logging_out_removes_a_profile(trilogue: Trilogue) -> None:
    profiles.store("rapidpro", "health", {"token": "abc"}, None)

    assert trilogue("logout", "health").status == 0
    assert json.loads(profiles.path().read_text()) == {}
    assert trilogue("logout", "health").status == 2


def test_a_broken_file_is_explained(tmp_path: Path) -> None:
    profiles.path().parent.mkdir(parents=True)
    profiles.path().write_text("{")
    profiles.path().chmod(0o600)

    with pytest.raises(ToolError, match="is no JSON"):
        profiles.load()


def test_without_profiles_it_says_how_to_make_one(trilogue: Trilogue) -> None:
    assert trilogue("profiles").err == "There is no profile yet; make one: trilogue login PLATFORM\n"
    assert (
        "make it: trilogue login botpress-chat --profile x" in trilogue("whoami", "botpress-chat", "--profile", "x").err
    )
