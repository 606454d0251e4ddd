"""`trilogue drift` names what a server sends that its description does not, and nothing of what is in it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Fault, Sandbox
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_tools.cli.main import main

from tests.contract.bugs import setting, without

from ..conftest import Done, Trilogue
from ..lying import Lie, LyingSandbox, Respond, about_rows

ROOT = Path(__file__).resolve().parents[3]
SECRET = "+250788999000"

Row = dict[str, Any]


def everywhere(**changes: Any) -> Lie:
    """Return the lie that changes each response."""

    def lie(request: Request, respond: Respond) -> Response:
        response = respond(request)
        return attrs.evolve(response, **changes) if "getAccessToken" not in request.path else response

    return lie


ABOUT_ROWS: Mapping[str, tuple[str, str, str, str]] = {
    "rapidpro": ("/contacts.json", "results", "contacts.list", "/results/*"),
    "botpress": ("/v1/chat/users", "users", "users.list", "/users/*"),
    "pantheon": ("/contacts/listContacts", "items", "contacts.list", "/items/*"),
    "botpress_chat": ("/conversations", "conversations", "conversations.list", "/conversations/*"),
}
NAME = {"rapidpro": "uuid", "botpress": "createdAt", "pantheon": "created_at", "botpress_chat": "createdAt"}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Runs the command against a sandbox on a port."""

    def run(platform: str, sandbox: Sandbox, *arguments: str) -> Done:
        info = PLATFORMS[platform]
        with sandbox, sandbox.serve() as origin:
            for name, value in sandbox.accounts(platform)[0].credentials.items():
                if name in info.variables:
                    monkeypatch.setenv(info.variables[name], value)
            capsys.readouterr()
            status = main(["drift", platform, "--url", sandbox.url(platform, origin), *arguments])
        return Done(status, *capsys.readouterr())

    return run


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_right_server_has_no_drift(platform: str, run: Callable[..., Done]) -> None:
    sandbox = Sandbox(seed=7)

    done = run(platform, sandbox)

    assert done.status == 0, done.out
    assert "0 findings" in done.out
    assert "Reads only, with at most" in done.err


@pytest.mark.parametrize("platform", ABOUT_ROWS)
@pytest.mark.parametrize(
    ("change", "problem", "field"),
    [
        (lambda name: without(name), "missing field", None),
        (lambda name: setting(name, None), "unexpected null", None),
        (lambda name: setting(name, [SECRET]), "wrong type", None),
        (lambda name: setting("colour", SECRET), "unknown field", "colour"),
        (lambda name: setting(SECRET, SECRET), "unknown field", "*"),
    ],
)
def test_each_lie_about_a_field_is_named(
    platform: str, change: Callable[[str], Any], problem: str, field: str | None, run: Callable[..., Done]
) -> None:
    path, items, operation, pointer = ABOUT_ROWS[platform]
    sandbox = LyingSandbox(about_rows(change(NAME[platform]), path, items), seed=7)

    done = run(platform, sandbox, "--format", "json")

    found = [each for each in json.loads(done.out)["findings"] if each["operation"] == operation]
    assert done.status == 1
    assert (problem, f"{pointer}/{field or NAME[platform]}") in [(each["problem"], each["pointer"]) for each in found]
    assert SECRET not in done.out + done.err


@pytest.mark.parametrize("platform", ABOUT_ROWS)
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"status": 418}, "undocumented status"),
        ({"body": b"<html>"}, "invalid JSON"),
        ({"status": 500}, "server error"),
    ],
)
def test_each_lie_about_a_response_is_named(
    platform: str, changes: Mapping[str, Any], problem: str, run: Callable[..., Done]
) -> None:
    path = ABOUT_ROWS[platform][0]
    lie, truth = everywhere(**changes), everywhere()

    def only_there(request: Request, respond: Respond) -> Response:
        return (lie if path in request.path else truth)(request, respond)

    done = run(platform, LyingSandbox(only_there, seed=7))

    assert done.status == 1
    assert problem in done.out


def test_a_header_that_is_not_described_is_named(run: Callable[..., Done]) -> None:
    def lie(request: Request, respond: Respond) -> Response:
        response = respond(request)
        return response.with_headers(response.headers.set("X-Shard", SECRET))

    done = run("rapidpro", LyingSandbox(lie, seed=7))

    assert "`header/x-shard`" in done.out
    assert SECRET not in done.out


def test_slow_and_limited_responses_are_named(run: Callable[..., Done]) -> None:
    faults = [
        Fault(type="latency", operation_id="labels_list", seconds=0.3),
        Fault(type="rate_limit", operation_id="groups_list"),
    ]

    done = run("rapidpro", Sandbox(seed=7, faults=faults), "--max-response-time", "0.2")

    assert "| `labels.list` | 200 | slow |" in done.out
    assert "| `groups.list` | 429 | rate limited |" in done.out


