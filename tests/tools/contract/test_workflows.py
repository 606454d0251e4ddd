"""The Arazzo workflows in openapi/: their documents are right, and they run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Sandbox
from trilogue_tools.contract.workflows import workflows
from trilogue_tools.drift.endpoints import endpoints

from tests.contract.bugs import with_body

from ..conftest import Done
from ..lying import LyingSandbox

OPENAPI = Path(__file__).resolve().parents[3] / "openapi"
WORKSPACES = {
    "rapidpro": "main",
    "botpress": "wkspace_01JZ0000000000000000000001",
    "pantheon": "Example Shop",
    "botpress_chat": "00000000-0000-0000-0000-000000000000",
}


@pytest.mark.parametrize("platform", WORKSPACES)
def test_there_are_three_and_they_call_operations_that_exist(platform: str) -> None:
    documents = [yaml.safe_load(file.read_text()) for file in (OPENAPI / platform / "workflows").glob("*.arazzo.yaml")]

    assert len(documents) == 3
    assert {document["arazzo"] for document in documents} == {"1.0.1"}
    called = {operation for workflow in workflows(platform) for operation in workflow.operations}
    assert called <= endpoints(platform).keys()
    assert len({workflow.id for workflow in workflows(platform)}) == 3


@pytest.mark.parametrize("platform", WORKSPACES)
def test_they_run(platform: str, run: Callable[..., Done]) -> None:
    sandbox = Sandbox(seed=7)

    done = run(platform, sandbox, "--workflows", "--write", "--workspace", WORKSPACES[platform])

    assert done.status == 0, done.out + done.err
    assert "0 failed" in done.out


def test_a_step_that_fails_is_named(run: Callable[..., Done]) -> None:
    lie = with_body("/messages.json", lambda page: {**page, "results": []})

    done = run("rapidpro", LyingSandbox(lie, seed=7), "--workflows", "--write", "--workspace", "main")

    assert done.status == 1
    assert "a workflow fails at sendAMessage/read ($response.body#/results/0/uuid ==" in done.out


def test_they_need_leave_to_write(run: Callable[..., Done]) -> None:
    done = run("rapidpro", Sandbox(seed=7), "--workflows")

    assert done.status == 2
    assert "--workflows write; add --write --workspace NAME" in done.err


def test_the_documentation_has_every_workflow_with_its_steps() -> None:
    page = (OPENAPI.parent / "docs" / "contract-testing-servers.md").read_text()

    for platform in WORKSPACES:
        for workflow in workflows(platform):
            assert " → ".join(f"`{step['operationId']}`" for step in workflow.node["steps"]) in page


def test_every_platform_has_some() -> None:
    assert {platform for platform in PLATFORMS if workflows(platform)} >= WORKSPACES.keys()
