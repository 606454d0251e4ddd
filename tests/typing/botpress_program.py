"""A support desk on Botpress Cloud, for type checkers alone: it is never run."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, assert_type

from trilogue import (
    AsyncBotpress,
    AsyncPaginator,
    Botpress,
    BulkResult,
    Conflict,
    LimitReached,
    NotFound,
    OutcomeUnknown,
    Page,
    Paginator,
    RateLimited,
    RawResponse,
    RowIterator,
    TimedOut,
    UnrecognizedStr,
    Upload,
    WaitFailed,
)
from trilogue.botpress import (
    Bot,
    BotVersionDownload,
    Conversation,
    Event,
    File,
    FoundPassage,
    Message,
    Row,
    Schedule,
    ScheduleDict,
    State,
    Table,
    TableJob,
    TagCondition,
    TagConditionDict,
    User,
    Workflow,
    models,
)
from trilogue.botpress.errors import ResourceNotFound, Runtime, UploadFailed

SOON: ScheduleDict = {"delay": 60_000}


# Clients for several bots.


def make_clients() -> Iterator[Botpress]:
    with Botpress(token="...", workspace_id="...") as client:
        for bot in client.bots.list():
            assert_type(bot.id, str)
            assert_type(bot.created_at, datetime)
            yield client.for_bot(bot.id)
        assert_type(client.for_workspace("wkspace_1"), Botpress)
        assert_type(client.for_integration("intver_1", alias="second"), Botpress)
        assert_type(client.with_options(timeout=5, headers={"x-user-id": "user_1"}), Botpress)


def create_bot(client: Botpress) -> Bot:
    bot = client.bots.create(
        name="Greeter",
        user={"tags": {"village": {}}},
        configuration={"schema": {"type": "object"}},
        states={"order": {"type": "conversation", "schema": {"type": "object"}}},
        recurring_events={"daily": {"type": "tick", "payload": {}, "schedule": {"cron": "0 9 * * *"}}},
    )
    assert_type(bot, Bot)
    assert_type(client.bots.wait(bot), Bot)
    assert_type(client.bots.update(bot.id, tags={"team": None}), Bot)
    assert_type(client.bots.delete(bot.id), None)
    return bot


# Talking.


def talk(client: Botpress) -> Conversation:
    user = client.users.get_or_create(tags={"email": "ana@example.com"}, discriminate_by_tags=["email"], name="Ana")
    assert_type(user, User)
    assert_type(user.tags, dict[str, str])
    conversation = client.conversations.create(channel="channel", tags={})
    assert_type(conversation, Conversation)
    message = client.messages.create(
        conversation_id=conversation.id, user_id=user.id, type="text", payload={"text": "Good morning"}, tags={}
    )
    assert_type(message, Message)
    assert_type(message.payload, dict[str, Any])
    assert_type(message.direction, Literal["incoming", "outgoing"] | UnrecognizedStr)
    later = client.messages.create(
        conversation_id=conversation.id, user_id=user.id, type="text", payload={}, tags={}, schedule=SOON
    )
    assert_type(later, Message)
    state = client.states.set("conversation", conversation.id, "order", payload={"step": 1}, expiry=None)
    assert_type(state, State)
    return conversation


def listen(client: Botpress, conversation: Conversation) -> None:
    messages = client.messages.list(conversation_id=conversation.id)
    assert_type(messages, Paginator[Message])
    assert_type(messages.first(), Message | None)
    assert_type(messages.page(), Page[Message])
    for message in messages:
        assert_type(message.user_id, str)
        assert_type(message.created_at, datetime)
    for participant in client.conversations.participants.list(conversation.id):
        assert_type(participant, User)
    assert_type(client.conversations.list(tags={"team": "sales"}, page_size=50).collect(10), list[Conversation])


def automate(client: Botpress, conversation: Conversation) -> None:
    event = client.events.create(type="orderPlaced", payload={"id": 1}, schedule=Schedule(delay=1000))
    assert_type(event, Event)
    assert_type(client.events.wait(event), Event)
    workflow = client.workflows.create(name="refund", status="pending", conversation_id=conversation.id)
    assert_type(workflow, Workflow)
    try:
        assert_type(client.workflows.wait(workflow.id, deadline=None), Workflow)
    except WaitFailed as error:
        print(error.state, error.last)
    try:
        assert_type(client.actions.call(type="lookUp", input={"item": "pump"}), dict[str, Any])
    except Runtime as error:
        assert_type(error.message, str)


# Files.


def share_files(client: Botpress, folder: Path) -> File | None:
    try:
        file = client.files.upload(folder / "guide.md", index=True, tags={"team": "sales"}, wait=60)
    except UploadFailed as error:
        assert_type(error.file, File | models.UpsertedFile)
        return None
    except TimedOut:
        return None
    assert_type(file, File)
    assert_type(file.size, int | None)
    assert_type(client.files.wait(file), File)
    assert_type(client.files.download(file.id, to=folder / "copy.md"), File)
    assert_type(client.files.download("guide.md", to=io.BytesIO()), File)
    assert_type(client.files.upload(Upload(b"...", "a.txt", "text/plain"), key="a.txt"), File)
    wanted: TagConditionDict = {"exists": True}
    for found in client.files.list(
        tags={"team": ["sales", "legal"], "draft": TagCondition(exists=False), "year": wanted}
    ):
        assert_type(found.key, str)
    passages = client.files.search(query="how do I open the pump?", limit=3)
    assert_type(passages, list[FoundPassage])
    assert_type(passages[0].score, float)
    return file


def keep_versions(client: Botpress, bot: Bot, folder: Path) -> None:
    version = client.bots.versions.create(bot.id, name="Before the sale", description="")
    download = client.bots.versions.download(bot.id, version.id, to=folder / "bot.bpz")
    assert_type(download, BotVersionDownload)


# Tables.


def count_stock(client: Botpress) -> None:
    assert_type(client.tables.create(name="StockTable", schema={"item": "pump", "qty": 3}), Table)
    for row in client.tables.rows.find(
        "StockTable", filter={"qty": {"$gt": 2}}, order_by="qty", order_direction="desc"
    ):
        assert_type(row, Row)
        columns: Mapping[str, Any] = row
        print(row["qty"], columns.get("item"), row.id)
    answer = client.tables.rows.upsert("StockTable", rows=[{"item": "pump", "qty": 2}], key_column="item")
    assert_type(answer.inserted, list[Row])
    assert_type(answer.warnings, list[str] | None)
    many = client.tables.rows.create_many("StockTable", rows=({"item": str(number)} for number in range(5000)))
    assert_type(many.done, int)
    assert_type(client.tables.rows.delete_many("StockTable", ids=range(10)).failed, int)
    job = client.tables.export("StockTable", format="csv")
    assert_type(job, TableJob)
    assert_type(client.tables.wait_for_job("StockTable", job), TableJob)
    assert_type(client.tables.jobs("StockTable"), list[TableJob])


def report(result: BulkResult[models.UpsertTableRowsAnswer]) -> None:
    for failure in result.failures:
        assert_type(failure.reason, Exception | str | None)
        assert_type(failure.result, models.UpsertTableRowsAnswer | None)


# Data of a bot, its versions and logs.


def remember(client: Botpress, conversation: Conversation) -> None:
    state = client.states.get_or_set("conversation", conversation.id, "order", payload={"step": 0})
    assert_type(state, State)
    assert_type(client.states.patch("conversation", conversation.id, "order", payload={"step": 2}), State)
    assert_type(client.conversations.update(conversation.id, tags={"closed": "yes", "team": None}), Conversation)
    assert_type(client.conversations.participants.add(conversation.id, user_id="user_1"), User)
    assert_type(client.conversations.participants.remove(conversation.id, "user_1"), None)


def look_after(client: Botpress, bot: Bot) -> None:
    for entry in client.bots.logs(bot.id, time_start=bot.created_at):
        assert_type(entry.timestamp, datetime)
        assert_type(entry.message, str)
    for issue in client.bots.issues.list(bot.id):
        assert_type(issue.title, str)
        assert_type(client.bots.issues.delete(bot.id, issue.id), None)
    for run in client.bots.action_runs(bot.id, integration_name="telegram", timestamp_from=bot.created_at):
        assert_type(run.timestamp, datetime)
    for version in client.bots.versions.list(bot.id):
        assert_type(version.id, str)
    key = client.bots.api_keys.create(bot_id=bot.id)
    for known in client.bots.api_keys.list(bot_id=bot.id):
        if known.id != key.id:
            assert_type(client.bots.api_keys.delete(known.id), None)


def spend_carefully(client: Botpress) -> None:
    rate = client.rate
    assert_type(rate.left, int | None)
    slow = client.with_options(priority="low", deadline=None, max_attempts=5)
    conversations = slow.conversations.list(page_size=100).iterator()
    for conversation in conversations:
        assert_type(conversation.tags, dict[str, str])
    assert_type(conversations.position, str)
    assert_type(slow.conversations.list().resume(conversations.position), RowIterator[Conversation])


# Errors, raw responses.


def look_up(client: Botpress, name: str) -> Table | None:
    try:
        return client.tables.get(name)
    except ResourceNotFound as error:
        assert_type(error.type, str | None)
        assert_type(error.request_id, str | None)
    except (LimitReached, RateLimited) as error:
        print(error.message)
    except NotFound:
        raise
    except Conflict as error:
        assert_type(error.body, Any)
    except OutcomeUnknown as error:
        found = client.reconcile(error, settle=0)
        assert_type(found.object, Any)
    return None


def look_closer(client: Botpress) -> None:
    response = client.with_raw_response.users.get_or_create(tags={"email": "a@example.com"})
    assert_type(response.parse(), User)
    assert_type(response.json(), Any)
    listed = client.with_raw_response.bots.list()
    assert_type(listed.parse(), models.BotList)
    custom: RawResponse[Any] = client.request("GET", "/v1/chat/users", query={"pageSize": "1"})
    assert_type(custom.status, int)


def administrate(client: Botpress) -> None:
    for workspace in client.workspaces.list():
        assert_type(workspace.name, str)
    for member in client.workspaces.members.list():
        assert_type(member.email, str)
    assert_type(client.billing.subscription.get(), models.Subscription)
    for activity in client.hub.integrations.list():
        assert_type(activity.name, str)


# The same with asyncio.


async def answer_all(bot_ids: list[str]) -> None:
    async with AsyncBotpress(token="...", workspace_id="...") as client:
        assert_type(client.bots.list(), AsyncPaginator[models.BotSummary])
        await asyncio.gather(*(answer_one(client.for_bot(bot_id)) for bot_id in bot_ids))


async def answer_one(client: AsyncBotpress) -> None:
    async for conversation in client.conversations.list():
        last = await client.messages.list(conversation_id=conversation.id).first()
        assert_type(last, Message | None)
    file = await client.files.upload("guide.md")
    assert_type(file, File)
    assert_type(await client.files.download(file.id, to="copy.md"), File)
    assert_type(await client.tables.rows.upsert_many("T", rows=[]), BulkResult[models.UpsertTableRowsAnswer])
    assert_type((await client.with_raw_response.users.get(file.id)).parse(), User)
