"""A shop on Pantheon, for type checkers alone: it is never run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, assert_type

from trilogue import (
    UNSET,
    AsyncPaginator,
    AsyncPantheon,
    AuthenticationFailed,
    BadRequest,
    BulkResult,
    ConnectionFailed,
    NotFound,
    OutcomeUnknown,
    Page,
    Paginator,
    Pantheon,
    RateLimited,
    RawResponse,
    RowIterator,
    ServerError,
    UnrecognizedStr,
    WaitFailed,
    WaitTimedOut,
)
from trilogue.pantheon import (
    App,
    Channel,
    Contact,
    Conversation,
    Deletion,
    Delivery,
    Identity,
    IdentityInput,
    IdentityInputDict,
    Login,
    Message,
    Otp,
    OtpVerification,
    Payment,
    Refund,
    SendableContentDict,
    StoredFile,
    TextInput,
    TextInputDict,
    Token,
    Webhook,
    models,
    webhooks,
)

YESTERDAY = datetime.now(UTC) - timedelta(days=1)
HELLO: TextInputDict = {"type": "text", "text": "Your order is on its way."}


# A client that shares its token.


class MemoryCache:
    """Keeps the token in this process."""

    def __init__(self) -> None:
        self.token: Token | None = None

    def load(self) -> Token | None:
        return self.token

    def save(self, token: Token) -> None:
        assert_type(token.access, str)
        self.token = token


def make_client() -> Pantheon:
    client = Pantheon(client_id="...", client_secret="...", token_cache=MemoryCache(), deadline=30)
    assert_type(client.apps.get(), App)
    assert_type(client.with_options(max_attempts=1), Pantheon)
    return client


# Contacts and conversations.


def greet(client: Pantheon, phone: str) -> Conversation:
    identity: IdentityInputDict = {"channel_type": "sms", "address": phone}
    contact = client.contacts.create(
        name="Amina", identities=[identity, IdentityInput(channel_type="email", address="a@b.co")]
    )
    assert_type(contact, Contact)
    assert_type(contact.identities, list[Identity])
    assert_type(contact.metadata, dict[str, str])
    assert_type(client.contacts.update(contact_id=contact.id, name=None, language=UNSET), Contact)
    sms = client.channels.list(type="sms", status="connected").first()
    assert_type(sms, Channel | None)
    if sms is None:
        sms = client.channels.wait(client.channels.connect(type="sms", name="Shop", address="+12025550199"))
    conversation = client.conversations.start(contact_id=contact.id, channel_id=sms.id, subject="Order 10482")
    assert_type(conversation, Conversation)
    assert_type(conversation.status, Literal["open", "closed"] | UnrecognizedStr)
    return conversation


def talk(client: Pantheon, conversation: Conversation) -> Message:
    message = client.messages.send(conversation_id=conversation.id, content=HELLO, idempotency_key="order-10482")
    assert_type(message, Message)
    assert_type(client.messages.send(conversation_id=conversation.id, content=TextInput(text="Hello")), Message)
    content: SendableContentDict = {"type": "text", "text": "Thank you"}
    assert_type(client.messages.send(conversation_id=conversation.id, content=content), Message)
    try:
        return client.messages.wait(message, deadline=60)
    except WaitFailed as error:
        assert_type(error.last, Any)
    except WaitTimedOut as error:
        print(error.state)
    assert_type(client.messages.react(message_id=message.id, emoji=None), Message)
    assert_type(client.conversations.close(conversation_id=conversation.id), Conversation)
    return message


def read(client: Pantheon) -> None:
    messages = client.messages.list(created_after=YESTERDAY, order="asc", limit=100)
    assert_type(messages, Paginator[Message])
    assert_type(messages.iterator(), RowIterator[Message])
    for message in messages:
        assert_type(message.created_at, datetime)
        assert_type(message.direction, Literal["inbound", "outbound"] | UnrecognizedStr)
    page = client.contacts.list(channel_type="sms").page()
    assert_type(page, Page[Contact])
    assert_type(page.has_next, bool)
    assert_type(client.contacts.list().all(), list[Contact])
    assert_type(client.conversations.list().collect(5), list[Conversation])


# Money, codes, logins.


def charge(client: Pantheon, conversation: Conversation) -> Payment:
    payment = client.payments.request(
        conversation_id=conversation.id, amount=1999, currency="EUR", description="Ball", metadata={"order": "10482"}
    )
    assert_type(payment, Payment)
    assert_type(payment.amount_refunded, int)
    try:
        paid = client.payments.wait(payment, deadline=900, on_progress=show)
    except WaitFailed:
        return client.payments.cancel(payment_id=payment.id)
    assert_type(client.payments.refund(payment_id=paid.id, amount=100, reason="Scratched"), Refund)
    assert_type(client.payments.list_refunds(payment_id=paid.id), Paginator[Refund])
    return paid


def show(payment: Payment) -> None:
    print(payment.id, payment.status)


def check(client: Pantheon, typed: str) -> bool:
    otp = client.otps.send(address="+12025550177", channel_id="chan_1", length=6, ttl=300)
    assert_type(otp, Otp)
    verification = client.otps.verify(otp_id=otp.id, code=typed)
    assert_type(verification, OtpVerification)
    assert_type(verification.verified, bool)
    return verification.verified


def log_in(client: Pantheon, conversation: Conversation) -> Login:
    login = client.logins.request(conversation_id=conversation.id, scopes=["profile"])
    assert_type(login, Login)
    return client.logins.wait(login)


# Files and webhooks.


def keep(client: Pantheon, folder: Path) -> StoredFile:
    file = client.files.upload(folder / "invoice.pdf", name="invoice-10482.pdf")
    assert_type(file, StoredFile)
    assert_type(file.size, int)
    return client.files.download(file_id=file.id, to=folder / "copy.pdf")


def receive(body: bytes, headers: Mapping[str, str], secret: str) -> str:
    try:
        event = webhooks.verify(body, headers, secret, tolerance=60)
    except webhooks.WebhookRefused as error:
        return str(error)
    match event:
        case models.MessageReceivedEvent():
            assert_type(event.data, models.MessageEventData)
            return event.id
        case _:
            return "ignored"


def subscribe(client: Pantheon) -> None:
    webhook = client.webhooks.create(url="https://shop.example.org/events", events=["message.received", "payment.paid"])
    assert_type(webhook, Webhook)
    for delivery in client.webhooks.list_deliveries(webhook_id=webhook.id, status="failed"):
        assert_type(delivery, Delivery)
        assert_type(client.webhooks.redeliver(delivery_id=delivery.id), Delivery)
        assert_type(client.webhooks.wait_for_delivery(delivery), Delivery)


def tidy(client: Pantheon) -> None:
    for file in client.files.list(order="asc"):
        assert_type(file.name, str)
        assert_type(client.files.delete(file_id=file.id), Deletion)
    for webhook in client.webhooks.list():
        assert_type(client.webhooks.rotate_secret(webhook_id=webhook.id), Webhook)
        assert_type(client.webhooks.update(webhook_id=webhook.id, status="disabled"), Webhook)
        assert_type(client.webhooks.delete(webhook_id=webhook.id), Deletion)


# The rate limit, and going on in another process.


def watch(client: Pantheon) -> None:
    rate = client.rate
    assert_type(rate.left, int | None)
    assert_type(rate.resets_at, datetime | None)
    patient = client.with_options(deadline=None, priority="low", on_wait=lambda wait: print(wait.reason, wait.total))
    assert_type(patient, Pantheon)
    urgent = client.with_options(priority="high", on_retry=lambda event: print(event.operation, event.error))
    assert_type(urgent.apps.get().plan, Literal["free", "standard", "scale"] | UnrecognizedStr)
    for minute in urgent.apps.get_usage():
        assert_type(minute, models.UsageMinute)


def go_on(client: Pantheon, position: str | None) -> str:
    payments = client.payments.list(status="paid", created_after=YESTERDAY)
    rows = payments.resume(position) if position else payments.iterator()
    for payment in rows:
        assert_type(payment, Payment)
        assert_type(payment.currency, str)
        if payment.amount > 10_000:
            break
    assert_type(rows.position, str)
    return rows.position


def remind(client: Pantheon, conversations: list[Conversation]) -> int:
    reminders = ({"conversation_id": each.id, "content": HELLO} for each in conversations)
    plan = client.messages.send_many(reminders, dry_run=True)
    assert_type(plan, BulkResult[Message])
    assert_type(plan.seconds, float | None)
    return plan.calls


# Many, errors, raw responses.


def import_contacts(client: Pantheon, people: list[tuple[str, str]]) -> BulkResult[Contact]:
    rows = ({"name": name, "identities": [{"channel_type": "sms", "address": phone}]} for name, phone in people)
    result = client.contacts.create_many(rows, ledger="people.ledger")
    assert_type(result, BulkResult[Contact])
    assert_type(result.failed, int)
    return result


def handle(client: Pantheon, conversation: Conversation) -> Message | None:
    try:
        return client.messages.send(conversation_id=conversation.id, content=HELLO)
    except BadRequest as error:
        assert_type(error.field_errors, Mapping[str, list[str]])
    except AuthenticationFailed as error:
        assert_type(error.request_id, str | None)
    except NotFound as error:
        assert_type(error.full_message(), str)
    except RateLimited as error:
        assert_type(error.retry_after, float | None)
    except OutcomeUnknown as error:
        print(client.reconcile(error).outcome)
    except (ConnectionFailed, ServerError) as error:
        assert_type(error.idempotency_key, str | None)
    return None


def look_closer(client: Pantheon) -> None:
    response = client.with_raw_response.contacts.get(contact_id="cont_1")
    assert_type(response, RawResponse[Contact])
    assert_type(response.headers, Mapping[str, str])
    assert_type(client.with_raw_response.messages.list().parse(), models.MessagePage)


# The same with asyncio.


async def run(contact_id: str) -> None:
    async with AsyncPantheon(client_id="...", client_secret="...") as client:
        assert_type(client.messages.list(status="failed"), AsyncPaginator[Message])
        async for message in client.messages.list(status="failed"):
            assert_type(message.id, str)
        contact = await client.contacts.get(contact_id=contact_id)
        assert_type(contact, Contact)
        assert_type(await client.contacts.merge(contact_id=contact_id, duplicate_id="cont_2"), Contact)
        assert_type(await client.contacts.update_many([{"contact_id": contact_id}]), BulkResult[Contact])
        assert_type(await client.files.download(file_id="file_1", to="copy.pdf"), StoredFile)
        payment = await client.payments.get(payment_id="pay_1")
        assert_type(await client.payments.wait(payment), Payment)
        assert_type((await client.with_raw_response.otps.get(otp_id="otp_1")).parse(), Otp)
