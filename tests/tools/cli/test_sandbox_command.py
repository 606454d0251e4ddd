"""`trilogue sandbox`, and the command line as a whole."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import httpx
import pytest
from trilogue import __version__
from trilogue_sandbox import Sandbox
from trilogue_tools.cli.main import main

from ..conftest import Trilogue

COMMAND = [sys.executable, "-m", "trilogue"]


def test_the_version_is_printed(trilogue: Trilogue) -> None:
    done = trilogue("--version")

    assert (done.status, done.out) == (0, f"trilogue {__version__}\n")


def test_without_a_command_it_shows_its_help(trilogue: Trilogue) -> None:
    done = trilogue()

    assert done.status == 2
    assert done.err.startswith("Usage: trilogue")


@pytest.mark.parametrize(
    "arguments",
    [["serve"], ["sandbox", "--port", "70000"], ["sandbox", "--seed", "x"], ["sandbox", "--flavour", "rapidpro-1"]],
)
def test_wrong_arguments_are_explained(arguments: list[str], trilogue: Trilogue) -> None:
    done = trilogue(*arguments)

    assert done.status == 2
    assert done.err.startswith("Error: ")


def test_a_port_that_is_taken_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert main(["sandbox", "--port", str(port)]) == 1

    said = f"port {port} of 127.0.0.1 is not available; try another, or 0 for a free one"
    assert capsys.readouterr().err == f"Error: the sandbox cannot start: {said}\n"


@pytest.mark.parametrize(("name", "why"), [("notes.txt", "file is not a database"), ("a/b", "unable to open")])
def test_a_database_that_cannot_be_used_is_explained(
    name: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("These are notes, and not a database of the sandbox.\n" * 20)

    assert main(["sandbox", "--port", "0", "--database", str(tmp_path / name)]) == 1
    assert capsys.readouterr().err.startswith(
        f"Error: the sandbox cannot start: the database {tmp_path / name} cannot be used: {why}"
    )


def test_the_sandbox_serves_until_it_is_interrupted() -> None:
    with subprocess.Popen([*COMMAND, "sandbox", "--port", "0"], stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        greeting = served.stdout.readline()
        address = next(word for word in greeting.split() if word.startswith("http"))
        with urlopen(address, timeout=10) as page:
            assert page.status == 200
        served.send_signal(signal.SIGINT)

        assert served.wait(10) == 0


@pytest.mark.parametrize(
    ("flavour", "arguments", "classifiers", "too_long"),
    [("rapidpro-9", [], 200, 500), ("textit", ["--no-known-faults"], 404, 400)],
)
def test_the_server_that_is_served_can_be_chosen(
    flavour: str, arguments: list[str], classifiers: int, too_long: int
) -> None:
    with subprocess.Popen(
        [*COMMAND, "sandbox", "--port", "0", "--flavour", flavour, *arguments], stdout=subprocess.PIPE, text=True
    ) as served:
        assert served.stdout is not None
        line = next(line for line in served.stdout if line.startswith("rapidpro "))
        address, token = line.split()[1], Sandbox().accounts("rapidpro")[0].credentials["token"]
        with httpx.Client(base_url=address, headers={"Authorization": f"Token {token}"}) as http:
            statuses = (
                http.get("/classifiers.json").status_code,
                http.post(
                    "/resthook_subscribers.json", json=subscriber("https://example.com/".ljust(201, "x"))
                ).status_code,
            )
        served.send_signal(signal.SIGINT)
        served.communicate(timeout=10)

    assert line.rstrip().endswith(f"  {flavour}")
    assert statuses == (classifiers, too_long)


def subscriber(target_url: str) -> dict[str, str]:
    return {"resthook": "new-mother", "target_url": target_url}
