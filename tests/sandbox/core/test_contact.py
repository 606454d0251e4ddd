"""The person on the other side, on each platform."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import attrs
import pytest
from trilogue import Botpress, Pantheon, RapidPro
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Contact, ControlError, PlatformSandbox, Sandbox
from trilogue_sandbox.client_clock import ClientClock
from trilogue_sandbox.kernel.browsing import rows_of
from trilogue_sandbox.kernel.http import Json, JsonObject

ADDRESSES = {
    "rapidpro": "tel:+250788123123",
    "botpress": "5551234",
    "pantheon": "whatsapp:+12025550199",
    "botpress_chat": "eve",
}


@pytest.fixture(scope="module")
def template() -> Iterator[Sandbox]:
    with Sandbox(seed=7) as sandbox:
        for name in sandbox.names:
            sandbox.url(name)
        yield sandbox


@pytest.fixture
def sandbox(template: Sandbox) -> Iterator[Sandbox]:
    with template.copy() as copy:
        yield copy
        assert copy.drift == ()


def settings(sandbox: Sandbox, name: str) -> dict[str, Any]:
    platform = PlatformSandbox(sandbox, name)
    known = PLATFORMS[name].variables
    given = {key: value for key, value in platform.credentials.items() if key in known}
    return {**given, "host": platform.url, "transport": sandbox.transport(), "clock": ClientClock(sandbox)}


@attrs.define
class App:
    """What is tested with the contact: it replies to whoever wrote last."""

    sandbox: Sandbox
    platform: str

    def reply(self, text: str, *labels: str) -> None:
        getattr(self, f"_reply_on_{self.platform}")(text, labels)

    def _reply_on_rapidpro(self, text: str, labels: tuple[str, ...]) -> None:
        with RapidPro(**settings(self.sandbox, "rapidpro")) as client:
            message = next(iter(client.messages.list(folder="inbox")))
            replies = [{"type": "text", "text": label} for label in labels]
            client.messages.send(contact=message.contact.uuid, text=text, quick_replies=replies or None)

    def _reply_on_botpress(self, text: str, labels: tuple[str, ...]) -> None:
        settings_of_bot = settings(self.sandbox, "botpress")
        with Botpress(**settings_of_bot) as client:
            message = next(iter(client.messages.list()))
            options = [{"label": label, "value": label.lower()} for label in labels]
            client.messages.create(
                payload={"text": text, "options": options} if options else {"text": text},
                user_id=settings_of_bot["bot_id"],
                conversation_id=message.conversation_id,
                type="choice" if options else "text",
                tags={},
            )

    def _reply_on_pantheon(self, text: str, labels: tuple[str, ...]) -> None:
        with Pantheon(**settings(self.sandbox, "pantheon")) as client:
            message = next(iter(client.messages.list(direction="inbound")))
            buttons = [{"id": label.lower(), "title": label} for label in labels]
            content = (
                {"type": "buttons", "text": text, "buttons": buttons} if labels else {"type": "text", "text": text}
            )
            client.messages.send(conversation_id=message.conversation_id, content=content)

    def _reply_on_botpress_chat(self, text: str, labels: tuple[str, ...]) -> None:
        columns, rows = rows_of(self.sandbox, "botpress_chat", "chat_conversations")
        options: list[Json] = [{"label": label, "value": label.lower()} for label in labels]
        choice: JsonObject = {"type": "choice", "text": text, "options": options}
        answer = {"conversation_id": rows[0][columns.index("id")], "answer": choice if labels else text}
        self.sandbox.control("botpress_chat", "bot_says", answer)


def on_each_platform(sandbox: Sandbox, platform: str) -> tuple[Contact, App]:
    sandbox.control("botpress_chat", "set_bot", {"answers": []})  # else it is an echo
    return sandbox.contact(ADDRESSES[platform], platform), App(sandbox, platform)


def test_every_platform_has_people_on_the_other_side() -> None:
    assert set(ADDRESSES) == set(PLATFORMS)


@pytest.mark.parametrize("platform", ADDRESSES)
def test_a_contact_writes_sees_the_reply_and_taps_a_choice(sandbox: Sandbox, platform: str) -> None:
    ana, app = on_each_platform(sandbox, platform)

    ana.says("hello")
    app.reply("Do you like it?", "Yes", "No")
    assert ana.sees("like it").labels == ["Yes", "No"]
    ana.taps("Yes")
    app.reply("Thanks!")
    ana.sees("Thanks!")

    assert [(message.is_from_contact, message.text) for message in ana.messages] == [
        (True, "hello"),
        (False, "Do you like it?"),
        (True, "Yes"),
        (False, "Thanks!"),
    ]


@pytest.mark.parametrize("platform", ADDRESSES)
def test_what_a_contact_does_not_see_is_an_assertion_with_the_transcript(sandbox: Sandbox, platform: str) -> None:
    ana, app = on_each_platform(sandbox, platform)
    ana.says("hello")
    app.reply("Good morning")
    before = sandbox.now()

    with pytest.raises(AssertionError, match=r"saw no 'Good night' within 20 seconds") as raised:
        ana.sees("Good night", within=20)

    assert "contact   hello" in str(raised.value)
    assert "platform  Good morning" in str(raised.value)
    assert timedelta(seconds=20) <= sandbox.now() - before < timedelta(seconds=21)


@pytest.mark.parametrize("act", [Contact.sees, Contact.taps])
def test_a_traceback_ends_in_the_test_and_not_in_the_contact(sandbox: Sandbox, act: Callable[..., object]) -> None:
    ana, _ = on_each_platform(sandbox, "rapidpro")
    with pytest.raises(AssertionError) as failure:
        act(ana, "Yes", within=0)

    assert [str(entry.path) for entry in failure.traceback.filter(failure)] == [__file__]


def test_a_message_is_seen_once_and_not_before_the_contact_has_written(sandbox: Sandbox) -> None:
    ana, app = on_each_platform(sandbox, "rapidpro")
    ana.says("hello")
    app.reply("One")
    app.reply("Two")
    ana.sees("Two")
    ana.sees("One")
    with pytest.raises(AssertionError):
        ana.sees("One", within=1)

    app.reply("Three")
    ana.says("bye")

    with pytest.raises(AssertionError):
        ana.sees("Three", within=10)


def test_a_message_that_fails_is_not_seen(sandbox: Sandbox) -> None:
    ana = sandbox.contact("tel:+15005550001")
    ana.says("hello")
    App(sandbox, "rapidpro").reply("Thanks!")

    with pytest.raises(AssertionError, match=r"Thanks!  \(failed\)"):
        ana.sees("Thanks!")


@pytest.mark.parametrize("platform", ["rapidpro", "pantheon"])
def test_delivery_is_shown_and_what_is_read_is_reported(sandbox: Sandbox, platform: str) -> None:
    ana, app = on_each_platform(sandbox, platform)
    ana.says("hello")
    app.reply("Thanks!")
    assert ana.messages[-1].status == "queued"
    assert ana.sees("Thanks!").status == "sent"

    sandbox.advance(timedelta(seconds=10))
    assert ana.messages[-1].status == "delivered"
    ana.reads()

    assert ana.messages[-1].status == "read"


@pytest.mark.parametrize("platform", ["botpress", "botpress_chat"])
def test_botpress_is_not_told_what_people_have_read(sandbox: Sandbox, platform: str) -> None:
    with pytest.raises(ControlError, match="not told"):
        sandbox.contact(ADDRESSES[platform], platform).reads()


def test_the_bot_of_the_chat_answers_whoever_writes(sandbox: Sandbox) -> None:
    ana = sandbox.contact("ana", "botpress_chat")
    ana.sees("Welcome!")
    ana.says("hello")
    ana.sees("hello")

    assert sandbox.contact("ben", "botpress_chat").messages[-1].text == "hello"
    with pytest.raises(ControlError, match="takes no part in 'welcome'"):
        sandbox.control("botpress_chat", "say", {"contact": "eve", "text": "hello", "conversation": "welcome"})


def test_a_contact_of_pantheon_logs_in_pays_and_reads_a_code(sandbox: Sandbox) -> None:
    ana = sandbox.contact("whatsapp:+12025550199", "pantheon")
    ana.says("hello")
    with Pantheon(**settings(sandbox, "pantheon")) as client:
        conversation = next(iter(client.messages.list(direction="inbound"))).conversation_id
        login = client.logins.request(conversation_id=conversation)
        ana.approves_login()
        assert client.logins.get(login_id=login.id).status == "approved"
        client.logins.request(conversation_id=conversation)
        ana.denies_login()
        price = {"amount": 500, "currency": "EUR", "description": "Tea"}
        paid = client.payments.request(conversation_id=conversation, **price)
        ana.pays()
        assert client.payments.get(payment_id=paid.id).status == "paid"
        client.payments.request(conversation_id=conversation, **price)
        ana.declines_payment()
        otp = client.otps.send(conversation_id=conversation)
        assert client.otps.verify(otp_id=otp.id, code=ana.reads_otp()).verified

    shown = ana.transcript
    assert "[approved]" not in shown.splitlines()[1]
    for state in ("[approved]", "[denied]", "[paid]", "[failed]", "is your code for"):
        assert state in shown


def test_a_code_that_is_underway_is_read_and_not_an_earlier_one(sandbox: Sandbox) -> None:
    ana = sandbox.contact("whatsapp:+12025550143", "pantheon")
    earlier = ana.reads_otp()
    with Pantheon(**settings(sandbox, "pantheon")) as client:
        contact = client.contacts.list(address="+12025550143").first()
        assert contact is not None
        conversation = client.conversations.list(contact_id=contact.id, status="open").first()
        assert conversation is not None
        otp = client.otps.send(conversation_id=conversation.id)
        code = ana.reads_otp()

        assert code != earlier
        assert client.otps.verify(otp_id=otp.id, code=code).verified


def test_a_choice_is_tapped_only_where_it_is_offered_and_has_arrived(sandbox: Sandbox) -> None:
    ana, app = on_each_platform(sandbox, "rapidpro")
    ana.says("hello")
    app.reply("Do you like it?", "Yes")
    with pytest.raises(AssertionError, match="saw no 'Maybe'"):
        ana.taps("Maybe", within=0)
    message = ana.messages[-1]
    tap = {"contact": ana.address, "message": message.id, "choice": "Yes"}
    with pytest.raises(ControlError, match="has not arrived, it is queued"):
        sandbox.control("rapidpro", "tap", tap)

    ana.sees("Do you like it?")

    with pytest.raises(ControlError, match="offers no 'Yess'; the nearest is 'Yes'"):
        sandbox.control("rapidpro", "tap", {**tap, "choice": "Yess"})
    with pytest.raises(ControlError, match="has no message '0'"):
        sandbox.control("rapidpro", "tap", {**tap, "message": "0"})


@pytest.mark.parametrize("platform", ADDRESSES)
def test_the_chats_are_listed_with_names(sandbox: Sandbox, platform: str) -> None:
    ana, _ = on_each_platform(sandbox, platform)
    ana.says("hello")

    chats = PlatformSandbox(sandbox, platform).control("list_chats")["chats"]

    assert ana.address in [chat["contact"] for chat in chats]
    assert any(chat["name"] for chat in chats)


@pytest.mark.parametrize(
    ("platform", "address"), [("rapidpro", "+250788123123"), ("pantheon", "pigeon:7"), ("botpress_chat", "not an id")]
)
def test_an_address_that_is_none_is_an_error(sandbox: Sandbox, platform: str, address: str) -> None:
    with pytest.raises(ControlError, match="`contact`"):
        sandbox.contact(address, platform).says("hello")


def test_a_contact_of_an_unknown_platform_is_an_error(sandbox: Sandbox) -> None:
    with pytest.raises(ControlError, match="no platform 'telegram'"):
        sandbox.contact("tel:+250788123123", "telegram")


def test_a_contact_may_write_to_another_workspace(sandbox: Sandbox) -> None:
    ana = PlatformSandbox(sandbox, "rapidpro").contact("tel:+250788123123", workspace="anonymous")
    ana.says("hello")

    assert [message.text for message in ana.messages] == ["hello"]
    assert sandbox.contact("tel:+250788123123").messages == []


def test_a_contact_of_a_sandbox_in_real_time_sleeps_while_it_waits() -> None:
    slept: list[float] = []
    with Sandbox(start=None) as sandbox:

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            sandbox.advance(timedelta(seconds=1))

        ana = Contact(sandbox, "rapidpro", "tel:+250788123123", sleep=sleep)
        ana.says("hello")
        App(sandbox, "rapidpro").reply("Thanks!")
        ana.sees("Thanks!")

    assert slept
