"""Every method of the Botpress client, sync and async, against the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from trilogue import InvalidArgument, NotFound, Upload, WaitFailed, WaitTimedOut
from trilogue.botpress import errors, models
from trilogue_generated.botpress.client import Resources
from trilogue_sandbox.botpress.logs import TASK_ID
from trilogue_sandbox.platform_sandbox import PlatformSandbox

from tests.clients.blocking import methods_of
from tests.clients.conftest import CALLED

GUIDE = b"# Pumps\n\nClose the valve before you open the pump.\n\n## Repair\n\nGrease the rubber ring.\n"
PEOPLE = {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "number"}}}


def ids(rows: Any) -> list[str]:
    return [row.id for row in rows]


def parties(botpress: Any) -> dict[str, str]:
    """Make a user and a conversation; return their ids as the arguments of a message."""
    user = botpress.users.create(tags={"name": "Ana"})
    conversation = botpress.conversations.create(channel="channel", tags={"topic": "pumps"})
    return {"user_id": user.id, "conversation_id": conversation.id}


# Talking: conversations, messages, users, events.


def test_a_conversation_is_opened_changed_found_and_closed(botpress: Any) -> None:
    conversation = botpress.conversations.create(channel="channel", tags={"topic": "pumps"}, properties={"step": "1"})
    changed = botpress.conversations.update(conversation.id, tags={"topic": "rings"}, properties={"step": None})

    assert (conversation.integration, conversation.tags) == ("telegram", {"topic": "pumps"})
    assert (changed.tags, changed.properties) == ({"topic": "rings"}, {})
    assert ids(botpress.conversations.list(tags={"topic": "rings"})) == [conversation.id]
    assert ids(botpress.conversations.list(tags={"topic": "pumps"})) == []
    assert botpress.conversations.get(conversation.id) == changed
    assert botpress.conversations.delete(conversation.id) is None
    with pytest.raises(NotFound):
        botpress.conversations.get(conversation.id)


def test_a_conversation_is_found_again_by_its_tags(botpress: Any) -> None:
    known = {"channel": "channel", "tags": {"topic": "pumps"}, "discriminate_by_tags": ["topic"]}

    first, again = (botpress.conversations.get_or_create(**known) for _ in range(2))
    response = botpress.with_raw_response.conversations.get_or_create(**known)

    assert first.id == again.id == response.parse().id
    assert response.json()["meta"] == {"created": False}


def test_participants_join_and_leave_a_conversation(botpress: Any) -> None:
    who = parties(botpress)
    conversation, user = who["conversation_id"], who["user_id"]

    added = botpress.conversations.participants.add(conversation, user_id=user)

    assert added == botpress.conversations.participants.get(conversation, user)
    assert user in ids(botpress.conversations.participants.list(conversation))
    assert conversation in ids(botpress.conversations.list(participant_ids=[user]))
    assert botpress.conversations.participants.remove(conversation, user) is None
    assert user not in ids(botpress.conversations.participants.list(conversation))


def test_a_message_is_sent_changed_found_and_deleted(botpress: Any) -> None:
    who = parties(botpress)

    message = botpress.messages.create(**who, type="text", payload={"text": "Hello"}, tags={"topic": "pumps"})
    changed = botpress.messages.update(message.id, payload={"text": "Goodbye"}, tags={"topic": ""})

    assert (message.direction, message.payload) == ("outgoing", {"text": "Hello"})
    assert (changed.payload, changed.tags) == ({"text": "Goodbye"}, {})
    assert botpress.messages.get(message.id) == changed
    assert ids(botpress.messages.list(conversation_id=who["conversation_id"])) == [message.id]
    assert botpress.messages.delete(message.id) is None
    assert ids(botpress.messages.list(conversation_id=who["conversation_id"])) == []


def test_a_message_is_created_once_by_repeated_get_or_create(botpress: Any) -> None:
    said = {**parties(botpress), "type": "text", "payload": {"text": "Hello"}, "tags": {"source": "form-7"}}

    first, again = (botpress.messages.get_or_create(**said, discriminate_by_tags=["source"]) for _ in range(2))

    assert first.id == again.id
    assert ids(botpress.messages.list(tags={"source": "form-7"})) == [first.id]


def test_a_scheduled_message_is_sent_later(botpress: Any, botpress_sandbox: PlatformSandbox) -> None:
    who = parties(botpress)
    schedule = models.Schedule(delay=60_000)

    botpress.messages.create(**who, type="text", payload={"text": "Later"}, tags={}, schedule=schedule)

    assert ids(botpress.messages.list(conversation_id=who["conversation_id"])) == []
    botpress_sandbox.sandbox.advance(timedelta(minutes=2))
    assert len(ids(botpress.messages.list(conversation_id=who["conversation_id"]))) == 1


def test_past_messages_are_imported_and_those_that_cannot_be_are_named(botpress: Any) -> None:
    who = parties(botpress)
    past = {"type": "text", "tags": {}, "created_at": datetime(2025, 3, 1, tzinfo=UTC), "discriminate_by_tags": []}
    good = models.MessageToImport(payload={"text": "Good"}, **past, **who)
    bad = models.MessageToImport(payload={"text": "Bad"}, **past, **{**who, "user_id": "user_" + "0" * 26})

    assert [message.created_at for message in botpress.messages.import_(messages=[good])] == [past["created_at"]]
    with pytest.raises(errors.ReferenceNotFound) as raised:
        botpress.messages.import_(messages=[good, bad])
    metadata = raised.value.body["metadata"]
    assert [len(metadata[name]) for name in ("resolvedMessages", "failedMessages")] == [1, 1]


def test_an_integration_initializes_an_incoming_message(botpress_as: Callable[..., Any]) -> None:
    telegram = botpress_as("iak")
    arrival = {
        "user": models.IncomingUser(tags={"id": "42"}, name="Ben", discriminate_by_tags=["id"]),
        "conversation": {"channel": "channel", "tags": {"chatId": "7"}, "discriminateByTags": ["chatId"]},
        "message": {"type": "text", "payload": {"text": "Hi"}, "tags": {"id": "1"}, "discriminateByTags": ["id"]},
    }

    first, again = (telegram.messages.initialize_incoming(**arrival) for _ in range(2))

    assert first.message.direction == "incoming"
    assert (first.user.id, first.conversation.id, first.message.id) == (
        again.user.id,
        again.conversation.id,
        again.message.id,
    )


def test_a_user_is_created_found_changed_and_deleted(botpress: Any) -> None:
    user = botpress.users.create(tags={"email": "ana@example.com"}, name="Ana", properties={"village": "Gasabo"})
    again = botpress.users.get_or_create(tags={"email": "ana@example.com"}, discriminate_by_tags=["email"])
    changed = botpress.users.update(user.id, name=None, tags={"plan": "plus"}, properties={"village": None})

    assert again.id == user.id
    assert (changed.name, changed.tags, changed.properties) == (None, user.tags | {"plan": "plus"}, {})
    assert botpress.users.get(user.id) == changed
    assert ids(botpress.users.list(tags={"plan": "plus"})) == [user.id]
    assert "plus" in [found.value for found in botpress.tags.list_values("plan", type="user")]
    assert botpress.users.delete(user.id) is None
    assert user.id not in ids(botpress.users.list())


def test_dates_filter_a_list(botpress: Any, botpress_sandbox: PlatformSandbox) -> None:
    early = botpress.users.create(tags={})
    botpress_sandbox.sandbox.advance(timedelta(days=1))
    late = botpress.users.create(tags={})

    found = ids(botpress.users.list(after_date=early.created_at + timedelta(hours=1), sort_direction="asc"))

    assert found == [late.id]


def test_an_event_is_created_and_a_scheduled_one_is_canceled(botpress: Any) -> None:
    event = botpress.events.create(type="orderPlaced", payload={"order": 7})
    later = botpress.events.create(type="orderPlaced", payload={}, schedule={"delay": 60_000})

    assert botpress.events.get(event.id).payload == {"order": 7}
    assert ids(botpress.events.list(type="orderPlaced", status="scheduled")) == [later.id]
    assert botpress.events.cancel(later.id) is None
    assert botpress.events.get(later.id).status == "canceled"
    with pytest.raises(WaitFailed, match="it is canceled"):
        botpress.events.wait(later)
    with pytest.raises(NotFound, match="no scheduled event"):
        botpress.events.cancel(later.id)


def test_the_time_of_a_schedule_may_be_a_datetime_without_a_fraction(botpress: Any) -> None:
    event = botpress.events.create(type="orderPlaced", payload={})
    time = event.created_at.replace(microsecond=0) + timedelta(hours=1)

    later = botpress.events.create(type="orderPlaced", payload={}, schedule={"date_time": time})

    assert botpress.events.get(later.id).status == "scheduled"


# Working: states, workflows, actions, what is counted.


def test_a_state_is_set_patched_kept_and_expired(botpress: Any, botpress_sandbox: PlatformSandbox) -> None:
    address = ("conversation", parties(botpress)["conversation_id"], "order")

    botpress.states.set(*address, payload={"step": 1, "item": "pump"})
    assert botpress.states.patch(*address, payload={"step": 2}).payload == {"step": 2, "item": "pump"}
    assert botpress.states.get_or_set(*address, payload={"step": 9}).payload["step"] == 2
    assert botpress.states.set_expiry(*address, expiry=60_000).expiry == 60_000
    assert botpress.states.get(*address).payload["item"] == "pump"
    botpress_sandbox.sandbox.advance(timedelta(minutes=2))
    with pytest.raises(NotFound):
        botpress.states.get(*address)


def test_a_workflow_runs_to_its_end(botpress: Any) -> None:
    event = botpress.events.create(type="orderPlaced", payload={})
    known = {"name": "order", "tags": {"order": "7"}, "discriminate_by_tags": ["order"]}

    workflow = botpress.workflows.create(name="order", status="pending", input={"item": 7}, tags={"order": "7"})
    botpress.workflows.update(workflow.id, status="in_progress", event_id=event.id)
    again = botpress.workflows.get_or_create(**known, status="pending", discriminate_by_status_group="active")
    done = botpress.workflows.update(workflow.id, status="completed", output={"sum": 3})

    assert again.id == workflow.id
    assert (done.output, botpress.workflows.get(workflow.id)) == ({"sum": 3}, done)
    assert botpress.workflows.wait(workflow) == done
    assert ids(botpress.workflows.list(statuses=["completed", "failed"], name="order")) == [workflow.id]
    assert botpress.workflows.delete(workflow.id) is None
    assert ids(botpress.workflows.list(tags={"order": "7"})) == []


def test_an_action_returns_its_output_or_raises_the_error_of_its_code(
    botpress: Any, botpress_sandbox: PlatformSandbox
) -> None:
    botpress_sandbox.control("set_action", type="lookUp", output={"price": 12})
    assert botpress.actions.call(type="lookUp", input={"item": "pump"}) == {"price": 12}

    botpress_sandbox.control("set_action", type="lookUp", error="sold out")
    with pytest.raises(errors.Runtime, match="sold out"):
        botpress.actions.call(type="lookUp", input={"item": "pump"})


def test_analytics_and_observations_are_recorded(
    botpress: Any, botpress_as: Callable[..., Any], botpress_sandbox: PlatformSandbox
) -> None:
    assert botpress.analytics.track(name="orders", count=3) is None
    assert botpress.observations.capture(name="slow_answer", data={"seconds": 9}) is None
    assert botpress_as("iak").integrations.configure(schedule_register_call="daily") is None

    now = botpress_sandbox.sandbox.now()
    (record,) = botpress.bots.analytics(bot_of(botpress_sandbox), start_date=now - timedelta(hours=1), end_date=now)
    assert record.custom_events == {"orders": 3}


def bot_of(botpress_sandbox: PlatformSandbox) -> str:
    return botpress_sandbox.credentials["bot_id"]


# Files.


def test_a_file_is_uploaded_tagged_copied_and_deleted(botpress: Any, tmp_path: Any) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"Hello")

    file = botpress.files.upload(path, tags={"team": "support", "old": "yes"}, metadata={"pages": 1}, wait=5)
    changed = botpress.files.update_metadata(file.id, tags={"old": None}, metadata={"pages": 2})
    copied = botpress.files.copy(file.id, "notes/copy.txt")

    assert (file.key, file.status, file.size, file.content_type) == ("notes.txt", "upload_completed", 5, "text/plain")
    assert (changed.tags, changed.metadata) == ({"team": "support"}, {"pages": 2})
    assert copied.tags == changed.tags
    assert ids(botpress.files.list(tags={"team": "support"}, sort_field="key", sort_direction="asc")) == [
        file.id,
        copied.id,
    ]
    assert ids(botpress.files.list(ids=[file.id])) == [file.id]
    assert "team" in list(botpress.files.tags.list())
    assert list(botpress.files.tags.list_values("team")) == ["support"]
    assert botpress.files.delete("notes/copy.txt") is None
    with pytest.raises(NotFound):
        botpress.files.get("notes/copy.txt")


def test_a_file_created_in_two_steps_waits_for_its_content(botpress: Any) -> None:
    made = botpress.files.upsert(key="later.txt", size=5)

    assert (made.status, made.size) == ("upload_pending", None)
    assert made.upload_url.startswith("http")


def test_an_indexed_file_is_searched_by_meaning(botpress: Any) -> None:
    file = botpress.files.upload(GUIDE, key="guide.md", index=True, wait=60)

    assert (file.status, file.content_type) == ("indexing_completed", "text/markdown")
    assert botpress.files.wait("guide.md").status == "indexing_completed"
    best = botpress.files.search(query="how do I open the pump?", with_context=True)[0]
    assert (best.content, best.file.id) == ("Close the valve before you open the pump.", file.id)
    assert "Grease the rubber ring." in [passage.content for passage in botpress.files.passages.list(file.id)]


def test_passages_can_be_set_explicitly(botpress: Any, botpress_sandbox: PlatformSandbox) -> None:
    file = botpress.files.upload(Upload(GUIDE, "guide.md"), index=True, wait=60)

    botpress.files.passages.set(file.id, passages=[models.PassageToSet("The ring is made of rubber.", page_number=3)])
    botpress_sandbox.sandbox.advance(timedelta(minutes=1))

    assert [found.content for found in botpress.files.search(query="rubber")] == ["The ring is made of rubber."]


def test_a_knowledge_base_is_created_renamed_found_and_deleted(botpress: Any) -> None:
    base = botpress.files.knowledge_bases.create(name="Pumps", tags={"team": "support"})

    changed = botpress.files.knowledge_bases.update(base.id, name="All pumps", tags={"team": None})

    assert (changed.name, changed.tags) == ("All pumps", {})
    assert base.id in ids(botpress.files.knowledge_bases.list())
    assert botpress.files.knowledge_bases.delete(base.id) is None
    assert base.id not in ids(botpress.files.knowledge_bases.list())


# Tables.


def column(name: str, rows: Any) -> list[Any]:
    return [row[name] for row in rows]


def test_a_table_is_created_changed_and_deleted(botpress: Any) -> None:
    table = botpress.tables.create(name="PeopleTable", schema=PEOPLE, tags={"topic": "people"})
    same = botpress.tables.get_or_create("PeopleTable", schema=PEOPLE)
    changed = botpress.tables.update("PeopleTable", factor=2, key_column="name")
    renamed = botpress.tables.rename_column("PeopleTable", name="age", new_name="years")

    assert same.id == table.id
    assert (changed.factor, changed.key_column) == (2, "name")
    assert list(renamed.schema.properties) == ["name", "years"]
    assert botpress.tables.get(table.id).name == "PeopleTable"
    assert ids(botpress.tables.list(tags={"topic": "people"})) == [table.id]
    assert botpress.tables.delete("PeopleTable") is None
    assert table.id not in ids(botpress.tables.list())


def test_rows_are_created_found_changed_and_deleted(botpress: Any) -> None:
    botpress.tables.create(name="PeopleTable", schema=PEOPLE)
    rows = botpress.tables.rows

    made = rows.create(
        "PeopleTable", rows=[{"name": "Ana", "age": 34}, {"name": "Ben", "age": 19}, {"name": "Eve", "hat": 1}]
    )
    changed = rows.update("PeopleTable", rows=[{"id": 1, "age": 35}])
    upserted = rows.upsert("PeopleTable", rows=[{"name": "Ben", "age": 20}, {"name": "Cleo"}], key_column="name")

    assert column("name", made.rows) == ["Ana", "Ben", "Eve"]
    assert "hat" in made.warnings[0]
    assert changed.rows == [rows.get("PeopleTable", id=1)]
    assert column("age", changed.rows) == [35]
    assert (ids(upserted.updated), column("name", upserted.inserted)) == ([2], ["Cleo"])
    found = rows.find("PeopleTable", filter={"age": {"$gt": 18}}, order_by="age", order_direction="desc", limit=1)
    assert column("name", found) == ["Ana", "Ben"]
    assert rows.delete("PeopleTable", filter={"name": "Cleo"}).job.status == "pending"
    assert rows.delete("PeopleTable", ids=[1]).deleted_rows == 1
    with pytest.raises(InvalidArgument, match="ids, filter, delete_all_rows"):
        rows.delete("PeopleTable")


def test_many_rows_are_created_changed_and_deleted_in_few_calls(botpress: Any) -> None:
    rows = botpress.tables.rows
    botpress.tables.create(name="PeopleTable", schema=PEOPLE)
    people = [{"name": f"Person {number}", "age": number} for number in range(1005)]
    made = rows.create_many("PeopleTable", rows=iter([*people, {"name": "x" * 5000}]))
    assert (made.calls, made.done, [each.index for each in made.failures]) == (2, 1005, [1005])

    numbers = [row.id for answer in made.results for row in answer.rows]
    changed = rows.update_many("PeopleTable", rows=[{"id": number, "age": 7} for number in [*numbers[:3], 99999]])
    assert [each.state for each in changed.items] == ["done", "done", "done", "failed"]
    upserted = rows.upsert_many("PeopleTable", rows=[{"name": "Person 0", "age": 8}], key_column="name")
    assert [row.id for row in upserted.results[0].updated] == numbers[:1]
    assert rows.delete_many("PeopleTable", ids=numbers).calls == 2
    assert list(rows.find("PeopleTable")) == []


def test_rows_of_all_pages_are_yielded_once(botpress: Any) -> None:
    botpress.tables.create(name="PeopleTable", schema=PEOPLE)
    rows = botpress.tables.rows
    rows.create("PeopleTable", rows=[{"name": f"Person {number}", "age": number % 7} for number in range(250)])

    assert ids(rows.find("PeopleTable")) == list(range(1, 251))
    assert ids(rows.find("PeopleTable", limit=7)) == list(range(1, 251))
    assert ids(rows.find("PeopleTable", limit=100, offset=150)) == list(range(151, 251))
    assert ids(rows.find("PeopleTable", limit=9, filter={"age": 0})) == list(range(1, 251, 7))
    by_age = ids(rows.find("PeopleTable", limit=11, order_by="age", order_direction="desc"))
    assert (len(by_age), sorted(by_age)) == (250, list(range(1, 251)))
    assert sum(row["name"]["count"] for row in grouped(rows, limit=2)) == 250


def grouped(rows: Any, limit: int) -> list[Any]:
    return list(rows.find("PeopleTable", group={"age": "key", "name": "count"}, limit=limit))


def test_a_table_is_exported_imported_and_duplicated(botpress: Any, botpress_sandbox: PlatformSandbox) -> None:
    source = botpress.tables.create(name="PeopleTable", schema=PEOPLE)
    botpress.tables.create(name="CopyTable", schema=PEOPLE)
    botpress.tables.rows.create("PeopleTable", rows=[{"name": "Ana", "age": 34}])

    started = botpress.tables.export("PeopleTable", format="csv")
    botpress_sandbox.sandbox.advance(timedelta(seconds=5))
    exported = botpress.tables.wait_for_job("PeopleTable", started)
    assert exported in botpress.tables.jobs("PeopleTable")
    imported = botpress.tables.import_("CopyTable", file_id=exported.output_file_id)
    botpress_sandbox.sandbox.advance(timedelta(seconds=5))
    copy = botpress.tables.duplicate(source.id, table_name="TwinTable")

    assert (started.status, exported.status, imported.type) == ("pending", "completed", "import")
    assert column("name", botpress.tables.rows.find("CopyTable")) == ["Ana"]
    assert (copy.table.name, copy.rows) == ("TwinTable", 1)


# Bots.


def test_a_bot_is_created_changed_found_and_deleted(botpress: Any) -> None:
    bot = botpress.bots.create(
        name="Greeter",
        tags={"team": "support"},
        user=models.TagsDefinitionInput(tags={"vip": models.TagDefinitionInput()}),
        configuration={"data": {"language": "kin"}, "schema": {"type": "object"}},
        secrets={"API_KEY": "secret"},
    )
    changed = botpress.bots.update(
        bot.id,
        name="Welcomer",
        actions={"greet": {"input": {"schema": {"type": "object"}}, "output": {"schema": {"type": "object"}}}},
        secrets={"API_KEY": None},
    )

    assert (bot.secrets, list(bot.user.tags)) == (["API_KEY"], ["vip"])
    assert bot.signing_secret != changed.signing_secret == "****"
    assert (changed.name, list(changed.actions), changed.secrets) == ("Welcomer", ["greet"], [])
    assert botpress.bots.get(bot.id) == botpress.bots.wait(bot) == changed
    assert ids(botpress.bots.list(tags={"team": "support"})) == [bot.id]
    assert botpress.bots.rotate_signing_secrets(bot.id).new_signing_secret
    assert botpress.bots.delete(bot.id) is None
    assert bot.id not in ids(botpress.bots.list())


def test_for_bot_calls_the_bot_that_was_created(botpress: Any) -> None:
    bot = botpress.bots.create(name="Greeter", user={"tags": {"vip": {}}})

    user = botpress.for_bot(bot.id).users.create(tags={"vip": "yes"})

    assert ids(botpress.for_bot(bot.id).users.list(tags={"vip": "yes"})) == [user.id]
    with pytest.raises(NotFound):
        botpress.users.get(user.id)


def test_an_integration_and_a_plugin_are_installed_in_a_bot(botpress: Any, botpress_sandbox: PlatformSandbox) -> None:
    telegram = botpress.hub.integrations.list(name="telegram").first()
    bot = botpress.bots.create(name="Greeter")

    installed = botpress.bots.update(bot.id, integrations={telegram.id: {"enabled": True, "configuration": {}}})

    assert installed.integrations[telegram.id].status == "registered"
    assert bot.id in ids(botpress.bots.list(integration_names=["telegram"]))
    by_alias = botpress.with_options(headers={"x-multiple-integrations": "true"}).bots.get(bot.id)
    assert list(by_alias.integrations) == ["telegram"]
    emptied = botpress.bots.update(bot.id, integrations={telegram.id: None})
    assert emptied.integrations == {}


def test_a_bot_has_logs_action_runs_and_activities(botpress: Any, botpress_sandbox: PlatformSandbox) -> None:
    bot, now = bot_of(botpress_sandbox), botpress_sandbox.sandbox.now()
    botpress_sandbox.control("log", level="error", message="Something broke.")

    logs = botpress.bots.logs(bot, time_start=now - timedelta(days=1), level="error")
    runs = botpress.bots.action_runs(bot, integration_name="telegram")

    assert [entry.message for entry in logs] == ["Something broke."]
    assert [run.action_type for run in runs] == ["startTyping"]
    (activity,) = botpress.activities.list(task_id=TASK_ID, bot_id=bot)
    assert activity.description == "The task was completed."
    assert bot in botpress.bots.webchat(bot, type="preconfigured").code


def test_an_issue_of_a_bot_is_read_and_deleted(botpress: Any, botpress_sandbox: PlatformSandbox) -> None:
    bot = bot_of(botpress_sandbox)
    reported = botpress_sandbox.control("report_issue", code="slow", title="Too slow", data={"seconds": "9"})["id"]

    issue = botpress.bots.issues.get(bot, reported)

    assert issue.title == "Too slow"
    assert len(botpress.bots.issues.list_events(bot, reported)) == issue.events_count == 1
    assert reported in ids(botpress.bots.issues.list(bot))
    assert botpress.bots.issues.delete(bot, reported) is None
    assert reported not in ids(botpress.bots.issues.list(bot))


def test_a_version_of_a_bot_is_saved_and_deployed(botpress: Any) -> None:
    bot = botpress.bots.create(name="Greeter")
    version = botpress.bots.versions.create(bot.id, name="First", description="As it began")
    botpress.bots.update(bot.id, actions={"greet": {"input": {"schema": {}}, "output": {"schema": {}}}})

    assert ids(botpress.bots.versions.list(bot.id)) == [version.id]
    assert botpress.bots.versions.get(bot.id, version.id).url.startswith("http")
    assert botpress.bots.versions.deploy(bot.id, version_id=version.id) is None
    assert botpress.bots.get(bot.id).actions == {}
    source = botpress.bots.get_json(bot.id)
    assert botpress.bots.publish_json(bot.id, bot_json=source)["botId"] == bot.id


def test_a_bot_has_an_allowlist_and_is_transferred_to_another_workspace(botpress: Any) -> None:
    bot, me = botpress.bots.create(name="Greeter"), botpress.account.get()
    other = botpress.workspaces.create(name="Elsewhere too")

    botpress.bots.allowlist.update(bot.id, setting="SELECTED_USERS", users={me.id: True})
    allowed = botpress.bots.allowlist.get(bot.id)
    assert (allowed.setting, ids(allowed.users)) == ("SELECTED_USERS", [me.id])
    assert botpress.bots.transfer(bot.id, target_workspace_id=other.id) is None
    assert bot.id in ids(botpress.for_workspace(other.id).bots.list())


def test_a_shared_sandbox_is_opened_and_closed(botpress: Any, botpress_sandbox: PlatformSandbox) -> None:
    bot, telegram = bot_of(botpress_sandbox), botpress.integrations.list().first().id
    shared = botpress.bots.integrations

    made = shared.create_shareable_id(bot, telegram)

    state = shared.get_shareable_id(bot, telegram, integration_instance_alias="telegram")
    assert (state.shareable_id, state.is_expired) == (made.shareable_id, False)
    assert shared.unlink_sandboxed_conversations(bot, telegram) is None
    assert shared.delete_shareable_id(bot, telegram) is None
    with pytest.raises(NotFound):
        shared.get_shareable_id(bot, telegram)


def test_a_key_opens_the_api_until_it_is_deleted(botpress: Any, botpress_sandbox: PlatformSandbox) -> None:
    bot, telegram = bot_of(botpress_sandbox), botpress.integrations.list().first().id

    for keys, owner in (
        (botpress.bots.api_keys, {"bot_id": bot}),
        (botpress.integrations.api_keys, {"integration_id": telegram}),
    ):
        key = keys.create(**owner, note="for a test")
        assert key.value.startswith("bp_")
        assert key.id in ids(keys.list(**owner))
        assert keys.delete(key.id) is None
        assert key.id not in ids(keys.list(**owner))


# Integrations, interfaces, plugins, and the hub.


def integration(name: str = "courier", **more: Any) -> dict[str, Any]:
    """The definition of an integration that can stand in for the interface `handoff`."""
    nothing = {"schema": {"type": "object"}}
    return {
        "name": name,
        "version": "1.0.0",
        "entities": {"order": {"schema": {"type": "object", "properties": {"number": {"type": "string"}}}}},
        "actions": {"startHandoff": {"input": nothing, "output": nothing}},
        "channels": {"channel": models.IntegrationChannelInput(messages={"text": nothing})},
        **more,
    }


def test_an_integration_is_validated_created_changed_and_deleted(botpress: Any) -> None:
    integrations = botpress.integrations

    assert integrations.validate_create(**integration()) is None
    made = integrations.create(**integration(title="Courier"))
    assert integrations.validate_update(made.id, title="Courier service") is None
    changed = integrations.update(made.id, title="Courier service", channels={"channel": {"title": "Chat"}})

    assert (changed.title, changed.channels["channel"].title) == ("Courier service", "Chat")
    assert list(changed.channels["channel"].messages) == ["text"]
    assert integrations.get(made.id) == integrations.get_by_name("courier", "latest") == changed
    assert ids(integrations.list(name="courier", visibility="private")) == [made.id]
    assert integrations.rotate_signing_secrets(made.id).new_signing_secret
    assert integrations.request_verification(integration_id=made.id) is None
    assert integrations.get(made.id).verification_status == "pending"
    with pytest.raises(WaitTimedOut, match="it is still pending"):
        integrations.wait_for_verification(made, deadline=0.1)
    assert integrations.delete(made.id) is None
    with pytest.raises(NotFound):
        integrations.get(made.id)


def test_the_logs_of_an_integration_are_read(botpress: Any, botpress_sandbox: PlatformSandbox) -> None:
    telegram, now = botpress.integrations.list().first().id, botpress_sandbox.sandbox.now()
    botpress_sandbox.control("log", is_integration=True, message="Registered.")

    found = list(botpress.integrations.logs(telegram, time_start=now - timedelta(days=1)))

    assert "Registered." in [entry.message for entry in found]


def test_an_interface_is_created_changed_and_deleted(botpress: Any) -> None:
    event = models.EventDefinitionInput(schema={"type": "object"})

    made = botpress.interfaces.create(name="payable", version="1.0.0", events={"paid": event})
    changed = botpress.interfaces.update(made.id, title="Payable", events={"paid": None})

    assert (list(made.events), changed.events, changed.title) == (["paid"], {}, "Payable")
    assert botpress.interfaces.get(made.id) == botpress.interfaces.get_by_name("payable", "1.0.0") == changed
    assert made.id in ids(botpress.interfaces.list())
    assert botpress.interfaces.delete(made.id) is None
    assert made.id not in ids(botpress.interfaces.list())


def test_a_plugin_is_created_changed_and_deleted(botpress: Any) -> None:
    made = botpress.plugins.create(name="surveys", version="1.0.0", code=models.PluginCode(node="// n", browser="// b"))
    changed = botpress.plugins.update(made.id, title="Surveys", code={"node": "// new"})

    assert changed.title == "Surveys"
    assert [botpress.plugins.get_code(made.id, place).code for place in ("node", "browser")] == ["// new", "// b"]
    assert botpress.plugins.get(made.id) == botpress.plugins.get_by_name("surveys", "^1.0.0") == changed
    assert made.id in ids(botpress.plugins.list(name="surveys"))
    assert botpress.plugins.delete(made.id) is None
    assert made.id not in ids(botpress.plugins.list())


def test_a_plugin_is_resolved_with_the_integration_behind_its_interface(botpress: Any) -> None:
    handoff = botpress.interfaces.list(name="handoff").first()
    plugin = botpress.plugins.list(name="handoff").first()
    courier = botpress.integrations.create(
        **integration(
            visibility="public", interfaces={"handoff": {"id": handoff.id, "entities": {"ticket": {"name": "order"}}}}
        )
    )

    resolved = botpress.plugins.get_dereferenced(plugin.id, interfaces={"handoff": courier.id})
    published = botpress.hub.plugins.get_dereferenced(plugin.id, interfaces={"handoff": courier.id})

    assert resolved.id == published.id == plugin.id
    assert courier.interfaces["handoff"].entities["ticket"].name == "order"


@pytest.mark.parametrize("name", ["integrations", "interfaces", "plugins"])
def test_the_hub_shows_what_is_public(botpress: Any, name: str) -> None:
    hub = getattr(botpress.hub, name)

    found = hub.list().first()

    assert hub.get(found.id).id == hub.get_by_name(found.name, found.version).id == found.id
    if name == "plugins":
        assert hub.get_code(found.id, "node").code


# Accounts and workspaces.


def test_an_account_is_read_changed_and_has_tokens(botpress: Any, botpress_sandbox: PlatformSandbox) -> None:
    token = botpress.account.tokens.create(note="for a test")

    assert botpress.account.update(display_name="Ada L.").display_name == botpress.account.get().display_name
    assert token.value.startswith("bp_pat_")
    assert token.id in ids(botpress.account.tokens.list())
    assert botpress.account.tokens.delete(token.id) is None
    assert token.id not in ids(botpress.account.tokens.list())
    assert botpress.account.preferences.set("theme", value={"dark": True}) is None
    assert botpress.account.preferences.get("theme").value == {"dark": True}
    who = botpress.account.introspect(bot_id=bot_of(botpress_sandbox))
    assert who.workspace_id == botpress_sandbox.credentials["workspace_id"]


def test_an_account_without_a_workspace_of_its_own_can_be_deleted(
    botpress_as: Callable[..., Any], botpress_sandbox: PlatformSandbox
) -> None:
    signed_up = botpress_sandbox.control("sign_up", email="new@example.com")
    newcomer = botpress_as("pat", token=signed_up["token"])

    assert newcomer.account.delete() is None
    with pytest.raises(errors.Unauthorized):
        newcomer.account.get()


def test_a_workspace_is_created_changed_found_and_deleted(botpress: Any) -> None:
    workspace = botpress.workspaces.create(name="Clinic")

    changed = botpress.workspaces.update(workspace.id, about="Visits", handle="clinic", is_public=True)

    assert (changed.handle, botpress.workspaces.get(workspace.id)) == ("clinic", changed)
    assert ids(botpress.workspaces.list(handle="clinic")) == [workspace.id]
    assert ids(botpress.workspaces.list_public(search="visits")) == [workspace.id]
    assert botpress.workspaces.get_public(workspace.id).about == "Visits"
    taken = botpress.workspaces.check_handle(handle="clinic")
    assert (taken.available, taken.used_by) == (False, workspace.id)
    assert botpress.workspaces.migrate_to_v4(workspace.id) is None
    assert botpress.workspaces.get(workspace.id).billing_version == "v4"
    assert botpress.workspaces.delete(workspace.id) is None
    assert workspace.id not in ids(botpress.workspaces.list())


def test_a_member_is_invited_promoted_and_removed(botpress: Any, botpress_sandbox: PlatformSandbox) -> None:
    members, workspace = botpress.workspaces.members, botpress_sandbox.credentials["workspace_id"]

    member = members.create(email="eve@example.com", role="viewer")

    assert members.me().role == "owner"
    assert members.update(member.id, role="developer").role == "developer"
    assert member.id in ids(members.list())
    assert members.delete(member.id) is None
    assert member.id not in ids(members.list())
    actions = [record.action for record in botpress.workspaces.audit_records.list(workspace)]
    assert actions[:3] == ["REMOVE_WORKSPACE_MEMBER", "UPDATE_WORKSPACE_MEMBER", "ADD_WORKSPACE_MEMBER"]
    assert botpress.workspaces.preferences.set("theme", value="dark") is None
    assert botpress.workspaces.preferences.get("theme").value == "dark"


def test_usages_and_quotas_are_read(botpress: Any, botpress_sandbox: PlatformSandbox) -> None:
    workspace, spent = botpress_sandbox.credentials["workspace_id"], {"type": "ai_spend"}
    botpress_sandbox.control("record_usage", type="ai_spend", cents=75)

    assert botpress.workspaces.quotas.set_ai_spend(monthly_spending_limit=20) is None
    assert botpress.workspaces.quotas.get(workspace, type="bot_count").value >= 1
    assert "bot_count" in [quota.type for quota in botpress.workspaces.quotas.list(workspace)]
    assert workspace in botpress.workspaces.quotas.completion()
    assert botpress.usages.get(workspace, **spent).value == 1.0
    assert [usage.value for usage in botpress.usages.list(ids=[workspace], types=["ai_spend"])] == [1.0]
    assert botpress.usages.history(workspace, **spent)[0].type == "ai_spend"
    assert sum(found.value for found in botpress.usages.activity(workspace, **spent)) == 1.0
    assert sum(found.value for found in botpress.usages.daily_activity(workspace, **spent)) == 1.0
    assert [usage.value for usage in botpress.workspaces.usages.list(workspace, **spent)] == [1.0]
    assert [usage.value for usage in botpress.workspaces.usages.by_bot(workspace, **spent)] == [1.0]


def test_an_event_is_transformed_by_a_script(botpress: Any, botpress_sandbox: PlatformSandbox) -> None:
    botpress_sandbox.control("set_vrl_result", data={"greeting": "ANA"}, result="ANA")
    outcome = botpress.helpers.run_vrl(data={"user": {"name": "ana"}}, script=".greeting = upcase(.user.name)")

    assert outcome.data["greeting"] == "ANA"


# Billing.


def test_plans_and_addons_are_public(botpress: Any) -> None:
    plans, addons = botpress.billing.plans, botpress.billing.addons

    assert plans.get("plus") in plans.list()
    assert addons.get("table_rows") in addons.list()
    assert plans.get("plus").prices.month.amount > 0


@pytest.fixture
def clinic(botpress_as: Callable[..., Any]) -> Any:
    """A client for a workspace that is new and has paid for nothing yet."""
    workspace = botpress_as("pat").workspaces.create(name="Clinic")
    return botpress_as("pat", workspace_id=workspace.id)


def test_a_workspace_subscribes_to_a_plan_and_cancels_it(clinic: Any) -> None:
    billing = clinic.billing
    intent = billing.payment_method.create_intent()
    card = billing.payment_method.set(payment_method_id="pm_card_visa")
    choice = models.PlanChoice(plan_id="plus", interval="month")

    preview = billing.subscription.preview(plan=choice)
    taken = billing.subscription.set_plan(plan_id="plus", interval="month")
    more = billing.subscription.set_addons(addons={"table_rows": 2})
    ended = billing.subscription.cancel()

    assert intent.client_secret
    assert billing.payment_method.get() == card
    assert (preview.change_type, taken.plan.current.plan_id) == ("upgrade", "plus")
    assert more.addons["table_rows"].current.quantity == 2
    assert ended.plan.current.cancel_at_period_end
    assert billing.subscription.get() == ended
    assert billing.quotas.get()["table_rows"] == 300_000
    assert billing.get_readonly().plan_readonly is False


def test_invoices_are_listed_paid_and_charged(botpress: Any, botpress_sandbox: PlatformSandbox) -> None:
    workspace = botpress_sandbox.credentials["workspace_id"]
    botpress_sandbox.seed(invoices=3)
    botpress.billing.payment_method.set(payment_method_id="pm_card_visa")

    first = next(found for found in botpress.billing.invoices.list(page_size=2) if found.status == "open")
    paid = botpress.billing.invoices.pay(first.id, idempotency_key="once")
    assert botpress.billing.invoices.wait(first).status == "paid"
    charged = botpress.workspaces.invoices.charge_unpaid(workspace)

    assert paid.status == "paid"
    assert {first.id}.isdisjoint(ids(charged.charged_invoices))
    assert {found.payment_status for found in botpress.workspaces.invoices.list(workspace)} == {"paid"}
    upcoming = botpress.workspaces.invoices.upcoming(workspace)
    assert upcoming.total == sum(line.total_in_cents for line in upcoming.line_items)


def test_a_trial_begins_and_ends(clinic: Any) -> None:
    trial = clinic.billing.trials.create(length_in_days=14, plan="team")

    assert (trial.trial_plan, trial.is_active) == ("team", True)
    assert ids(clinic.billing.trials.list()) == [trial.id]
    assert clinic.billing.trials.delete() is None
    assert [found.is_active for found in clinic.billing.trials.list()] == [False]


def test_credit_is_granted_and_recharged(botpress: Any) -> None:
    billing = botpress.billing
    billing.payment_method.set(payment_method_id="pm_card_visa")
    address = {"line_one": "KN 1", "city": "Kigali", "postal_code": "0000", "country": "RW"}

    grant = billing.credit_grants.create(amount=20, feature="integration_spend")
    kept = billing.auto_recharge.set(settings={"integration_spend": {"enabled": True, "threshold": 5}})

    assert grant.amount == 20
    assert kept == billing.auto_recharge.get()
    assert billing.address.set(**address) is None
    assert billing.address.get().line_one == "KN 1"
    assert billing.usage.get(feature="bot_count", period="2026-01").usage == 1
    assert billing.usage.list(period="2026-01")["bot_count"].usage == 1


# What holds for all.


def test_a_long_list_is_iterated_page_by_page_and_resumed(botpress: Any) -> None:
    made = [botpress.users.create(tags={"plan": "plus"}).id for _ in range(45)]
    users = botpress.users.list(tags={"plan": "plus"}, page_size=20).iterator()

    first = [next(users).id for _ in range(25)]
    rest = ids(botpress.users.list(tags={"plan": "plus"}).resume(users.position))

    assert [len(page) for page in botpress.users.list(tags={"plan": "plus"}).pages()] == [20, 20, 5]
    assert first + rest == made[::-1]


def test_raw_responses_hold_the_response_and_the_result(botpress: Any) -> None:
    response = botpress.with_raw_response.users.create(tags={"name": "Ana"})

    assert response.status == 201
    assert response.headers["ratelimit-limit"]
    assert response.parse().id == response.json()["user"]["id"]


def test_a_request_without_a_method_is_sent_by_path(botpress: Any) -> None:
    assert botpress.request("GET", "/v1/chat/users", query={"pageSize": "1"}).json()["users"]


@pytest.mark.parametrize("policies", [[], ["public_content"]], ids=["private", "public"])
def test_a_file_of_botpress_is_downloaded_by_its_id(botpress: Any, tmp_path: Path, policies: list[str]) -> None:
    file = botpress.files.upload(bytes(range(256)), key="a.bin", access_policies=policies, wait=10)

    found = botpress.files.download(file.id, to=tmp_path / "a.bin")

    assert (tmp_path / "a.bin").read_bytes() == bytes(range(256))
    assert (found.id, found.size) == (file.id, len(bytes(range(256))))


def test_a_file_of_botpress_that_was_not_uploaded_has_nothing_to_download(botpress: Any, tmp_path: Path) -> None:
    file = botpress.files.upsert(key="a.bin", size=5)

    with pytest.raises(Exception, match="NoSuchKey"):
        botpress.files.download(file.id, to=tmp_path / "a.bin")

    assert list(tmp_path.iterdir()) == []


def test_a_version_of_a_bot_is_downloaded(botpress_as: Any, botpress_sandbox: PlatformSandbox, tmp_path: Path) -> None:
    bot = botpress_sandbox.credentials["bot_id"]
    botpress = botpress_as("pat")
    version = botpress.bots.versions.create(bot, name="Before the sale", description="")

    botpress.bots.versions.download(bot, version.id, to=tmp_path / "bot.bpz")

    assert (tmp_path / "bot.bpz").stat().st_size > 0


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_every_method_was_called(mode: str) -> None:
    """No generated method is left that no test called; `conftest` runs this after the others."""
    called = CALLED[f"botpress {mode}"]

    assert (methods_of(Resources) | {"files.upload"}) - called == set()
