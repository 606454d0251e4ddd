"""A health programme on RapidPro, for type checkers alone: it is never run."""

from __future__ import annotations

import csv
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, assert_type

from trilogue import (
    AsyncPaginator,
    AsyncRapidPro,
    AttemptEvent,
    BadRequest,
    BulkItem,
    BulkResult,
    BulkStopped,
    Conflict,
    ConnectionFailed,
    InvalidArgument,
    NotFound,
    OutcomeUnknown,
    Page,
    Paginator,
    RapidPro,
    RateLimited,
    RawResponse,
    Reconciliation,
    RowIterator,
    TooManyRows,
    TrilogueError,
    UnrecognizedStr,
    Upload,
    Wait,
    WaitFailed,
    WaitTimedOut,
)
from trilogue.rapidpro import (
    Archive,
    Broadcast,
    CampaignEvent,
    Contact,
    Definitions,
    Field,
    Flow,
    FlowStart,
    Global,
    Group,
    Label,
    Media,
    Message,
    QuickReplyWrite,
    QuickReplyWriteDict,
    Reference,
    Run,
    RunContact,
    StatisticsDay,
    Ticket,
    Topic,
    Workspace,
    models,
)

ExitType = Literal["completed", "interrupted", "expired", "failed"]
LAST_WEEK = datetime.now(UTC) - timedelta(days=7)


# A client, its options, and what it reports.


def log_wait(wait: Wait) -> None:
    assert_type(wait.seconds, float)
    assert_type(wait.until, datetime)
    print(wait.reason, wait.operation, wait.attempt)


def log_attempt(event: AttemptEvent) -> None:
    assert_type(event.operation, str)
    assert_type(event.status, int | None)


def make_client() -> RapidPro:
    client = RapidPro(
        token="...",
        host="https://rapidpro.example.org",
        timeout=20,
        deadline=90,
        max_attempts=4,
        on_wait=log_wait,
        on_response=log_attempt,
        headers={"x-project": "health"},
        budget="/var/lib/health/budget",
    )
    assert_type(client.with_options(timeout=5, priority="high"), RapidPro)
    assert_type(client.rate.left, int | None)
    assert_type(client.retry_quota.left, int)
    return client


# Reading.


def read_workspace(client: RapidPro) -> str:
    workspace = client.workspace.get()
    assert_type(workspace, Workspace)
    assert_type(workspace.languages, list[str])
    assert_type(workspace.timezone, str)
    return workspace.name or workspace.uuid


def read_contacts(client: RapidPro) -> dict[str, str]:
    farmers = client.contacts.list(group="Farmers", after=LAST_WEEK)
    assert_type(farmers, Paginator[Contact])
    districts: dict[str, str] = {}
    for contact in farmers:
        assert_type(contact, Contact)
        assert_type(contact.groups, list[Reference])
        district = contact.fields["district"]
        assert_type(district, str | None)
        districts[contact.uuid] = district or "unknown"
    return districts


def read_a_few(client: RapidPro) -> None:
    assert_type(client.contacts.list().first(), Contact | None)
    assert_type(client.contacts.list().collect(50), list[Contact])
    try:
        assert_type(client.groups.list().all(max_rows=250), list[Group])
    except TooManyRows as error:
        print(error)
    page = client.messages.list(folder="inbox").page()
    assert_type(page, Page[Message])
    assert_type(page.items, list[Message])
    assert_type(page.total, int | None)
    for each in client.runs.list(after=LAST_WEEK).pages():
        assert_type(each, Page[Run])
        for run in each:
            assert_type(run.exit_type, ExitType | UnrecognizedStr | None)


def read_with_a_position(client: RapidPro, file: Path) -> None:
    runs = client.runs.list(responded=True).prefetch()
    iterator = runs.resume(file.read_text()) if file.exists() else runs.iterator()
    assert_type(iterator, RowIterator[Run])
    for run in iterator:
        assert_type(run.contact, RunContact)
        assert_type(run.values, dict[str, models.RunValue])
        assert_type(run.responded, bool)
        file.write_text(iterator.position)


