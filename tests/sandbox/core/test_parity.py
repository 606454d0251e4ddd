"""What the sandbox says it was held against, and that this is what the tests have."""

from __future__ import annotations

import httpx
import parity as ledger
import pytest
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.parity import counts, evidence


def test_the_ledger_is_as_the_tests_have_it() -> None:
    assert ledger.main(["--check"]) == 0


@pytest.mark.parametrize("platform", PLATFORMS)
def test_each_operation_has_evidence(platform: str) -> None:
    found = ledger.ledger()[platform]

    operations = {operation for known in found.values() for operation in known}
    assert operations == set(Description.load(platform).operations)
    assert {word for known in found.values() for word in known.values()} <= set(ledger.MEANINGS)


def test_a_captured_operation_has_a_response_of_a_server_of_its_kind() -> None:
    assert evidence("rapidpro", "textit")["contacts_list"] == "captured"
    assert evidence("rapidpro", "rapidpro-9")["classifiers_list"] == "captured"
    assert "classifiers_list" not in evidence("rapidpro", "textit")


def test_what_a_platform_does_not_say_was_decided() -> None:
    assert counts("pantheon", "") == {"decided": 55, "documented": 2}
    assert evidence("pantheon", "")["conversations_start"] == "documented"
    assert counts("telegram", "") == {}


def test_the_sandbox_shows_it() -> None:
    with Sandbox() as sandbox, httpx.Client(transport=sandbox.transport(), base_url="http://127.0.0.1:8000") as client:
        shown = client.get("/__sandbox__/parity").json()
        page = client.get("/").text

    assert shown["botpress_chat"]["listenConversation"] == "official client"
    assert "held against: 21 official client" in page
