"""Whatever is done in conversations, in whatever order, Pantheon knows what a model of a few lines would know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from functools import cache
from typing import Any

import attrs
import httpx
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule
from trilogue_sandbox import Sandbox

from tests.contract import contract

PHONE = "+12025550190"
LIFE = 300
"""Seconds for which payments and codes wait for the contact."""

CREDENTIALS = {
    "whatsapp": {"phone_number_id": "1", "access_token": "a"},
    "sms": {"provider": "p", "api_key": "a"},
    "webchat": {},
}
"""The channels there are; the contact is reached on all but the last."""

REACHED = ("whatsapp", "sms")

_channels = st.sampled_from([*CREDENTIALS])
_amounts = st.integers(1, 1000)


@attrs.define
class Talk:
    """A conversation; `latest` counts, over all conversations, when its last message came."""

    number: int
    channel: str
    is_open: bool = True
    messages: list[str] = attrs.field(factory=list[str])
    latest: int = -1

    @property
    def status(self) -> str:
        return "open" if self.is_open else "closed"


@attrs.define
class Payment:
    amount: int
    ends_at: int
    status: str = "requested"
    refunded: int = 0

    @property
    def left(self) -> int:
        return self.amount - self.refunded if self.status in ("paid", "partially_refunded") else 0


@attrs.define
class Otp:
    talk: str
    sent_at: int
    status: str = "pending"
    tries: int = 5
    resends: int = 3


@cache
def _filled() -> Sandbox:
    """Return a sandbox whose empty account has three connected channels and a contact."""
    sandbox = contract.make_sandbox("pantheon")
    with closing(_client(sandbox)) as client:
        for channel_type, credentials in CREDENTIALS.items():
            address = "window" if channel_type == "webchat" else "+12025550191"
            channel = {"type": channel_type, "name": channel_type, "address": address, "credentials": credentials}
            client.post("/channels/connectChannel", json=channel).raise_for_status()
        identities = [{"channel_type": channel_type, "address": PHONE} for channel_type in REACHED]
        client.post("/contacts/createContact", json={"identities": identities}).raise_for_status()
    sandbox.advance(timedelta(seconds=3))
    return sandbox


def _client(sandbox: Sandbox) -> httpx.Client:
    app = next(account for account in sandbox.accounts("pantheon") if account.name == "empty").credentials
    client = httpx.Client(transport=sandbox.transport(), base_url=sandbox.url("pantheon"))
    grant = {"grant_type": "client_credentials"}
    token = client.post("/auth/getAccessToken", json=grant, auth=(app["client_id"], app["client_secret"]))
    client.headers["Authorization"] = f"Bearer {token.raise_for_status().json()['access_token']}"
    return client


class Conversations(RuleBasedStateMachine):
    """One contact, and everything that goes on with them."""

    talks = Bundle("talks")
    messages = Bundle("messages")
    payments = Bundle("payments")
    otps = Bundle("otps")

    @initialize(target=talks, channels=st.lists(st.sampled_from(REACHED), min_size=1, max_size=2))
    def begin(self, channels: list[str]) -> Any:
        self.sandbox = _filled().copy()
        self.client = _client(self.sandbox)
        self.contact = self._list_all("contacts/listContacts")[0]["id"]
        self.channel = {row["type"]: row["id"] for row in self._list_all("channels/listChannels")}
        self.talk: dict[str, Talk] = {}
        self.status: dict[str, str] = {}
        self.payment: dict[str, Payment] = {}
        self.otp: dict[str, Otp] = {}
        self.seconds = 0
        self.count = 0
        return multiple(*(self.start(channel) for channel in channels))

    # Conversations

    @rule(target=talks, channel=st.sampled_from(REACHED))
    def start(self, channel: str) -> str:
        body = {"contact_id": self.contact, "channel_id": self.channel[channel]}
        return self._noted(self._ok("conversations/startConversation", **body))

    @rule()
    def start_where_the_contact_is_not_reached(self) -> None:
        body = {"contact_id": self.contact, "channel_id": self.channel["webchat"]}
        self._rejected(["channel_id"], "conversations/startConversation", **body)

    @rule(talk=talks, channel=_channels)
    def switch(self, talk: str, channel: str) -> None:
        errors = [*self._closed(talk), *([] if channel in REACHED else ["channel_id"])]
        body = {"conversation_id": talk, "channel_id": self.channel[channel]}
        if self._done(errors, "conversations/switchChannel", **body):
            self.talk[talk].channel = channel

    @rule(talk=talks)
    def close(self, talk: str) -> None:
        if self._done(self._closed(talk), "conversations/closeConversation", conversation_id=talk):
            self.talk[talk].is_open = False

    @rule(talk=talks)
    def reopen(self, talk: str) -> None:
        errors = ["conversation_id"] if self.talk[talk].is_open else []
        if self._done(errors, "conversations/reopenConversation", conversation_id=talk):
            self.talk[talk].is_open = True

    # Messages

    @rule(target=messages, talk=talks, with_key=st.booleans())
    def send(self, talk: str, with_key: bool) -> Any:
        body = {"conversation_id": talk, "content": {"type": "text", "text": "Hello"}}
        headers = {"Idempotency-Key": f"key-{self.count}"} if with_key else {}
        if self._closed(talk):
            self._rejected(["conversation_id"], "messages/sendMessage", headers, **body)
            return multiple()
        sent = self._ok("messages/sendMessage", headers, **body)
        if with_key:
            assert self._ok("messages/sendMessage", headers, **body) == sent
            self._rejected(["Idempotency-Key"], "messages/sendMessage", headers, **body, metadata={"other": "body"})
        assert sent["channel_id"] == self.channel[self.talk[talk].channel]
        return self._said(talk, sent["id"], "queued")

    @rule(target=messages, channel=st.sampled_from(REACHED))
    def write(self, channel: str) -> str:
        """The contact writes: in the conversation on that channel, or the latest, or else in a new one."""
        before = self._one_that_takes(channel)
        received = self._control("receive", channel_id=self.channel[channel], address=PHONE, text="Hi")
        talk = received["conversation_id"]
        if before is None:
            self._noted(self._ok("conversations/getConversation", conversation_id=talk))
        assert before in (None, talk)
        self.talk[talk].channel = channel
        return self._said(talk, received["id"], "delivered inbound")

    @rule(message=messages)
    def mark_as_read(self, message: str) -> None:
        status = self.status.get(message)
        if status is None:
            self._missing("messages/markAsRead", message_id=message)
        elif not status.endswith("inbound"):
            self._rejected(["message_id"], "messages/markAsRead", message_id=message)
        else:
            self._ok("messages/markAsRead", message_id=message)
            self._read_up_to(message)

    @rule(message=messages)
    def delete_message(self, message: str) -> None:
        if message in self.status:
            assert self._ok("messages/deleteMessage", message_id=message)["id"] == message
            del self.status[message]
            for talk in self.talk.values():
                talk.messages = [other for other in talk.messages if other != message]
        self._missing("messages/deleteMessage", message_id=message)
        self._missing("messages/getMessage", message_id=message)

    # Payments

    @rule(target=payments, talk=talks, amount=_amounts)
    def request_payment(self, talk: str, amount: int) -> Any:
        body = {"conversation_id": talk, "amount": amount, "currency": "EUR", "description": "Order"}
        made = self._done(self._closed(talk), "payments/requestPayment", **body, expires_in=LIFE)
        if not made:
            return multiple()
        self._said(talk, made["message_id"], "queued")
        self.payment[made["id"]] = Payment(amount, self.seconds + LIFE)
        return made["id"]

    @rule(payment=payments)
    def pay(self, payment: str) -> None:
        if self.payment[payment].status == "requested":
            self._control("pay", payment_id=payment)
            self.payment[payment].status = "paid"

    @rule(payment=payments)
    def cancel_payment(self, payment: str) -> None:
        errors = [] if self.payment[payment].status == "requested" else ["payment_id"]
        if self._done(errors, "payments/cancelPayment", payment_id=payment):
            self.payment[payment].status = "canceled"

    @rule(payment=payments, amount=_amounts | st.none())
    def refund(self, payment: str, amount: int | None) -> None:
        model = self.payment[payment]
        wanted = model.left if amount is None else amount
        errors = ["payment_id"] if not model.left else ["amount"] if wanted > model.left else []
        more = {} if amount is None else {"amount": amount}
        refund = self._done(errors, "payments/refundPayment", payment_id=payment, **more)
        if refund:
            assert refund["amount"] == wanted
            model.refunded += wanted
            model.status = "refunded" if model.refunded == model.amount else "partially_refunded"

    # One-time passwords

    @rule(target=otps, talk=talks, channel=_channels | st.none())
    def send_otp(self, talk: str, channel: str | None) -> Any:
        errors = [*self._closed(talk), *([] if channel in (None, *REACHED) else ["channel_id"])]
        more = {} if channel is None else {"channel_id": self.channel[channel]}
        sent = self._done(errors, "otps/sendOtp", conversation_id=talk, ttl=LIFE, **more)
        if not sent:
            return multiple()
        assert sent["channel_id"] == self.channel[channel or self.talk[talk].channel]
        self._said(talk, sent["message_id"], "queued")
        self.otp[sent["id"]] = Otp(talk, self.seconds)
        return sent["id"]

    @rule(otp=otps, is_right=st.booleans())
    def verify(self, otp: str, is_right: bool) -> None:
        model, code = self.otp[otp], self._control("read_otp", otp_id=otp)["code"]
        tried = code if is_right else code[:-1] + str((int(code[-1]) + 1) % 10)
        response = self._done(self._final(otp), "otps/verifyOtp", otp_id=otp, code=tried)
        if response:
            assert response["verified"] == is_right
            model.tries -= 1
            model.status = "verified" if is_right else "pending" if model.tries else "failed"

    @rule(otp=otps)
    def use_up_the_tries(self, otp: str) -> None:
        for _ in range(6):
            self.verify(otp, is_right=False)

    @rule(otp=otps, after=st.sampled_from([3, 31]), and_then=st.sampled_from([3, LIFE - 20]))
    def resend(self, otp: str, after: int, and_then: int) -> None:
        """Send a new code; it works for its whole time, whenever the one before would have ended."""
        self.wait(after)
        model, before = self.otp[otp], self._control("read_otp", otp_id=otp)["code"]
        obstacles = [model.status != "pending", self.seconds < model.sent_at + 30, not model.resends]
        obstacles.append(not self.talk[model.talk].is_open)
        sent = self._done(["otp_id"] * sum(obstacles), "otps/resendOtp", otp_id=otp)
        if sent:
            self._said(model.talk, sent["message_id"], "queued")
            model.resends, model.sent_at = model.resends - 1, self.seconds
            assert self._control("read_otp", otp_id=otp)["code"] != before
        self.wait(and_then)

    @rule(otp=otps)
    def cancel_otp(self, otp: str) -> None:
        if self._done(self._final(otp), "otps/cancelOtp", otp_id=otp):
            self.otp[otp].status = "canceled"

    # Time

    @rule(seconds=st.sampled_from([3, 31, LIFE + 1]))
    def wait(self, seconds: int) -> None:
        """Let what is queued arrive, and what the contact did not answer expire."""
        self.sandbox.advance(timedelta(seconds=seconds))
        self.seconds += seconds
        self.status |= {message: "delivered" for message, status in self.status.items() if status == "queued"}
        for payment in self.payment.values():
            if payment.status == "requested" and payment.ends_at <= self.seconds:
                payment.status = "expired"
        for otp in self.otp.values():
            if otp.status == "pending" and otp.sent_at + LIFE <= self.seconds:
                otp.status = "expired"

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        talks = {row["id"]: row for row in self._list_all("conversations/listConversations")}
        assert [*talks] == [*self.talk]
        for talk_id, talk in self.talk.items():
            shown = talks[talk_id]
            assert (shown["status"], shown["active_channel_id"]) == (talk.status, self.channel[talk.channel])
            assert shown["active_channel_id"] in shown["channel_ids"]
        messages = self._list_all("messages/listMessages")
        assert {row["id"] for row in messages} == self.status.keys()
        assert all(self._is_as_expected(row) for row in messages)
        self._payments_are_as_expected()
        for otp_id, otp in self.otp.items():
            row = self._ok("otps/getOtp", otp_id=otp_id)
            assert (row["status"], row["attempts_left"], row["resends_left"]) == (otp.status, otp.tries, otp.resends)

    def teardown(self) -> None:
        for talk_id, talk in self.talk.items():
            said = self._list_all("messages/listMessages", limit=3, conversation_id=talk_id)
            assert [row["id"] for row in said] == talk.messages
        assert not self.sandbox.drift
        self.client.close()
        self.sandbox.close()

    def _payments_are_as_expected(self) -> None:
        payments = {row["id"]: row for row in self._list_all("payments/listPayments")}
        assert [*payments] == [*self.payment]
        for payment_id, payment in self.payment.items():
            row = payments[payment_id]
            assert (row["status"], row["amount_refunded"]) == (payment.status, payment.refunded)

    def _is_as_expected(self, row: dict[str, Any]) -> bool:
        """A queued message may have come further by now, as each call takes a little time."""
        expected, _, inbound = self.status[row["id"]].partition(" ")
        steps = ("queued", "sent", "delivered") if expected == "queued" else (expected,)
        return row["status"] in steps and row["direction"] == (inbound or "outbound")

    def _one_that_takes(self, channel: str) -> str | None:
        """Return the conversation that a message of the contact is put into, None for a new one."""
        going_on = {talk_id: talk for talk_id, talk in self.talk.items() if talk.is_open}
        on_channel = {talk_id: talk for talk_id, talk in going_on.items() if talk.channel == channel}
        chosen = on_channel or going_on
        return max(chosen, key=lambda talk_id: (chosen[talk_id].latest, chosen[talk_id].number), default=None)

    def _read_up_to(self, message: str) -> None:
        talk = next(talk for talk in self.talk.values() if message in talk.messages)
        for earlier in talk.messages[: talk.messages.index(message) + 1]:
            if self.status[earlier].endswith("inbound"):
                self.status[earlier] = "read inbound"

    def _noted(self, started: dict[str, Any]) -> str:
        types = {channel_id: channel_type for channel_type, channel_id in self.channel.items()}
        self.talk[started["id"]] = Talk(len(self.talk), types[started["active_channel_id"]])
        return str(started["id"])

    def _said(self, talk: str, message: str, status: str) -> str:
        self.count += 1
        self.talk[talk].messages.append(message)
        self.talk[talk].latest = self.count
        self.status[message] = status
        return message

    def _closed(self, talk: str) -> list[str]:
        return [] if self.talk[talk].is_open else ["conversation_id"]

    def _final(self, otp: str) -> list[str]:
        return [] if self.otp[otp].status == "pending" else ["otp_id"]

    def _done(self, errors: list[str], method: str, **body: Any) -> Any:
        """Call a method, which must respond with these errors, or do it if there are none; None if it was refused."""
        return self._rejected(errors, method, **body) if errors else self._ok(method, **body)

    def _ok(self, method: str, headers: dict[str, str] | None = None, /, **body: Any) -> Any:
        return self.client.post(f"/{method}", json=body, headers=headers).raise_for_status().json()

    def _rejected(self, errors: list[str], method: str, headers: dict[str, str] | None = None, /, **body: Any) -> None:
        response = self.client.post(f"/{method}", json=body, headers=headers)
        assert response.status_code == 400
        assert [field for entry in response.json()["errors"] for field in entry] == errors

    def _missing(self, method: str, **body: Any) -> None:
        assert self.client.post(f"/{method}", json=body).status_code == 404

    def _list_all(self, method: str, limit: int = 100, **body: Any) -> list[Any]:
        return list(self._rows(f"/{method}", {**body, "order": "asc", "limit": limit}))

    def _rows(self, url: str | None, body: dict[str, Any]) -> Iterator[Any]:
        while url:
            page = self.client.post(url, json=body).raise_for_status().json()
            yield from page["items"]
            url = page["next_cursor"]

    def _control(self, action: str, **arguments: Any) -> Any:
        return self.sandbox.control("pantheon", action, arguments)


TestConversations = Conversations.TestCase
TestConversations.settings = settings(
    max_examples=60, stateful_step_count=25, derandomize=True, deadline=None, database=None
)
