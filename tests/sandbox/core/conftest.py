"""What most tests of the core start from: a sandbox with the notebook in it, and a client."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from trilogue_sandbox import Sandbox

from .notebook import TOKEN, notebook_sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with notebook_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(transport=sandbox.transport(), base_url=sandbox.url("notebook"), headers=TOKEN) as client:
        yield client


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(transport=sandbox.transport(), base_url="http://127.0.0.1/__sandbox__") as client:
        yield client
