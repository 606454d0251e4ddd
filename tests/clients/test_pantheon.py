"""Every method of the Pantheon client, sync and async, against the sandbox."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import attrs
import pytest
from trilogue import AuthenticationFailed, BadRequest, NotFound, Pantheon, ServerError, Upload
from trilogue.pantheon import models
from trilogue_generated.pantheon.client import Resources
from trilogue_sandbox import Fault
from trilogue_sandbox.platform_sandbox import PlatformSandbox

from tests.clients.blocking import methods_of
from tests.clients.conftest import CALLED

CONTENT = bytes(range(256)) * 300
PHONE = "+12025550177"


@attrs.frozen
class Talk:
    """A conversation with a new contact over WhatsApp, who can be reached by SMS as well."""

    id: str
    contact_id: str
    whatsapp: str
    sms: str


@pytest.fixture
def talk(pantheon: Any) -> Talk:
    whatsapp, sms = (connected(pantheon, channel_type) for channel_type in ("whatsapp", "sms"))
    contact = pantheon.contacts.create(
        name="Ana",
        language="en",
        identities=[{"channel_type": channel_type, "address": PHONE} for channel_type in ("whatsapp", "sms")],
    )
    conversation = pantheon.conversations.start(contact_id=contact.id, channel_id=whatsapp, subject="Order 10483")
    return Talk(conversation.id, contact.id, whatsapp, sms)


def connected(pantheon: Any, channel_type: str) -> str:
    return str(pantheon.channels.list(type=channel_type, status="connected").first().id)


def say(pantheon: Any, talk: Talk, text: str = "Hello", **more: Any) -> Any:
    return pantheon.messages.send(conversation_id=talk.id, content=models.TextInput(type="text", text=text), **more)


def test_an_app_reads_its_limits_and_usage(pantheon: Any, pantheon_sandbox: PlatformSandbox) -> None:
    app = pantheon.apps.get()

    assert app.client_id == pantheon_sandbox.credentials["client_id"]
    assert {limit.endpoint: limit.calls_per_minute for limit in app.limits}["messages/sendMessage"] == 1750
    used = {minute.endpoint: minute.calls for minute in pantheon.apps.get_usage()}
    assert used == {"apps/getApp": 1, "apps/getUsage": 1}


def test_a_channel_is_connected_renamed_and_disconnected(pantheon: Any, pantheon_sandbox: PlatformSandbox) -> None:
    channel = pantheon.channels.connect(
        type="line", name="Parcels", address="parcels", credentials={"channel_secret": "s", "access_token": "t"}
    )
    assert (channel.status, channel.capabilities.max_buttons) == ("pending", 4)

    pantheon_sandbox.sandbox.advance(timedelta(minutes=1))
    assert pantheon.channels.get(channel_id=channel.id).status == pantheon.channels.wait(channel).status == "connected"
    assert pantheon.channels.update(channel_id=channel.id, name="Parcels (night)").name == "Parcels (night)"
    assert [found.id for found in pantheon.channels.list(type="line")] == [channel.id]

    assert pantheon.channels.disconnect(channel_id=channel.id).status == "disconnected"
    with pytest.raises(BadRequest) as caught:
        pantheon.channels.disconnect(channel_id=channel.id)
    assert set(caught.value.field_errors) == {"channel_id"}


def test_a_contact_is_created_changed_found_and_deleted(pantheon: Any) -> None:
    contact = pantheon.contacts.create(
        name="Ana", identities=[models.IdentityInput(channel_type="sms", address=PHONE)], metadata={"shoe": "38"}
    )

    changed = pantheon.contacts.update(contact_id=contact.id, name=None, language="pt-BR")
    assert (contact.name, changed.name, changed.language, changed.metadata) == ("Ana", None, "pt-BR", {"shoe": "38"})
    assert pantheon.contacts.get(contact_id=contact.id) == changed
    assert [found.id for found in pantheon.contacts.list(channel_type="sms", address=PHONE)] == [contact.id]

    assert pantheon.contacts.delete(contact_id=contact.id).id == contact.id
    with pytest.raises(NotFound):
        pantheon.contacts.get(contact_id=contact.id)


def test_contacts_of_a_table_are_created_once_though_the_run_is_repeated(
    pantheon: Any, talk: Talk, tmp_path: Path
) -> None:
    table = [
        {"name": name, "identities": [{"channel_type": "email", "address": f"{name}@example.com"}]} for name in "ab"
    ]
    made = pantheon.contacts.create_many(table, ledger=tmp_path / "ledger")
    again = pantheon.contacts.create_many(table, ledger=tmp_path / "ledger")
    assert (made.done, again.skipped, again.calls) == (2, 2, 0)

    lines = (tmp_path / "ledger").read_text().splitlines()
    (tmp_path / "ledger").write_text("\n".join(lines[:2]) + "\n")  # as if killed after the first request was sent
    resumed = pantheon.contacts.create_many(table[:1], ledger=tmp_path / "ledger")
    assert resumed.results[0].id == made.results[0].id

    changed = pantheon.contacts.update_many([{"contact_id": contact.id, "language": "pt"} for contact in made.results])
    assert [contact.language for contact in changed.results] == ["pt", "pt"]
    content = {"type": "text", "text": "Hello"}
    assert pantheon.messages.send_many([{"conversation_id": talk.id, "content": content}] * 2).done == 2


def test_two_contacts_are_merged(pantheon: Any) -> None:
    ana = pantheon.contacts.create(name="Ana", identities=[{"channel_type": "sms", "address": PHONE}])
    visitor = pantheon.contacts.create(identities=[{"channel_type": "webchat", "address": "visitor-9"}])
    pantheon.contacts.link_identity(contact_id=ana.id, channel_type="email", address="Ana@Example.com")

    merged = pantheon.contacts.merge(contact_id=ana.id, duplicate_id=visitor.id)

    reached = {identity.channel_type: identity.address for identity in merged.identities}
    assert reached == {"sms": PHONE, "email": "ana@example.com", "webchat": "visitor-9"}
    left = pantheon.contacts.unlink_identity(contact_id=ana.id, channel_type="email")
    assert [identity.channel_type for identity in left.identities] == ["sms", "webchat"]


def test_a_conversation_changes_its_channel_is_closed_and_reopened(pantheon: Any, talk: Talk) -> None:
    switched = pantheon.conversations.switch_channel(conversation_id=talk.id, channel_id=talk.sms)
    assert (switched.active_channel_id, switched.channel_ids) == (talk.sms, [talk.whatsapp, talk.sms])

    pantheon.conversations.update(conversation_id=talk.id, subject=None, metadata={"priority": "high"})
    closed = pantheon.conversations.close(conversation_id=talk.id, reason="Delivered")
    assert (closed.status, closed.subject, closed.close_reason) == ("closed", None, "Delivered")
    with pytest.raises(BadRequest) as caught:
        say(pantheon, talk)
    assert set(caught.value.field_errors) == {"conversation_id"}

    assert pantheon.conversations.reopen(conversation_id=talk.id).status == "open"
    assert pantheon.conversations.get(conversation_id=talk.id).metadata == {"priority": "high"}
    assert [found.id for found in pantheon.conversations.list(contact_id=talk.contact_id)] == [talk.id]


def test_a_message_is_sent_arrives_is_read_and_deleted(
    pantheon: Any, pantheon_sandbox: PlatformSandbox, talk: Talk
) -> None:
    message = say(pantheon, talk, "Your order is on its way.", metadata={"step": "3"})
    assert (message.status, message.content.text) == ("queued", "Your order is on its way.")

    pantheon_sandbox.sandbox.advance(timedelta(minutes=1))
    assert pantheon.messages.get(message_id=message.id).status == "delivered"
    assert pantheon.messages.wait(message_id=message.id).status == "delivered"
    pantheon_sandbox.control("read_messages", conversation_id=talk.id)
    assert [found.status for found in pantheon.messages.list(conversation_id=talk.id)] == ["read"]

    assert pantheon.messages.delete(message_id=message.id).id == message.id
    assert list(pantheon.messages.list(conversation_id=talk.id)) == []


def test_a_reply_of_the_contact_is_read_and_reacted_to(
    pantheon: Any, pantheon_sandbox: PlatformSandbox, talk: Talk
) -> None:
    received = pantheon_sandbox.control("receive", channel_id=talk.whatsapp, address=PHONE, text="Where is it?")

    read = pantheon.messages.mark_as_read(message_id=received["id"])
    assert (read.direction, read.status, read.conversation_id) == ("inbound", "read", talk.id)

    reacted = pantheon.messages.react(message_id=received["id"], emoji="\N{HEAVY BLACK HEART}")
    assert [(reaction.by, reaction.emoji) for reaction in reacted.reactions] == [("app", "\N{HEAVY BLACK HEART}")]
    assert pantheon.messages.react(message_id=received["id"], emoji=None).reactions == []
    assert say(pantheon, talk, "It comes today.", reply_to_id=received["id"]).reply_to_id == received["id"]


CONTENTS = [
    models.TextInput(type="text", text="Hello"),
    models.LocationInput(type="location", latitude=-1.94, longitude=30.06, name="Kigali"),
    models.TemplateInput(type="template", name="order_shipped", language="en", variables={"number": "10482"}),
    models.ButtonsInput(type="buttons", text="Tomorrow?", buttons=[models.ButtonInput(id="yes", title="Yes")]),
    {"type": "text", "text": "A mapping will do"},
]


@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: type(content).__name__)
def test_each_content_type_is_decoded_as_its_class(pantheon: Any, talk: Talk, content: Any) -> None:
    message = pantheon.messages.send(conversation_id=talk.id, content=content)

    given = content if isinstance(content, dict) else content.to_dict()
    assert message.type == given["type"]
    assert type(message.content).__name__ == f"{given['type'].title()}Content"
    assert includes(message.content.to_dict(), given)


def includes(result: Any, expected: Any) -> bool:
    """Whether a result has all that is expected; it may have more."""
    if isinstance(expected, dict):
        return all(name in result and includes(result[name], value) for name, value in expected.items())
    if isinstance(expected, list):
        return len(result) == len(expected) and all(map(includes, result, expected))
    return bool(result == expected)


@pytest.mark.parametrize("media", ["image", "audio", "video", "document"])
def test_a_file_is_uploaded_sent_and_deleted(pantheon: Any, talk: Talk, media: str) -> None:
    content_type = "application/pdf" if media == "document" else f"{media}/mp4"
    file = pantheon.files.upload(file=Upload(CONTENT, "door.bin", content_type), name="front door.bin")
    assert (file.name, file.content_type, file.sha256) == ("front door.bin", content_type, sha256(CONTENT).hexdigest())

    model = getattr(models, f"{media.title()}Input")
    message = pantheon.messages.send(conversation_id=talk.id, content=model(type=media, file_id=file.id))
    assert message.content.file_id == file.id
    assert [found.id for found in pantheon.files.list(sha256=file.sha256)] == [file.id]
    assert pantheon.files.get(file_id=file.id).size == len(CONTENT)

    pantheon.files.delete(file_id=file.id)
    with pytest.raises(NotFound):
        pantheon.files.get(file_id=file.id)


def test_a_payment_is_requested_paid_and_refunded_in_parts(
    pantheon: Any, pantheon_sandbox: PlatformSandbox, talk: Talk
) -> None:
    payment = pantheon.payments.request(
        conversation_id=talk.id, amount=2599, currency="EUR", description="Order 10483", reference="10483"
    )
    assert payment.status == "requested"
    seen: list[str] = []

    def pay(found: models.Payment) -> None:
        seen.append(found.status)
        if found.status == "requested":
            pantheon_sandbox.control("pay", payment_id=payment.id)

    assert pantheon.payments.wait(payment.id, on_progress=pay).status == "paid"
    assert seen == ["requested", "paid"]

    part = pantheon.payments.refund(payment_id=payment.id, amount=500, reason="One item was missing")
    with pytest.raises(BadRequest) as caught:
        pantheon.payments.refund(payment_id=payment.id, amount=2100)
    rest = pantheon.payments.refund(payment_id=payment.id)

    assert set(caught.value.field_errors) == {"amount"}
    assert (part.amount, rest.amount) == (500, 2099)
    assert {refund.id for refund in pantheon.payments.list_refunds(payment_id=payment.id)} == {part.id, rest.id}
    after = pantheon.payments.get(payment_id=payment.id)
    assert (after.status, after.amount_refunded) == ("refunded", 2599)
    assert [found.id for found in pantheon.payments.list(reference="10483")] == [payment.id]


def test_a_payment_is_canceled(pantheon: Any, talk: Talk) -> None:
    payment = pantheon.payments.request(conversation_id=talk.id, amount=100, currency="JPY", description="Stamps")

    assert pantheon.payments.cancel(payment_id=payment.id).status == "canceled"


def test_a_contact_logs_in_and_is_logged_out(pantheon: Any, pantheon_sandbox: PlatformSandbox, talk: Talk) -> None:
    login = pantheon.logins.request(conversation_id=talk.id, scopes=["profile"], expires_in=300)
    assert (login.status, login.identity) == ("pending", None)

    pantheon_sandbox.control("approve_login", login_id=login.id)
    approved = pantheon.logins.wait(login)
    assert pantheon.logins.get(login_id=login.id) == approved
    assert (approved.status, approved.identity.address, approved.identity.name) == ("approved", PHONE, "Ana")
    assert [found.id for found in pantheon.logins.list(contact_id=talk.contact_id, status="approved")] == [login.id]

    assert pantheon.logins.revoke(login_id=login.id).status == "revoked"


def test_a_code_is_sent_again_over_sms_and_verified(
    pantheon: Any, pantheon_sandbox: PlatformSandbox, talk: Talk
) -> None:
    otp = pantheon.otps.send(conversation_id=talk.id, length=6, ttl=300, text="Your code is {code}.")
    wrong = pantheon.otps.verify(otp_id=otp.id, code="0000")
    assert (wrong.verified, wrong.otp.attempts_left) == (False, 4)

    pantheon_sandbox.sandbox.advance(timedelta(seconds=31))
    again = pantheon.otps.resend(otp_id=otp.id, channel_id=talk.sms)
    assert (again.channel_id, again.resends_left) == (talk.sms, 2)

    right = pantheon.otps.verify(otp_id=otp.id, code=code_of(pantheon_sandbox, otp.id))
    assert (right.verified, right.otp.status) == (True, "verified")
    assert pantheon.otps.get(otp_id=otp.id) == pantheon.otps.wait(otp.id) == right.otp


def code_of(pantheon_sandbox: PlatformSandbox, otp_id: str) -> str:
    return str(pantheon_sandbox.control("read_otp", otp_id=otp_id)["code"])


def test_a_code_is_canceled(pantheon: Any, talk: Talk) -> None:
    otp = pantheon.otps.send(conversation_id=talk.id)

    assert pantheon.otps.cancel(otp_id=otp.id).status == "canceled"
    with pytest.raises(BadRequest) as caught:
        pantheon.otps.verify(otp_id=otp.id, code="000000")
    assert set(caught.value.field_errors) == {"otp_id"}


class Receiver(BaseHTTPRequestHandler):
    """Receives what is posted and responds with 204."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