def read_by_key(client: RapidPro) -> None:
    assert_type(client.flows.get(uuid=client.flows.uuid("Registration")), Flow)
    assert_type(client.groups.uuid("Farmers"), str)
    assert_type(client.labels.uuid("Urgent"), str)
    assert_type(client.topics.uuid("Billing"), str)
    assert_type(client.fields.key("District"), str)
    assert_type(client.fields.get(key="district"), Field)
    assert_type(client.tickets.get(uuid="f5901b62-0e1c-4c1b-a1ee-4d1a1dd2ba23"), Ticket)
    assert_type(client.statistics.get(since=date(2026, 1, 1)), list[StatisticsDay])
    assert_type(client.definitions.get(dependencies="all"), Definitions)


# Writing.


def register(client: RapidPro, name: str, phone: str) -> Contact | None:
    try:
        contact = client.contacts.create(
            name=name,
            urns=[f"tel:{phone}"],
            groups=[client.groups.uuid("Farmers")],
            fields={"age": 34, "district": None},
        )
    except BadRequest as error:
        assert_type(error.field_errors.get("urns[0]"), list[str] | None)
        return None
    assert_type(contact, Contact)
    assert_type(client.contacts.update(uuid=contact.uuid, language=None, note="called twice"), Contact)
    assert_type(client.contacts.delete(urn=f"tel:{phone}"), None)
    return contact


def greet(client: RapidPro, contact: Contact) -> None:
    photo = client.media.upload(Upload(b"\x89PNG", "map.png", "image/png"))
    assert_type(photo, Media)
    yes: QuickReplyWriteDict = {"text": "Yes"}
    message = client.messages.send(
        contact=contact.uuid,
        text="Is it raining?",
        attachments=[photo.uuid],
        quick_replies=[yes, QuickReplyWrite(text="No")],
    )
    assert_type(message, Message)
    assert_type(message.attachments, list[models.Attachment])
    assert_type(message.sent_on, datetime | None)
    assert_type(client.message_actions.perform(messages=[message.id], action="label", label_name="Rain"), list[int])


def announce(client: RapidPro) -> Broadcast:
    broadcast = client.broadcasts.send(
        groups=["Farmers"],
        text={"eng": "Rain tomorrow", "kin": "Ejo imvura"},
        quick_replies={"eng": [{"text": "Thanks"}], "kin": [{"text": "Murakoze"}]},
        base_language="eng",
    )
    assert_type(broadcast, Broadcast)
    try:
        return client.broadcasts.wait(broadcast, deadline=600, on_progress=show_broadcast)
    except WaitFailed as error:
        assert_type(error.state, Any)
        raise
    except WaitTimedOut as error:
        print("later:", error.key)
        return broadcast


def show_broadcast(broadcast: Broadcast) -> None:
    assert_type(
        broadcast.status,
        Literal["pending", "queued", "started", "completed", "failed", "interrupted", "sent"] | UnrecognizedStr,
    )


def set_up(client: RapidPro) -> None:
    try:
        assert_type(client.groups.create(name="Beekeepers"), Group)
        assert_type(client.labels.create(name="Urgent"), Label)
        assert_type(client.topics.create(name="Billing"), Topic)
        assert_type(client.fields.create(name="Hives", type="number"), Field)
        assert_type(client.globals.create(name="Hotline", value="+250788000000"), Global)
    except Conflict as error:
        print("the workspace is full:", error.message)
    campaign = client.campaigns.create(name="Reminders", group=client.groups.uuid("Beekeepers"))
    event = client.campaign_events.create(
        campaign=campaign.uuid, relative_to="created_on", offset=1, unit="days", delivery_hour=9, message="Hello"
    )
    assert_type(event, CampaignEvent)
    assert_type(event.offset, int)
    assert_type(event.flow, Reference | None)


def ask(client: RapidPro, urns: list[str]) -> None:
    start = client.flow_starts.start(flow=client.flows.uuid("Survey"), urns=urns, params={"season": "spring"})
    assert_type(start, FlowStart)
    assert_type(client.flow_starts.wait(start), FlowStart)
    assert_type(start.params, dict[str, Any] | None)


