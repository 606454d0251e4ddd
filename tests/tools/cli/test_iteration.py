"""Lists that are long: progress, ctrl-C and going on."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from trilogue import Wait
from trilogue_sandbox import Fault, Sandbox
from trilogue_tools.cli.iteration import Rows
from trilogue_tools.cli.progress import Live, Silent

from ..conftest import Trilogue

CONTACTS = ("rapidpro", "contacts", "list", "--sandbox", "--fields", "uuid")


@pytest.fixture(autouse=True)
def many_contacts(sandbox: Sandbox) -> None:
    sandbox.seed_data("rapidpro", {"contacts": 600})


def uuids(text: str) -> list[str]:
    return [json.loads(line)["uuid"] for line in text.splitlines()]


def test_ctrl_c_prints_where_it_stopped_and_resume_goes_on(
    trilogue: Trilogue, sandbox: Sandbox, address: str, tmp_path: Path
) -> None:
    everyone = uuids(trilogue(*CONTACTS).out)
    sandbox.faults.add(Fault(type="latency", seconds=30, operation_id="contacts_list", after=2))
    with subprocess.Popen(
        [sys.executable, "-m", "trilogue", *CONTACTS],
        env={**os.environ, "TRILOGUE_SANDBOX": address},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        first = [process.stdout.readline() for _ in range(500)]
        process.send_signal(signal.SIGINT)
        rest, said = process.communicate(timeout=20)
    sandbox.faults.clear()
    before = uuids("".join(first) + rest)

    resumed = trilogue(*CONTACTS, "--resume")

    assert process.returncode == 130
    assert "Stopped after 500 rows; the same command with --resume goes on." in said
    assert before + uuids(resumed.out) == everyone
    assert trilogue(*CONTACTS, "--resume").status == 2, "a list that came to its end has no position"


def test_an_error_keeps_the_position_too(trilogue: Trilogue, sandbox: Sandbox) -> None:
    everyone = uuids(trilogue(*CONTACTS).out)
    sandbox.faults.add(Fault(type="status", status=400, operation_id="contacts_list", after=1))

    cut_off = trilogue(*CONTACTS)
    sandbox.faults.clear()

    assert cut_off.status == 1
    assert uuids(cut_off.out) + uuids(trilogue(*CONTACTS, "--resume").out) == everyone


def test_a_limit_keeps_the_position_and_csv_goes_on_without_a_header(trilogue: Trilogue) -> None:
    everyone = uuids(trilogue(*CONTACTS).out)

    first = trilogue(*CONTACTS, "--limit", "5", "-o", "csv").out.splitlines()
    second = trilogue(*CONTACTS, "--limit", "5", "-o", "csv", "--resume").out.splitlines()

    assert first == ["uuid", *everyone[:5]]
    assert second == everyone[5:10]


class Numbers:
    """A list of numbers whose pages are never awaited."""

    position = "{}"

    def __init__(self, count: int) -> None:
        self._numbers = iter(range(count))
        self.iteration = self
        self.needs_page, self.is_finished = False, False

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        return next(self._numbers)


def test_ctrl_c_between_two_rows_loses_none() -> None:
    rows, printed = Rows(Numbers(10), None, Silent()), list[int]()

    for row in rows:
        printed.append(row)
        if row == 3:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)

    assert printed == [0, 1, 2, 3]
    assert isinstance(rows.stopped, KeyboardInterrupt)


def test_the_line_tells_of_rows_budget_and_waits() -> None:
    live = Live(lambda: 1980)
    for _ in range(1200):
        live.count()
    before = live.line()
    live.on_wait(Wait("rate limit", 60.0, datetime.now(UTC) + timedelta(seconds=60), "contacts.list", 1))

    assert before.startswith("1,200 rows · ")
    assert before.endswith(" a second · 1,980 requests left")
    assert "(rate limit), 60 s to go" in live.line()


def test_a_wait_is_announced_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    Silent().on_wait(Wait("rate limit", 60.0, datetime(2026, 1, 1, 12, tzinfo=UTC), "contacts.list", 1))

    assert capsys.readouterr().err.endswith(" (rate limit).\n")


@pytest.mark.parametrize(("no_color", "is_coloured"), [("", True), ("1", False)])
def test_a_terminal_gets_a_coloured_table_unless_it_wants_none(no_color: str, is_coloured: bool, address: str) -> None:
    screen = on_a_terminal(
        ["rapidpro", "groups", "list", "--sandbox"], {"TRILOGUE_SANDBOX": address, "NO_COLOR": no_color}
    )

    assert "Farmers" in screen
    assert ("\x1b[1m" in screen) is is_coloured


def on_a_terminal(arguments: list[str], variables: dict[str, str], answer: str = "") -> str:
    """Return what a command prints on a terminal of 120 columns."""
    terminal, inside = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", "LINES": "60", "PAGER": "cat", **variables}
    command = [sys.executable, "-m", "trilogue", *arguments]
    with subprocess.Popen(command, stdin=inside, stdout=inside, stderr=inside, env=environment):
        os.close(inside)
        os.write(terminal, answer.encode())
        screen = b""
        try:
            while chunk := os.read(terminal, 4096):
                screen += chunk
        except OSError:  # how a terminal ends on Linux
            pass
    os.close(terminal)
    return screen.decode()


def test_the_budget_is_known_once_the_client_knows_it(sandbox: Sandbox) -> None:
    from trilogue import RapidPro
    from trilogue_generated.rapidpro.operations.contacts import LIST
    from trilogue_tools.budgets import requests_left

    token = sandbox.accounts("rapidpro")[0].credentials["token"]
    options = {"host": "http://127.0.0.1/rapidpro", "transport": sandbox.transport()}
    with RapidPro(token, **options) as unknown, RapidPro(token, requests_per_hour=100, **options) as known:
        known.contacts.list().page()

        assert requests_left(unknown, LIST) is None
        assert requests_left(known, LIST) == 99


def test_what_takes_something_away_asks_on_a_terminal_and_names_it(address: str, sandbox: Sandbox) -> None:
    command = ["rapidpro", "groups", "delete", "--uuid", "1e9a29ef-956c-4fc0-963d-5fa915398403", "--sandbox"]
    before = len(sandbox.journal.entries)

    screen = on_a_terminal(command, {"TRILOGUE_SANDBOX": address}, answer="n\n")

    assert "Delete a group (uuid 1e9a29ef-956c-4fc0-963d-5fa915398403): do it? [y/N]" in screen
    assert len(sandbox.journal.entries) == before


def test_a_call_that_has_to_wait_says_so(trilogue: Trilogue, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(type="rate_limit", retry_after=2, operation_id="groups_list", times=1))

    done = trilogue("rapidpro", "groups", "list", "--sandbox")

    assert done.status == 0
    assert "(rate limit)." in done.err


@pytest.mark.parametrize("other", [{"RAPIDPRO_TOKEN": "EMPTY"}, {"RAPIDPRO_HOST": "http://127.0.0.1:9/rapidpro"}])
def test_the_position_of_one_account_is_none_of_another(
    trilogue: Trilogue, sandbox: Sandbox, address: str, monkeypatch: pytest.MonkeyPatch, other: dict[str, str]
) -> None:
    tokens = {account.name: account.credentials["token"] for account in sandbox.accounts("rapidpro")}
    monkeypatch.setenv("RAPIDPRO_TOKEN", tokens["administrator"])
    monkeypatch.setenv("RAPIDPRO_HOST", f"{address}/rapidpro")
    command = ("rapidpro", "contacts", "list", "--limit", "5")
    assert trilogue(*command).status == 0

    for name, value in other.items():
        monkeypatch.setenv(name, tokens["empty"] if value == "EMPTY" else value)
    refused = trilogue(*command, "--resume")

    assert (refused.status, refused.out) == (2, "")
    assert "this list was not cut off with these options" in refused.err


def test_a_list_that_fails_at_once_says_only_that_and_leaves_nothing_to_resume(
    trilogue: Trilogue, sandbox: Sandbox
) -> None:
    trilogue(*CONTACTS, "--limit", "5")
    sandbox.faults.add(Fault(type="status", status=400, operation_id="contacts_list"))

    failed = trilogue(*CONTACTS, "--output", "table")

    assert (failed.status, failed.out, failed.err.count("\n")) == (1, "", 1)
    assert failed.err.startswith("Error: RapidPro contacts.list: 400")
    assert trilogue(*CONTACTS, "--resume").status == 2, "of an earlier run, whose output may have been replaced"