@contextmanager
def receiving() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/events"
        finally:
            server.shutdown()


def test_the_events_of_a_webhook_are_delivered_again_on_request(
    pantheon: Any, pantheon_sandbox: PlatformSandbox, talk: Talk
) -> None:
    with receiving() as url:
        webhook = pantheon.webhooks.create(url=url, events=["conversation.closed"], description="Desk")
        pantheon.conversations.close(conversation_id=talk.id)
        assert pantheon_sandbox.settle()
        (first,) = list(pantheon.webhooks.list_deliveries(webhook_id=webhook.id))
        again = pantheon.webhooks.redeliver(delivery_id=first.id)
        assert pantheon_sandbox.settle()

    deliveries = list(pantheon.webhooks.list_deliveries(event_id=first.event_id, order="asc"))
    assert [(found.id, found.status) for found in deliveries] == [(first.id, "succeeded"), (again.id, "succeeded")]
    assert again.redelivery_of == first.id
    assert pantheon.webhooks.wait_for_delivery(again) == deliveries[1]
    assert isinstance(first.event, models.ConversationClosedEvent)
    assert first.event.data.conversation.id == talk.id


def test_a_webhook_is_changed_and_its_secret_rotated_and_hidden(pantheon: Any) -> None:
    webhook = pantheon.webhooks.create(url="https://shop.example/events", events=["otp.failed"])

    renewed = pantheon.webhooks.rotate_secret(webhook_id=webhook.id, overlap=0)
    assert renewed.secret != webhook.secret
    assert renewed.secret not in repr(renewed)

    off = pantheon.webhooks.update(webhook_id=webhook.id, status="disabled", events=["payment.paid"])
    assert (off.status, off.events, off.secret) == ("disabled", ["payment.paid"], None)
    assert pantheon.webhooks.get(webhook_id=webhook.id) == off
    assert webhook.id in [found.id for found in pantheon.webhooks.list(status="disabled")]
    assert pantheon.webhooks.delete(webhook_id=webhook.id).id == webhook.id


