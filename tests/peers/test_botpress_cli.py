"""@botpress/cli, as it comes from npm, deploys to the sandbox: log in, list, deploy, delete."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from trilogue_sandbox.platform_sandbox import PlatformSandbox

from tests.conftest import ROOT

FOLDER = ROOT / "scripts" / "node" / "cli"
PACKAGE = FOLDER / "node_modules" / "@botpress" / "cli"
SECONDS = 120

pytestmark = pytest.mark.nightly

Bp = Callable[..., Any]


@pytest.fixture
def bp(node: str, botpress_sandbox: PlatformSandbox, tmp_path: Path) -> Iterator[Bp]:
    """Runs the command line in a folder, logged in to the sandbox; returns what it prints as JSON, if it does."""
    if not PACKAGE.is_dir():
        pytest.fail(f"@botpress/cli is not installed; run: npm ci --prefix {FOLDER.relative_to(ROOT)} --ignore-scripts")

    def run(*arguments: str, folder: str = ".") -> Any:
        command = [node, str(PACKAGE / "bin.js"), *arguments, "--confirm", "--botpressHome", str(tmp_path / "home")]
        done = subprocess.run(
            command, cwd=tmp_path / folder, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout) if "--json" in arguments else None

    account = botpress_sandbox.credentials
    with botpress_sandbox.serve() as url:
        run("login", "--token", account["token"], "--workspaceId", account["workspace_id"], "--apiUrl", url)
        yield run


def project(folder: Path, template: str) -> str:
    """Lay out a project as `bp init` does, and return its folder."""
    shutil.copytree(PACKAGE / "templates" / template, folder / template)
    (folder / template / "node_modules").symlink_to(FOLDER / "node_modules")
    return template


def test_a_bot_is_deployed_listed_and_deleted(bp: Bp, tmp_path: Path) -> None:
    before = {bot["id"] for bot in bp("bots", "list", "--json")}

    bp("deploy", "--createNewBot", folder=project(tmp_path, "echo-bot"))

    (deployed,) = (bot for bot in bp("bots", "list", "--json") if bot["id"] not in before)
    assert deployed["deployedAt"]
    bp("deploy", "--botId", deployed["id"], folder="echo-bot")
    bp("bots", "delete", deployed["id"])
    assert {bot["id"] for bot in bp("bots", "list", "--json")} == before


def test_an_integration_is_deployed_listed_and_deleted(bp: Bp, tmp_path: Path) -> None:
    bp("deploy", folder=project(tmp_path, "empty-integration"))

    (deployed,) = bp("integrations", "list", "--name", "sandbox/empty-integration", "--json")
    assert deployed["version"] == "0.0.1"
    bp("integrations", "delete", deployed["id"])
    assert bp("integrations", "list", "--name", "sandbox/empty-integration", "--json") == []
