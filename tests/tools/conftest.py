"""A sandbox on a port for the tools' tests, and places of their own for what the tools remember."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Sandbox


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
