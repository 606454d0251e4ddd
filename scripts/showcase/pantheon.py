"""Pantheon: a token, a conversation over two channels, a payment, a code, a repeat that changes nothing."""

from __future__ import annotations

from trilogue import BadRequest, Pantheon
from trilogue.pantheon import models
from trilogue_sandbox import PlatformSandbox, Sandbox

from showcase.rapidpro import MovedClock
from showcase.screen import progress, tell, title

PHONE = "+12025550177"
CONTACTS = 60


def show(sandbox: Sandbox, address: str) -> str:
    """Show Pantheon and return a line about it."""
    title("5. Pantheon")
    people = PlatformSandbox(sandbox, "pantheon")
    app = people.credentials
    host = f"{address}/pantheon"
    with Pantheon(app["client_id"], app["client_secret"], host=host, clock=MovedClock(sandbox)) as client:
        tell("Fetched a token", f"on first use, for the app {client.apps.get().name!r}")
        listed = _list_all(client)
        conversation = _talk(client)
        _collect(client, people, conversation)
        _verify(client, people, conversation)
        _repeat(client, conversation)
    return (
        f"Pantheon: {listed} contacts listed; one conversation over two channels, a payment, a code; nothing sent twice"
    )


def _list_all(client: Pantheon) -> int:
    missing = CONTACTS - sum(1 for _ in client.contacts.list())
    for number in progress(range(missing), "Created contacts", missing):
        client.contacts.create(name=f"Contact {number}")
    return sum(1 for _ in progress(client.contacts.list(), "Listed all contacts", CONTACTS))


def _talk(client: Pantheon) -> str:
    whatsapp = next(iter(client.channels.list(type="whatsapp", status="connected")))
    sms = next(iter(client.channels.list(type="sms", status="connected")))
    identities = [
        models.IdentityInput(channel_type=channel_type, address=PHONE) for channel_type in ("whatsapp", "sms")
    ]
    ana = client.contacts.create(name="Ana", identities=identities)
    talk = client.conversations.start(contact_id=ana.id, channel_id=whatsapp.id)
    client.messages.send(conversation_id=talk.id, content=models.TextInput(text="Your bicycle is ready!"))
    talk = client.conversations.switch_channel(conversation_id=talk.id, channel_id=sms.id)
    tell("A conversation", f"began on WhatsApp, goes on over SMS: {len(talk.channel_ids)} channels")
    return talk.id


def _collect(client: Pantheon, people: PlatformSandbox, conversation: str) -> None:
    payment = client.payments.request(conversation_id=conversation, amount=25900, currency="EUR", description="Bicycle")
    people.control("pay", payment_id=payment.id)
    paid = client.payments.get(payment_id=payment.id)
    tell("A payment", f"{payment.status}, and then {paid.status}: {paid.amount / 100:.2f} {paid.currency}")


def _verify(client: Pantheon, people: PlatformSandbox, conversation: str) -> None:
    otp = client.otps.send(conversation_id=conversation, text="Your code is {code}.")
    wrong = client.otps.verify(otp_id=otp.id, code="0" * otp.length)
    right = client.otps.verify(otp_id=otp.id, code=people.control("read_otp", otp_id=otp.id)["code"])
    tell("A one-time password", f"a wrong code: {wrong.otp.status}; the right one: {right.otp.status}")


def _repeat(client: Pantheon, conversation: str) -> None:
    content = models.TextInput(text="See you!")
    sent = [
        client.messages.send(conversation_id=conversation, content=content, idempotency_key="see-you") for _ in range(2)
    ]
    tell("The same key twice", f"one message: {sent[0].id == sent[1].id}")
    try:
        client.conversations.close(conversation_id=conversation)
        client.messages.send(conversation_id=conversation, content=content)
    except BadRequest as error:
        tell("A typed error", f"{type(error).__name__}: {error}")
