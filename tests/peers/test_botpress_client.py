"""@botpress/client, as it comes from npm, against the sandbox over HTTP.

The sequences are in `botpress/*.mjs`, each a file of `node:test` that runs in a Node of its own with a fresh sandbox.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.platform_sandbox import PlatformSandbox

from tests.conftest import ROOT

SCRIPTS = Path(__file__).with_name("botpress")
SEQUENCES = sorted(path for path in SCRIPTS.glob("*.mjs") if path.name != "client.mjs")
PACKAGES = ROOT / "scripts" / "node"
SECONDS = 120

ANSWERED: set[str] = set()
"""The operations that were answered with success, in all sequences together."""


@pytest.fixture(scope="session")
def node() -> str:
    """The Node to run; the test fails where there is none, or without the client, and says what to do."""
    found = shutil.which("node")
    if found is None:
        pytest.fail("Node 20 or newer is not installed; the official Botpress client runs on it")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.removeprefix("v").partition(".")[0]) < 20:
        pytest.fail(f"Node 20 or newer is needed, not {version.strip()}")
    if not installed().is_file():
        pytest.fail("the official Botpress client is not installed; run: npm ci --prefix scripts/node --ignore-scripts")
    return found


def installed() -> Path:
    return PACKAGES / "node_modules" / "@botpress" / "client" / "package.json"


def test_the_client_is_the_one_that_is_pinned(node: str) -> None:
    pinned = json.loads((PACKAGES / "package.json").read_text(encoding="utf-8"))["devDependencies"]["@botpress/client"]

    assert json.loads(installed().read_text(encoding="utf-8"))["version"] == pinned


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda path: path.stem)
def test_a_sequence_of_the_official_client_runs(node: str, sequence: Path, botpress_sandbox: PlatformSandbox) -> None:
    with botpress_sandbox.serve() as url:
        command = [node, "--test-reporter=tap", str(sequence)]
        finished = subprocess.run(
            command, env=settings(botpress_sandbox, url), capture_output=True, text=True, timeout=SECONDS, check=False
        )

    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert count("pass", finished.stdout) == count("tests", finished.stdout) > 0
    ANSWERED.update(entry.operation_id for entry in botpress_sandbox.journal if entry.status in (200, 201))


def settings(botpress_sandbox: PlatformSandbox, url: str) -> dict[str, str]:
    """The environment in which the client finds its settings by itself."""
    first = botpress_sandbox.credentials
    return {
        "BP_API_URL": url,
        "BP_TOKEN": first["token"],
        "BP_BOT_ID": first["bot_id"],
        "BP_WORKSPACE_ID": first["workspace_id"],
        "SANDBOX_ACCOUNTS": json.dumps(
            {account.name: dict(account.credentials) for account in botpress_sandbox.accounts}
        ),
    }


def count(what: str, report: str) -> int:
    """A number of the summary of a TAP report."""
    found = re.search(rf"^# {what} (\d+)$", report, re.MULTILINE)
    assert found is not None, report
    return int(found[1])


def test_every_operation_was_called() -> None:
    """Runs last in this file: it looks back on the others."""
    if not ANSWERED:
        pytest.fail("run the whole file: this test looks back on the others")

    assert set(Description.load("botpress").operations) - ANSWERED == set()
