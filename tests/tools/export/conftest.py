"""A workspace with people in it, and a Postgres of the tests' own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from trilogue_sandbox import Sandbox
from trilogue_tools.export import Workspace

from tests.services import Postgres, postgres_server


@pytest.fixture
def workspace(sandbox: Sandbox, address: str) -> Workspace:
    """The main workspace of a sandbox with 600 contacts more."""
    sandbox.seed_data("rapidpro", {"contacts": 600, "messages": 700, "runs": 60})
    return Workspace("main", sandbox=address)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
