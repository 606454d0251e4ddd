"""@botpress/client, as it comes from npm, against the sandbox over HTTP.

The sequences are in `botpress/*.mjs`, each a file of `node:test` that runs in a Node of its own with a fresh sandbox.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.platform_sandbox import PlatformSandbox

from .official_client import installed, pinned, run

SCRIPTS = Path(__file__).with_name("botpress")
SEQUENCES = sorted(path for path in SCRIPTS.glob("*.mjs") if path.name != "client.mjs")

SUCCEEDED: set[str] = set()
"""The operations that succeeded, in all sequences together."""


def test_the_client_is_the_one_that_is_pinned(node: str) -> None:
    assert installed("@botpress/client") == pinned("@botpress/client")


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda path: path.stem)
def test_a_sequence_of_the_official_client_runs(node: str, sequence: Path, botpress_sandbox: PlatformSandbox) -> None:
    with botpress_sandbox.serve() as url:
        run(node, sequence, settings(botpress_sandbox, url))

    SUCCEEDED.update(entry.operation_id for entry in botpress_sandbox.journal if entry.status in (200, 201))


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


def test_every_operation_was_called() -> None:
    """Runs last in this file: it looks back on the others."""
    if not SUCCEEDED:
        pytest.fail("run the whole file: this test looks back on the others")

    assert set(Description.load("botpress").operations) - SUCCEEDED == set()
