"""The command line, called as a person calls it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from attrs import frozen
from trilogue_tools.cli.main import main


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