def test_a_pair_of_tokens_is_fetched_and_revoked(pantheon: Any) -> None:
    pair = pantheon.auth.get_access_token(grant_type="client_credentials")
    assert (pair.token_type, pair.expires_in) == ("bearer", 14400)
    assert pair.access_token not in repr(pair)

    assert pantheon.auth.revoke_token(token=pair.refresh_token).revoked
    with pytest.raises(BadRequest) as caught:
        pantheon.auth.get_access_token(grant_type="refresh_token", refresh_token=pair.refresh_token)
    assert set(caught.value.field_errors) == {"refresh_token"}


def test_lists_are_iterated_over_their_pages_in_either_order(pantheon: Any, pantheon_sandbox: PlatformSandbox) -> None:
    made = pantheon_sandbox.seed(contacts=45)["contacts"]

    newest = [contact.id for contact in pantheon.contacts.list(created_after=datetime(2026, 1, 1, tzinfo=UTC))]
    oldest = [contact.id for contact in pantheon.contacts.list(order="asc", limit=7)][-45:]
    pages = list(pantheon.contacts.list(limit=20, created_after=datetime(2026, 1, 1, tzinfo=UTC)).pages())

    assert set(newest) == set(made)
    assert newest == oldest[::-1]
    assert [len(page) for page in pages] == [20, 20, 5]


