"""How a program uses the package, for type checkers alone: it is never run.

Read by mypy --strict and pyright strict against the built and installed wheel (tests/packaging), so that it is noticed
when a type has quietly become Any.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, assert_type

from trilogue import (
    UNSET,
    AsyncBotpress,
    AsyncPaginator,
    AsyncPantheon,
    AsyncRapidPro,
    AsyncRowIterator,
    Botpress,
    NotFound,
    Page,
    Paginator,
    Pantheon,
    RapidPro,
    RateLimited,
    RawResponse,
    RowIterator,
    UnrecognizedStr,
    Unset,
    Upload,
)
from trilogue.botpress import errors
from trilogue.botpress import models as botpress
from trilogue.pantheon import SendableContentDict, TextInputDict
from trilogue.pantheon import models as pantheon
from trilogue.rapidpro import Contact
from trilogue.rapidpro import models as rapidpro


def reads_rapidpro(client: RapidPro) -> None:
    assert_type(client.contacts.list(group="Farmers"), Paginator[rapidpro.Contact])
    for contact in client.contacts.list():
        assert_type(contact, rapidpro.Contact)
        assert_type(contact.uuid, str)
        assert_type(contact.name, str | None)
        assert_type(contact.urns, list[str])
        assert_type(contact.groups[0].name, str | None)
        assert_type(contact.fields, dict[str, str | None])
        assert_type(contact.modified_on, datetime)
        assert_type(contact.last_seen_on, datetime | None)
    assert_type(client.contacts.list().page(), Page[rapidpro.Contact])
    assert_type(client.contacts.list(), Paginator[Contact])
    assert_type(client.contacts.list().first(), Contact | None)
    assert_type(client.contacts.list().collect(10), list[Contact])
    assert_type(client.contacts.list().all(), list[Contact])
    assert_type(client.contacts.list().iterator(), RowIterator[Contact])
    assert_type(client.contacts.list().prefetch().resume("{}").position, str)
    assert_type(client.workspace.get().languages, list[str])
    assert_type(client.with_options(timeout=5), RapidPro)


def writes_rapidpro(client: RapidPro, language: str | Unset | None = UNSET) -> None:
    assert_type(client.contacts.create(name="Ana", urns=["tel:+250788123123"], language=language), rapidpro.Contact)
    assert_type(client.contacts.delete(uuid="5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9"), None)
    assert_type(client.message_actions.perform(messages=[1], action="archive"), list[int])
    assert_type(client.media.upload(file=Upload(b"", "a.png")), rapidpro.Media)
    raw = client.with_raw_response.contacts.create(name="Ana")
    assert_type(raw, RawResponse[rapidpro.Contact])
    assert_type(raw.parse(), rapidpro.Contact)
    assert_type(raw.status, int)


def leaves_out_what_is_none(client: Pantheon, name: str | None = None) -> None:
    assert_type(client.messages.list(status=None, type=None, created_after=None), Paginator[pantheon.Message])
    assert_type(client.contacts.create(name=name, identities=None, metadata=None), pantheon.Contact)
    assert_type(client.contacts.update(contact_id="con_1", name=UNSET), pantheon.Contact)


def handles_errors(client: RapidPro) -> None:
    try:
        client.groups.delete(uuid="5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9")
    except RateLimited as error:
        assert_type(error.retry_at, datetime | None)
    except NotFound as error:
        assert_type(error.status, int)


async def reads_asynchronously(client: AsyncRapidPro) -> None:
    assert_type(client.messages.list(folder="inbox"), AsyncPaginator[rapidpro.Message])
    async for message in client.messages.list(folder="inbox"):
        assert_type(message.text, str)
    assert_type(await client.contacts.list().page(), Page[rapidpro.Contact])
    assert_type(await client.contacts.list().first(), rapidpro.Contact | None)
    assert_type(await client.contacts.list().all(max_rows=100), list[rapidpro.Contact])
    assert_type(client.contacts.list().iterator(), AsyncRowIterator[rapidpro.Contact])
    assert_type(await client.contacts.create(), rapidpro.Contact)
    async with client as same:
        assert_type(same, AsyncRapidPro)


def uses_botpress(client: Botpress) -> None:
    conversation = client.conversations.create(channel="channel", tags={})
    assert_type(conversation, botpress.Conversation)
    assert_type(conversation.created_at, datetime)
    assert_type(client.conversations.list(tags={"a": "b"}), Paginator[botpress.Conversation])
    assert_type(client.files.upload("report.pdf", index=True), botpress.File)
    assert_type(client.for_bot("bot"), Botpress)
    try:
        client.users.get("user")
    except errors.ResourceNotFound as error:
        assert_type(error.type, str | None)


async def uses_botpress_asynchronously(client: AsyncBotpress) -> None:
    assert_type(await client.files.upload(b"", key="a.txt"), botpress.File)
    async for bot in client.bots.list():
        assert_type(bot.id, str)


def uses_pantheon(client: Pantheon) -> None:
    payment = client.payments.get(payment_id="pay_1")
    assert_type(payment, pantheon.Payment)
    assert_type(payment.amount, int)
    for contact in client.contacts.list():
        assert_type(contact, pantheon.Contact)


def sends_a_dict(client: Pantheon, text: TextInputDict) -> None:
    content: SendableContentDict = text
    assert_type(client.messages.send(conversation_id="cnv_1", content=content), pantheon.Message)


async def uses_pantheon_asynchronously(client: AsyncPantheon) -> None:
    assert_type((await client.otps.get(otp_id="otp_1")).id, str)


def refuses_what_is_wrong(client: RapidPro) -> None:
    client.contacts.create(nmae="Ana")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  a misspelt argument
    client.messages.list(folder="inboxx")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  no such folder
    folder: Literal["inbox"] = "inbox"
    client.messages.list(folder=folder)


def gets_by_key(client: RapidPro) -> None:
    assert_type(client.contacts.get(uuid="5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9"), rapidpro.Contact)
    assert_type(client.contacts.get(urn="tel:+250788123123"), rapidpro.Contact)
    assert_type(client.fields.get(key="age"), rapidpro.Field)
    assert_type(client.flows.get(uuid="49815b47-ec98-432a-9347-9fbeca038bc3"), rapidpro.Flow)
    assert_type(client.groups.get(name="Farmers"), rapidpro.Group)
    assert_type(client.labels.get(name="Urgent"), rapidpro.Label)
    assert_type(client.messages.get(id=4105), rapidpro.Message)
    assert_type(client.users.get(email="ana@example.com"), rapidpro.User)


async def gets_by_key_asynchronously(client: AsyncRapidPro) -> None:
    assert_type(await client.campaigns.get(uuid="3156a25b-13f5-4720-b77c-af9d5663557b"), rapidpro.Campaign)
    assert_type(await client.runs.get(id=7), rapidpro.Run)


def keeps_the_known_values_of_open_enums(contact: Contact) -> str:
    assert_type(contact.status, Literal["active", "blocked", "stopped", "archived"] | UnrecognizedStr | None)
    status: str | None = contact.status
    return "known" if contact.status == "active" else status or "none"


def reads_rows_as_mappings(client: Botpress) -> None:
    for row in client.tables.rows.find("Stock"):
        assert_type(row.id, int)
        columns: Mapping[str, object] = row
        print(row["qty"], columns.get("price"), dict(row), {row: 1})
