"""One conversation from its first message to its last, with every webhook on the way.

    python docs/examples/one_conversation.py

It brings its own server, the sandbox, where what people do in their messaging apps is a call of `people.control`.
The client and the receiver of webhooks are those that a real app would have.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import get_args

from trilogue import Pantheon
from trilogue.pantheon import literals, models, webhooks
from trilogue_sandbox import PlatformSandbox, Sandbox

PHONE = "+12025550177"


class Inbox:
    """The events that came in, each once, although one may be posted more than once."""

    def __init__(self) -> None:
        self.url = ""
        self.secret = ""
        self.events: dict[str, webhooks.WebhookEvent] = {}
        self.looked_at = 0

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        """Return the status to respond to a post with."""
        try:
            event = webhooks.verify(body, headers, self.secret)
        except webhooks.WebhookRefused:
            return 400
        if not isinstance(event, dict):  # a dict is of a type that this version does not know
            self.events[event.id] = event
        return 204

    def new(self) -> list[webhooks.WebhookEvent]:
        """Return the events that came in since this was asked last."""
        events = list(self.events.values())[self.looked_at :]
        self.looked_at += len(events)
        return events


@contextmanager
def listening() -> Iterator[Inbox]:
    """Serve an inbox on this machine."""
    inbox = Inbox()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(inbox.take(body, dict(self.headers)))
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        Thread(target=server.serve_forever).start()
        inbox.url = f"http://127.0.0.1:{server.server_port}/events"
        try:
            yield inbox
        finally:
            server.shutdown()


def play(client: Pantheon, people: PlatformSandbox, inbox: Inbox) -> None:
    """Have the conversation."""
    webhook = client.webhooks.create(url=inbox.url, events=get_args(literals.EventType))
    inbox.secret = webhook.secret or ""
    whatsapp = client.channels.list(type="whatsapp", status="connected").first()
    sms = client.channels.list(type="sms", status="connected").first()

    print("It starts on WhatsApp.")
    ana = client.contacts.create(
        name="Ana",
        identities=[
            models.IdentityInput(channel_type="whatsapp", address=PHONE),
            models.IdentityInput(channel_type="sms", address=PHONE),
        ],
    )
    talk = client.conversations.start(contact_id=ana.id, channel_id=whatsapp.id, subject="Order 10483")
    hello = client.messages.send(
        conversation_id=talk.id,
        content=models.TextInput(type="text", text="Your bicycle is ready, Ana!"),
    )
    time_passes(people, inbox)
    people.control("read_messages", conversation_id=talk.id)
    people.control("react", message_id=hello.id, emoji="\N{THUMBS UP SIGN}")
    time_passes(people, inbox)

    print("It goes on over SMS.")
    client.conversations.switch_channel(conversation_id=talk.id, channel_id=sms.id)
    people.control("receive", channel_id=sms.id, address=PHONE, text="How do I pay?")
    time_passes(people, inbox)

    print("It collects a payment.")
    payment = client.payments.request(
        conversation_id=talk.id, amount=25900, currency="EUR", description="Bicycle", reference="10483"
    )
    people.control("pay", payment_id=payment.id)
    time_passes(people, inbox)
    print(f"  -> {client.payments.get(payment_id=payment.id).status}")

    print("It signs Ana in.")
    login = client.logins.request(conversation_id=talk.id, scopes=["profile"])
    people.control("approve_login", login_id=login.id)
    time_passes(people, inbox)
    print(f"  -> {client.logins.get(login_id=login.id).status}")

    print("It sends a code, which she types in.")
    otp = client.otps.send(conversation_id=talk.id, text="Your code is {code}.")
    code = people.control("read_otp", otp_id=otp.id)["code"]
    print(f"  -> {client.otps.verify(otp_id=otp.id, code=code).otp.status}")
    time_passes(people, inbox)

    print("It ends.")
    client.conversations.close(conversation_id=talk.id, reason="Order delivered")
    time_passes(people, inbox)


def time_passes(people: PlatformSandbox, inbox: Inbox) -> None:
    """Let messages arrive, and print the events that came in."""
    people.sandbox.advance(timedelta(seconds=3))
    people.settle()
    for event in inbox.new():
        print(f"  {describe(event)}")


def describe(event: webhooks.WebhookEvent) -> str:
    """Say what happened, in a line."""
    match event:
        case models.MessageStatusChangedEvent():
            return f"{event.type}: {event.data.message.type} {event.data.message.status}"
        case models.ConversationSwitchedEvent():
            return f"{event.type}: by the {event.data.switched_by}"
        case _:
            return str(event.type)


def main() -> None:
    """Play it against the sandbox, over HTTP."""
    with Sandbox(start=None) as sandbox, sandbox.serve() as address, listening() as inbox:
        people = PlatformSandbox(sandbox, "pantheon")
        app = people.credentials
        with Pantheon(app["client_id"], app["client_secret"], host=f"{address}/pantheon") as client:
            play(client, people, inbox)
    print(f"{len(inbox.events)} events came in, each proved by its signature.")


if __name__ == "__main__":
    main()