def test_a_token_is_fetched_once_renewed_early_and_again_after_it_was_revoked(
    pantheon: Any, pantheon_sandbox: PlatformSandbox
) -> None:
    for _ in range(3):
        pantheon.apps.get()
    pantheon_sandbox.sandbox.advance(timedelta(seconds=14_400 - 60))
    pantheon.apps.get()
    pantheon_sandbox.control("expire_token")
    pantheon.apps.get()

    assert outcomes(pantheon_sandbox) == [
        ("auth_get_access_token", 200),
        *[("apps_get", 200)] * 3,
        ("auth_get_access_token", 200),
        ("apps_get", 200),
        ("apps_get", 401),
        ("auth_get_access_token", 200),
        ("apps_get", 200),
    ]


def outcomes(pantheon_sandbox: PlatformSandbox) -> list[tuple[str, int | None]]:
    return [(entry.operation_id, entry.status) for entry in pantheon_sandbox.journal]


@pytest.mark.sandbox(faults=[Fault(type="commit_then_drop", operation_id="messages_send", times=2)])
def test_a_message_whose_response_is_lost_twice_is_sent_once(
    pantheon: Any, pantheon_sandbox: PlatformSandbox, talk: Talk
) -> None:
    message = say(pantheon, talk, "Once")

    assert [found.id for found in pantheon.messages.list(conversation_id=talk.id)] == [message.id]
    assert [status for name, status in outcomes(pantheon_sandbox) if name == "messages_send"] == [None, None, 200]