def test_no_more_is_sent_than_was_said(run: Callable[..., Done]) -> None:
    sandbox = Sandbox(seed=7)

    done = run("botpress", sandbox, "--max-requests", "12")

    assert "at most 12 requests" in done.err
    assert len(sandbox.journal.entries) == 12
    assert "no request was left" in done.out


@pytest.mark.parametrize("platform", PLATFORMS)
def test_nothing_is_written(platform: str, run: Callable[..., Done]) -> None:
    sandbox = Sandbox(seed=7)

    run(platform, sandbox)

    posted = {entry.operation_id for entry in sandbox.journal.entries if entry.method != "GET"}
    reads = {"auth_get_access_token", "findTableRows", "checkHandleAvailability"}
    assert all("_get" in name or "_list" in name for name in posted - reads)


def test_credentials_stay_secret(run: Callable[..., Done], capsys: pytest.CaptureFixture[str]) -> None:
    sandbox = Sandbox(seed=7)
    token = sandbox.accounts("rapidpro")[0].credentials["token"]

    done = run("rapidpro", sandbox, "--format", "json")

    assert token not in done.out + done.err


CAPTURE = {
    "request": {"method": "GET", "path": "/api/v2/labels.json"},
    "response": {
        "status": 200,
        "headers": {"Content-Type": "application/json", "X-Temba-Org": "1"},
        "body": {"next": None, "previous": None, "results": [{"uuid": None, "name": SECRET, "colour": "red"}]},
    },
}


@pytest.fixture
def captures(tmp_path: Path) -> Path:
    (tmp_path / "captures").mkdir()
    (tmp_path / "captures" / "labels.json").write_text(json.dumps(CAPTURE))
    return tmp_path / "captures"


def test_captured_responses_are_checked_offline(captures: Path, trilogue: Trilogue) -> None:
    done = trilogue("drift", "rapidpro", "--captures", str(captures))

    assert done.status == 1
    assert "(RapidPro 9)" in done.out
    for row in (
        "| `labels.list` | 200 | missing field | `/results/*/count` |",
        "| `labels.list` | 200 | unexpected null | `/results/*/uuid` | null instead of string |",
        "| `labels.list` | 200 | unknown field | `/results/*/colour` | string |",
    ):
        assert row in done.out
    assert SECRET not in done.out


def test_captures_may_be_lines_or_har(captures: Path, trilogue: Trilogue) -> None:
    (captures / "labels.json").unlink()
    (captures / "a.jsonl").write_text(f"{json.dumps(CAPTURE)}\n{json.dumps({**CAPTURE, 'response': None})}\n")
    text = json.dumps(CAPTURE["response"]["body"])
    headers = [{"name": "Content-Type", "value": "application/json"}]
    entry = {
        "request": {"method": "GET", "url": "https://textit.com/api/v2/labels.json?cursor=1"},
        "response": {"status": 200, "headers": headers, "content": {"text": text}},
    }
    (captures / "b.har").write_text(json.dumps({"log": {"entries": [entry]}}))

    done = trilogue("drift", "rapidpro", "--captures", str(captures))

    assert "2 responses of 1 operations" in done.out


def test_a_patch_is_suggested_after_which_nothing_is_left(captures: Path, trilogue: Trilogue, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "openapi" / "rapidpro", tmp_path / "openapi" / "rapidpro")

    done = trilogue(
        "drift", "rapidpro", "--captures", str(captures), "--suggest", "--descriptions", str(tmp_path / "openapi")
    )

    subprocess.run(["git", "apply", "-"], input=done.out, text=True, cwd=tmp_path, check=True)
    changed = (tmp_path / "openapi/rapidpro/components/schemas/labels.yaml").read_text()
    assert "required: [uuid, name]\n" in changed
    assert 'type: [string, "null"]\n      format: uuid' in changed
    assert "    colour:\n      description: Seen in responses; say here what it means.\n      type: string" in changed


def test_only_a_patch_needs_the_folder_of_the_descriptions(
    captures: Path, trilogue: Trilogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert "# Drift of RapidPro" in trilogue("drift", "rapidpro", "--captures", str(captures)).out
    done = trilogue("drift", "rapidpro", "--captures", str(captures), "--suggest")

    assert done.status == 2
    assert "there is no folder 'openapi/rapidpro'; name it with --descriptions" in done.err


def test_a_server_that_cannot_be_reached_ends_the_reading_at_once(
    trilogue: Trilogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAPIDPRO_TOKEN", "wrong")
    monkeypatch.setenv("RAPIDPRO_HOST", "http://127.0.0.1:9")

    done = trilogue("drift", "rapidpro", "--max-requests", "3")

    assert done.status == 7
    assert "Error: RapidPro archives.list: no connection to 127.0.0.1:9" in done.err


@pytest.mark.parametrize(("flavour", "label"), PLATFORMS["rapidpro"].flavours.items())
def test_the_kinds_of_server_are_told_apart(flavour: str, label: str, run: Callable[..., Done]) -> None:
    done = run("rapidpro", Sandbox(seed=7, flavour=flavour))

    assert f"# Drift of RapidPro ({label})" in done.out
    assert done.status == 0, done.out
