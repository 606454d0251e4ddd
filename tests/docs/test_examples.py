"""The examples run as a reader would run them, and do what they say."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT

STORY = """\
It starts on WhatsApp.
  conversation.started
  message.status_changed: text sent
  message.status_changed: text delivered
  message.status_changed: text read
  message.reacted
It goes on over SMS.
  conversation.switched: by the app
  message.received
It collects a payment.
  payment.requested
  payment.pending
  payment.paid
  message.status_changed: payment_request sent
  message.status_changed: payment_request delivered
  -> paid
It signs Ana in.
  login.requested
  login.approved
  message.status_changed: login_request sent
  message.status_changed: login_request delivered
  -> approved
It sends a code, which she types in.
  -> verified
  otp.verified
  message.status_changed: otp sent
  message.status_changed: otp delivered
It ends.
  conversation.closed
20 events came in, each proved by its signature.
"""

OTHER_TURNS = {
    "conversation.reopened",
    "payment.failed",
    "payment.canceled",
    "payment.expired",
    "payment.refunded",
    "login.denied",
    "login.expired",
    "login.revoked",
    "otp.failed",
}
"""The events of turns that a conversation takes instead or later: what fails, is refused, taken back or begun again."""


@pytest.fixture(scope="module")
def printed() -> str:
    """What the conversation prints."""
    command = [sys.executable, str(ROOT / "docs" / "examples" / "one_conversation.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_conversation_goes_as_it_is_told(printed: str) -> None:
    assert printed == STORY


def test_every_described_event_that_such_a_conversation_can_cause_arrived(printed: str) -> None:
    bundle = ROOT / "generated" / "trilogue_generated" / "pantheon" / "openapi.json"
    described = set(json.loads(bundle.read_text(encoding="utf-8"))["webhooks"])
    arrived = {line.strip().partition(":")[0] for line in printed.splitlines() if line.startswith("  ")}

    assert arrived & described == described - OTHER_TURNS
