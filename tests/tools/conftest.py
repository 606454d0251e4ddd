"""A sandbox on a port for the tools' tests, the command line, and places of their own for what the tools remember."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Sandbox
from trilogue_tools.cli.main import main


@pytest.fixture(scope="session")
def running() -> Iterator[tuple[Sandbox, str]]:
    """A sandbox that is reset for each test, and its address."""
    with Sandbox(seed=7) as sandbox, sandbox.serve() as address:
        yield sandbox, address


@pytest.fixture
def sandbox(running: tuple[Sandbox, str]) -> Sandbox:
    running[0].reset()
    return running[0]


@pytest.fixture
def address(sandbox: Sandbox, running: tuple[Sandbox, str]) -> str:
    return running[1]


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test see the settings of the person who runs it, nor another test's."""
    for info in PLATFORMS.values():
        for variable in info.variables.values():
            monkeypatch.delenv(variable, raising=False)
    for variable in ("TRILOGUE_PROFILE", "TRILOGUE_ERRORS", "NO_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TRILOGUE_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("TRILOGUE_STATE", str(tmp_path / "state"))


@frozen
class Done:
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[Any]:
        """What was printed, as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


Trilogue = Callable[..., Done]


@pytest.fixture
def trilogue(address: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Trilogue:
    """Runs the command line; `--sandbox` means the running one."""
    monkeypatch.setenv("TRILOGUE_SANDBOX", address)

    def run(*arguments: str) -> Done:
        capsys.readouterr()
        status = main(arguments)
        return Done(status, *capsys.readouterr())

    return run
