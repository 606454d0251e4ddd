"""The same calls on the sandbox and on another server: a sandbox that serves, and one that lies."""

from __future__ import annotations

import re
from typing import Any

import pytest
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Sandbox
from trilogue_tools.drift.endpoints import endpoints

from tests.parity.__main__ import main
from tests.parity.comparing import shape_of
from tests.tools.lying import LyingSandbox, about_rows

LISTS = {"rapidpro": ("/contacts.json", "results"), "botpress_chat": ("/messages", "messages")}


def run(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, platform: str, *options: str) -> int:
    info = PLATFORMS[platform]
    for name, value in sandbox.accounts(platform)[0].credentials.items():
        if name in info.variables:
            monkeypatch.setenv(info.variables[name], value)
    with sandbox.serve() as address:
        return main([platform, "--against", sandbox.url(platform, address), *options])


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_sandbox_is_as_itself_and_only_read(
    platform: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Sandbox(seed=1) as sandbox:
        assert run(monkeypatch, sandbox, platform) == 0
        called = {entry.operation_id for entry in sandbox.journal.entries} - {"auth_get_access_token"}

    assert all(endpoints(platform)[operation].reads for operation in called)
    assert int(re.findall(r"^equal (\d+), different 0", capsys.readouterr().out, re.MULTILINE)[0]) > 5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda row: {**row, "colour": "red"}, "/colour: only in responses of the server"),
        (lambda row: {**row, "payload": [], "uuid": []}, "of the sandbox, array of the server"),
    ],
)
@pytest.mark.parametrize("platform", LISTS)
def test_what_a_server_does_otherwise_is_named(
    platform: str, change: Any, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with LyingSandbox(about_rows(change, *LISTS[platform]), seed=1) as sandbox:
        assert run(monkeypatch, sandbox, platform) == 1

    assert said in capsys.readouterr().out


def test_things_are_created_only_where_that_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    for options, creates in (((), False), (("--allow-writes",), True)):
        with Sandbox(seed=1) as sandbox:
            run(monkeypatch, sandbox, "botpress_chat", *options)
            methods = [entry.method for entry in sandbox.journal.entries]

        assert ("POST" in methods) == creates


def test_the_shape_of_responses_is_what_they_have_in_common() -> None:
    assert shape_of([{"a": [{"b": 1}, {"b": None}]}, {"a": []}]) == {
        "": {"object"},
        "/a": {"array"},
        "/a/*": {"object"},
        "/a/*/b": {"number"},
    }
