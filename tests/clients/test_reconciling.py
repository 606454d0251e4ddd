"""`reconcile` finds out what became of a call, against what the sandbox really did."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from trilogue import InvalidArgument, RequestError
from trilogue_sandbox import Fault
from trilogue_sandbox.platform_sandbox import PlatformSandbox

Create = Callable[[Any], Any]


def contact_of(client: Any) -> str:
    return str(client.contacts.list().first().uuid)


def conversation_of(client: Any) -> str:
    return str(client.conversations.list(status="open").first().id)


RAPIDPRO: dict[str, Create] = {
    "contacts_save": lambda client: client.contacts.create(name="Ana", urns=["tel:+250788999001"]),
    "messages_send": lambda client: client.messages.send(contact=contact_of(client), text="Only once"),
    "broadcasts_send": lambda client: client.broadcasts.send(contacts=[contact_of(client)], text="Rain"),
    "flow_starts_start": lambda client: client.flow_starts.start(
        flow=client.flows.list().first().uuid, contacts=[contact_of(client)]
    ),
    "groups_save": lambda client: client.groups.create(name="Weavers"),
    "labels_save": lambda client: client.labels.create(name="Odd"),
}
BOTPRESS: dict[str, Create] = {
    "createUser": lambda client: client.users.create(tags={"name": "Ana"}),
    "createConversation": lambda client: client.conversations.create(channel="channel", tags={"topic": "pumps"}),
    "createEvent": lambda client: client.events.create(type="orderPlaced", payload={"order": 7}),
    "createWorkflow": lambda client: client.workflows.create(name="order", status="pending", input={"item": 7}),
    "createTable": lambda client: client.tables.create(name="NewTable", schema={"type": "object", "properties": {}}),
    "createBot": lambda client: client.bots.create(name="Second"),
}
PANTHEON: dict[str, Create] = {
    "messages_send": lambda client: client.messages.send(
        conversation_id=conversation_of(client), content={"type": "text", "text": "Only once"}
    ),
    "payments_request": lambda client: client.payments.request(
        conversation_id=conversation_of(client), amount=100, currency="JPY", description="Stamps"
    ),
    "logins_request": lambda client: client.logins.request(conversation_id=conversation_of(client), scopes=["profile"]),
    "otps_send": lambda client: client.otps.send(conversation_id=conversation_of(client)),
    "contacts_update": lambda client: client.contacts.update(
        contact_id=client.contacts.list().first().id, language="pt-BR"
    ),
    "contacts_create": lambda client: client.contacts.create(
        name="Ana", identities=[{"channel_type": "email", "address": "ana@example.com"}]
    ),
    "webhooks_create": lambda client: client.webhooks.create(url="https://a.example.com/x", events=["payment.paid"]),
}


def fail(client: Any, sandbox: PlatformSandbox, operation: str, create: Create, fault: str) -> RequestError:
    """Call with a fault injected into each attempt, and return the error."""
    faults = sandbox.sandbox.faults
    faults.add(Fault(type=fault, operation_id=operation))
    with pytest.raises(RequestError) as raised:
        create(client)
    faults.reset()
    return raised.value


def check(client: Any, sandbox: PlatformSandbox, operation: str, create: Create) -> None:
    missing = client.reconcile(fail(client, sandbox, operation, create, "reset"), settle=0)
    assert (missing.outcome, missing.object) == ("not_carried_out", None)

    error = fail(client, sandbox, operation, create, "commit_then_drop")
    found = client.reconcile(error, settle=0)
    assert found.outcome == "carried_out"
    assert found.object is not None
    sent = len(sandbox.journal)
    assert client.reconcile(pickle.loads(pickle.dumps(error)), settle=0).outcome == "cannot_tell"
    assert len(sandbox.journal) == sent


@pytest.mark.parametrize("operation", RAPIDPRO)
def test_rapidpro_lists_what_was_carried_out(rapidpro: Any, rapidpro_sandbox: PlatformSandbox, operation: str) -> None:
    check(rapidpro, rapidpro_sandbox, operation, RAPIDPRO[operation])


@pytest.mark.parametrize("operation", BOTPRESS)
def test_botpress_lists_what_was_carried_out(botpress: Any, botpress_sandbox: PlatformSandbox, operation: str) -> None:
    check(botpress, botpress_sandbox, operation, BOTPRESS[operation])


@pytest.mark.parametrize("operation", PANTHEON)
def test_pantheon_lists_what_was_carried_out(pantheon: Any, pantheon_sandbox: PlatformSandbox, operation: str) -> None:
    check(pantheon, pantheon_sandbox, operation, PANTHEON[operation])


def test_asking_for_a_key_has_nothing_carried_out(pantheon: Any, pantheon_sandbox: PlatformSandbox) -> None:
    send = PANTHEON["messages_send"]
    conversation = conversation_of(pantheon)
    before = len(pantheon.messages.list(conversation_id=conversation).all())
    pantheon.reconcile(fail(pantheon, pantheon_sandbox, "messages_send", send, "reset"))
    assert len(pantheon.messages.list(conversation_id=conversation).all()) == before

    send(pantheon)  # the same message, which was not lost, is another one
    lost = fail(pantheon, pantheon_sandbox, "messages_send", send, "commit_then_drop")
    found = pantheon.reconcile(lost)
    assert found.object.id == pantheon.messages.list(conversation_id=conversation).first().id
    assert len(pantheon.messages.list(conversation_id=conversation).all()) == before + 2


def test_a_key_that_is_a_day_old_tells_nothing(pantheon: Any, pantheon_sandbox: PlatformSandbox) -> None:
    error = fail(pantheon, pantheon_sandbox, "otps_send", PANTHEON["otps_send"], "commit_then_drop")
    pantheon_sandbox.sandbox.advance(timedelta(days=1))
    assert pantheon.reconcile(error).outcome == "cannot_tell"


def test_the_same_message_sent_before_is_not_taken_for_the_lost_one(
    rapidpro: Any, rapidpro_sandbox: PlatformSandbox
) -> None:
    send = RAPIDPRO["messages_send"]
    send(rapidpro)
    error = fail(rapidpro, rapidpro_sandbox, "messages_send", send, "commit_then_drop")

    assert rapidpro.reconcile(error, settle=0).outcome == "cannot_tell"


def test_the_same_message_sent_seconds_before_is_not_taken_for_one_that_was_lost(
    rapidpro: Any, rapidpro_sandbox: PlatformSandbox
) -> None:
    send = RAPIDPRO["messages_send"]
    send(rapidpro)
    rapidpro_sandbox.sandbox.advance(timedelta(seconds=3))
    error = fail(rapidpro, rapidpro_sandbox, "messages_send", send, "reset")

    assert rapidpro.reconcile(error, settle=0).outcome == "cannot_tell"


def test_a_text_is_found_although_the_platform_trims_it(rapidpro: Any, rapidpro_sandbox: PlatformSandbox) -> None:
    def send(client: Any) -> Any:
        return client.messages.send(contact=contact_of(client), text="  Only once \n")

    error = fail(rapidpro, rapidpro_sandbox, "messages_send", send, "commit_then_drop")
    assert rapidpro.reconcile(error, settle=0).outcome == "carried_out"


def test_what_is_not_within_the_pages_that_are_read_may_have_been_carried_out(
    botpress: Any, botpress_sandbox: PlatformSandbox
) -> None:
    error = fail(botpress, botpress_sandbox, "createEvent", BOTPRESS["createEvent"], "commit_then_drop")
    for number in range(405):  # 20 on a page
        botpress.events.create(type="orderPlaced", payload={"order": 1000 + number})

    found = botpress.reconcile(error, settle=0)
    assert (found.outcome, found.reason) == ("cannot_tell", "more than 20 pages are listed since then")


def test_a_contact_who_was_there_before_is_not_the_effect(rapidpro: Any, rapidpro_sandbox: PlatformSandbox) -> None:
    contact = next(contact for contact in rapidpro.contacts.list(reverse=False) if contact.urns)

    def create(client: Any) -> Any:
        return client.contacts.create(name=contact.name, urns=contact.urns[:1])

    error = fail(rapidpro, rapidpro_sandbox, "contacts_save", create, "reset")
    assert rapidpro.reconcile(error, settle=0).outcome == "not_carried_out"


def test_what_was_refused_was_not_carried_out(pantheon: Any) -> None:
    with pytest.raises(RequestError) as raised:
        pantheon.messages.send(conversation_id="cnv_none", content={"type": "text", "text": "Hi"})
    assert pantheon.reconcile(raised.value).outcome == "not_carried_out"


def test_what_is_idempotent_can_be_called_again(rapidpro: Any, rapidpro_sandbox: PlatformSandbox) -> None:
    def update(client: Any) -> Any:
        return client.contacts.update(urn="tel:+250788999002", name="Ana")

    found = rapidpro.reconcile(fail(rapidpro, rapidpro_sandbox, "contacts_save", update, "commit_then_drop"))
    assert (found.outcome, found.reason) == (
        "cannot_tell",
        "nothing shows the effect of contacts.update; it is idempotent, so call it again",
    )


@pytest.mark.parametrize("wrong", [ValueError("no"), None, "error"])
def test_what_is_no_error_of_a_call_is_refused(pantheon: Any, wrong: Any) -> None:
    with pytest.raises(InvalidArgument, match="error: expected the error of a call"):
        pantheon.reconcile(wrong)


def test_a_look_that_finds_nothing_is_repeated_when_the_platform_must_be_done(
    pantheon: Any, pantheon_sandbox: PlatformSandbox
) -> None:
    error = fail(pantheon, pantheon_sandbox, "contacts_create", PANTHEON["contacts_create"], "reset")
    begun, sent = pantheon_sandbox.sandbox.now(), len(pantheon_sandbox.journal)
    assert pantheon.reconcile(error, settle=30).outcome == "not_carried_out"

    assert (pantheon_sandbox.sandbox.now() - begun).total_seconds() > 20
    assert [entry.operation_id for entry in pantheon_sandbox.journal[sent:]] == ["contacts_list"] * 2