@pytest.mark.sandbox(faults=[Fault(type="status", status=503, operation_id="payments_refund", times=3)])
def test_a_payment_is_refunded_once_though_the_first_call_failed(
    pantheon: Any, pantheon_sandbox: PlatformSandbox
) -> None:
    paid = pantheon.payments.list(status="paid").first()
    with pytest.raises(ServerError):
        pantheon.payments.refund(payment_id=paid.id, amount=100, idempotency_key="refund-1")

    for _ in range(2):
        pantheon.payments.refund(payment_id=paid.id, amount=100, idempotency_key="refund-1")

    assert pantheon.payments.get(payment_id=paid.id).amount_refunded == 100


def test_calls_beyond_the_limit_wait_for_the_next_minute_without_a_429(
    pantheon: Any, pantheon_sandbox: PlatformSandbox
) -> None:
    pantheon_sandbox.control("set_plan", plan="free")
    start = pantheon_sandbox.sandbox.now()

    for _ in range(125):
        pantheon.apps.get()

    assert {status for _, status in outcomes(pantheon_sandbox)} == {200}
    assert timedelta(seconds=30) < pantheon_sandbox.sandbox.now() - start < timedelta(seconds=61)


def test_an_invalid_field_is_named_with_its_path(pantheon: Any) -> None:
    with pytest.raises(BadRequest) as caught:
        pantheon.contacts.create(
            identities=[{"channel_type": "sms", "address": PHONE}, {"channel_type": "email", "address": "nobody"}]
        )

    assert set(caught.value.field_errors) == {"identities.1.address"}
    assert caught.value.request_id is not None


