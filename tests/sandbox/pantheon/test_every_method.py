"""Every method of the description is called, and responds with 200."""

from __future__ import annotations

from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.description import Description

from tests.sandbox.pantheon import (
    test_apps,
    test_auth,
    test_channels,
    test_contacts,
    test_conversations,
    test_files,
    test_logins,
    test_messages,
    test_otps,
    test_payments,
    test_webhooks,
)
from tests.sandbox.pantheon.caller import Caller

LIVES = (
    test_auth.life,
    test_apps.life,
    test_channels.life,
    test_contacts.life,
    test_conversations.life,
    test_messages.life,
    test_files.life,
    test_payments.life,
    test_logins.life,
    test_otps.life,
    test_webhooks.life,
)


def test_every_method_responds_with_200(sandbox: Sandbox) -> None:
    for life in LIVES:
        life(Caller.of(sandbox, "scale"))
    called = {entry.operation_id for entry in sandbox.journal.entries if entry.status == 200}

    assert called == Description.load("pantheon").operations.keys()
    assert len(called) == 57