# What can fail, and whether it happened.


def remind(client: RapidPro, urn: str) -> Message | None:
    try:
        return client.messages.send(contact=urn, text="Your appointment is tomorrow.")
    except InvalidArgument as error:
        print(error)
    except RateLimited as error:
        assert_type(error.retry_at, datetime | None)
        assert_type(error.retry_after, float | None)
    except OutcomeUnknown as error:
        assert_type(error.sent_at, datetime)
        found = client.reconcile(error)
        assert_type(found, Reconciliation)
        assert_type(found.outcome, Literal["carried_out", "not_carried_out", "cannot_tell"])
        print(found.reason)
    except NotFound as error:
        assert_type(error.status, int)
    except ConnectionFailed as error:
        assert_type(error.is_safe_to_retry, bool)
    except TrilogueError as error:
        raise SystemExit(str(error)) from error
    return None


# Many items.


def rows(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8", newline="") as lines:
        for phone, name in csv.reader(lines):
            yield {"urn": f"tel:{phone}", "name": name}


def import_contacts(client: RapidPro, file: Path) -> None:
    plan = client.contacts.create_or_update_many(rows(file), dry_run=True)
    assert_type(plan.seconds, float | None)
    try:
        result = client.contacts.create_or_update_many(
            rows(file), ledger=file.with_suffix(".ledger"), max_failures=0.05
        )
    except BulkStopped as error:
        assert_type(error.result, BulkResult[Any])
        raise
    assert_type(result, BulkResult[Contact])
    assert_type(result.results, list[Contact])
    for failure in result.failures:
        assert_type(failure, BulkItem[Contact])
        assert_type(failure.state, Literal["done", "failed", "unknown", "skipped"])


def add_all(client: RapidPro, contacts: list[str]) -> int:
    result = client.contact_actions.perform_many(contacts=contacts, action="add", group="Farmers")
    assert_type(result, BulkResult[None])
    return result.done


# Raw responses, custom requests, files.


def look_closer(client: RapidPro, folder: Path) -> None:
    response = client.with_raw_response.contacts.list(group="Farmers")
    assert_type(response, RawResponse[models.ContactList])
    assert_type(response.parse().results, list[Contact])
    assert_type(response.status, int)
    assert_type(response.content, bytes)
    custom: RawResponse[Any] = client.request("GET", "/contacts.json", query={"group": "Farmers"})
    assert_type(custom.headers.get("x-request-id"), str | None)
    for archive in client.archives.list(period="monthly", before=date(2026, 1, 1)):
        assert_type(client.archives.download(archive, to=folder / f"{archive.start_date}.jsonl.gz"), Archive)


def describe(value: Contact | Message | Ticket) -> str:
    match value:
        case Contact(name=str(name)):
            return name
        case Message(text=text):
            return text
        case Ticket(uuid=uuid):
            return uuid
        case _:
            return "?"


# The same with asyncio.


async def unread(client: AsyncRapidPro) -> AsyncGenerator[Message, None]:
    messages = client.messages.list(folder="inbox", after=LAST_WEEK)
    assert_type(messages, AsyncPaginator[Message])
    async for message in messages:
        assert_type(message.direction, Literal["in", "out"] | UnrecognizedStr)
        yield message


async def answer() -> None:
    async with AsyncRapidPro(token="...") as client, aclosing(unread(client)) as messages:
        async for message in messages:
            assert_type(await client.messages.send(contact=message.contact.uuid, text="Thank you"), Message)
        assert_type(await client.groups.uuid("Farmers"), str)
        broadcast = await client.broadcasts.send(groups=["Farmers"], text="Done")
        assert_type(await client.broadcasts.wait(broadcast), Broadcast)
        assert_type(await client.contacts.list().collect(3), list[Contact])
        assert_type((await client.with_raw_response.contacts.get(urn="tel:+250788123123")).parse(), Contact)
        assert_type(await client.contacts.create_many([{"name": "Ana"}]), BulkResult[Contact])