def test_a_wrong_secret_is_an_error_at_the_first_call(pantheon_sandbox: PlatformSandbox) -> None:
    settings: dict[str, Any] = {**pantheon_sandbox.credentials, "client_secret": "another"}
    host = pantheon_sandbox.url
    with (
        Pantheon(**settings, host=host, transport=pantheon_sandbox.transport()) as client,
        pytest.raises(AuthenticationFailed, match="client secret is wrong"),
    ):
        client.apps.get()


def test_raw_responses_hold_the_response_and_the_result(pantheon: Any) -> None:
    response = pantheon.with_raw_response.contacts.create(name="Ana")

    assert (response.status, response.headers["x-ratelimit-total"]) == (200, "1750")
    assert response.parse().id == response.json()["id"]


def test_a_file_of_pantheon_is_downloaded_into_an_open_file(pantheon: Any) -> None:
    stored = pantheon.files.upload(CONTENT)
    target = io.BytesIO()

    found = pantheon.files.download(file_id=stored.id, to=target)

    assert target.getvalue() == CONTENT
    assert found.sha256 == stored.sha256


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_every_method_was_called(mode: str) -> None:
    """No generated method is left that no test called; `conftest` runs this after the others."""
    called = CALLED[f"pantheon {mode}"]

    assert methods_of(Resources) - called == set()
