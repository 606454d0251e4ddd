"""@botpress/chat, as it comes from npm, against the sandbox over HTTP: requests, errors and signals."""

from __future__ import annotations

from pathlib import Path

import pytest
from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.platform_sandbox import PlatformSandbox

from .official_client import installed, pinned, run

SEQUENCES = sorted(path for path in Path(__file__).with_name("botpress_chat").glob("*.mjs") if path.stem != "client")

SUCCEEDED: set[str] = set()
"""The operations that succeeded, in all sequences together."""


def test_the_client_is_the_one_that_is_pinned(node: str) -> None:
    assert installed("@botpress/chat") == pinned("@botpress/chat")


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda path: path.stem)
def test_a_sequence_of_the_official_client_runs(
    node: str, sequence: Path, botpress_chat_sandbox: PlatformSandbox
) -> None:
    with botpress_chat_sandbox.serve() as url:
        run(node, sequence, {"CHAT_API_URL": url, "ENCRYPTION_KEY": "ours"})

    SUCCEEDED.update(entry.operation_id for entry in botpress_chat_sandbox.journal if entry.status in (200, 201))


def test_every_operation_was_called() -> None:
    """Runs last in this file: it looks back on the others."""
    if not SUCCEEDED:
        pytest.fail("run the whole file: this test looks back on the others")

    assert set(Description.load("botpress_chat").operations) - SUCCEEDED == set()
