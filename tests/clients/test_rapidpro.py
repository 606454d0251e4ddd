"""Every method of the RapidPro client, sync and async, against the sandbox."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from trilogue import BadRequest, InvalidArgument, NotFound, Upload
from trilogue.rapidpro import models
from trilogue_generated.rapidpro.client import Resources
from trilogue_sandbox.platform_sandbox import PlatformSandbox

from tests.clients.blocking import methods_of
from tests.clients.conftest import CALLED

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def test_a_contact_is_created_changed_found_and_deleted(rapidpro: Any) -> None:
    group = rapidpro.groups.create(name="Beekeepers")

    contact = rapidpro.contacts.create(name="Ana", urns=["tel:+250788123123"], groups=[group.uuid], language="kin")
    changed = rapidpro.contacts.update(uuid=contact.uuid, name=None, note="called twice")

    assert (contact.name, changed.name) == ("Ana", None)
    assert [found.uuid for found in rapidpro.contacts.list(group="Beekeepers")] == [contact.uuid]
    assert [found.uuid for found in rapidpro.contacts.list(urn="tel:+250788123123")] == [contact.uuid]
    detailed = [found.urns[0].path for found in rapidpro.contacts.list_with_urn_details(uuid=contact.uuid)]
    assert (changed.urns, detailed) == (["tel:+250788123123"], ["+250788123123"])
    assert changed.notes is not None
    assert changed.notes[-1].text == "called twice"
    assert rapidpro.contacts.delete(uuid=contact.uuid) is None
    assert contact.uuid in [deleted.uuid for deleted in rapidpro.contacts.list(deleted=True)]


READABLE_BY_KEY = {
    "broadcasts": ("id",),
    "campaign_events": ("uuid",),
    "campaigns": ("uuid",),
    "channel_events": ("id",),
    "channels": ("uuid",),
    "contacts": ("uuid",),
    "fields": ("key",),
    "flow_starts": ("uuid",),
    "flows": ("uuid",),
    "globals": ("key",),
    "groups": ("uuid", "name"),
    "labels": ("uuid", "name"),
    "messages": ("id",),
    "resthook_subscribers": ("id",),
    "runs": ("uuid", "id"),
    "tickets": ("uuid",),
    "users": ("email",),
}


@pytest.mark.parametrize(("resource", "keys"), READABLE_BY_KEY.items())
def test_one_of_a_resource_is_got_by_its_key(rapidpro: Any, resource: str, keys: tuple[str, ...]) -> None:
    rapidpro.resthook_subscribers.create(resthook="new-mother", target_url="https://example.com/hook")
    found = getattr(rapidpro, resource)
    row = found.list().first()

    for key in keys:
        assert found.get(**{key: getattr(row, key)}) == row


def test_what_no_key_finds_is_not_found(rapidpro: Any) -> None:
    with pytest.raises(NotFound, match=r"contacts\.get: there is none; the response is an empty list"):
        rapidpro.contacts.get(urn="tel:+250788999999")
    with pytest.raises(NotFound, match=r"classifiers\.get"):
        rapidpro.classifiers.get(uuid="5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9")
    with pytest.raises(InvalidArgument, match="exactly one of uuid, urn"):
        rapidpro.contacts.get()


def test_contacts_are_changed_in_bulk(rapidpro: Any) -> None:
    contacts = [rapidpro.contacts.create(urns=[f"tel:+25078812312{last}"]).uuid for last in range(3)]
    group = rapidpro.groups.create(name="Beekeepers")

    rapidpro.contact_actions.perform(contacts=contacts, action="add", group=group.uuid)
    rapidpro.contact_actions.perform(contacts=contacts[:1], action="block")

    statuses = {rapidpro.contacts.list(uuid=uuid).page().items[0].status for uuid in contacts}
    assert statuses == {"active", "blocked"}


def test_groups_labels_fields_and_globals_are_created_changed_and_deleted(rapidpro: Any) -> None:
    group = rapidpro.groups.create(name="Porters")
    label = rapidpro.labels.create(name="Urgent")
    field = rapidpro.fields.create(name="Shoe Size", type="number")
    value = rapidpro.globals.create(name="Hotline", value="3434")

    assert rapidpro.groups.update(uuid=group.uuid, name="Cyclists").name == "Cyclists"
    assert rapidpro.labels.update(uuid=label.uuid, name="Very urgent").name == "Very urgent"
    assert rapidpro.fields.update(key=field.key, name="Shoe", type="number").name == "Shoe"
    assert rapidpro.globals.update(key=value.key, value="3535").value == "3535"
    assert {found.key for found in rapidpro.globals.list()} >= {"hotline"}
    assert {found.key for found in rapidpro.fields.list(key="shoe_size")} == {"shoe_size"}
    rapidpro.groups.delete(uuid=group.uuid)
    rapidpro.labels.delete(uuid=label.uuid)
    assert group.uuid not in [found.uuid for found in rapidpro.groups.list()]
    assert label.uuid not in [found.uuid for found in rapidpro.labels.list()]


def test_a_message_with_media_is_sent_and_found_in_the_outbox(rapidpro: Any) -> None:
    contact = rapidpro.contacts.create(urns=["tel:+250788123123"])
    media = rapidpro.media.upload(file=Upload(PNG, "field.png"))

    message = rapidpro.messages.send(
        contact=contact.uuid,
        text="Is this it?",
        attachments=[media.uuid],
        quick_replies=[models.QuickReplyWrite(text="Yes")],
    )

    assert (media.content_type, media.size) == ("image/png", len(PNG))
    assert message.status == "queued"
    assert message.attachments[0].url == media.url
    assert message.id in [found.id for found in rapidpro.messages.list(folder="outbox")]


def test_incoming_messages_are_labelled_and_missing_ones_are_named(
    rapidpro: Any, rapidpro_sandbox: PlatformSandbox
) -> None:
    label = rapidpro.labels.create(name="Urgent")
    message = rapidpro.messages.list(folder="inbox").first()

    failures = rapidpro.message_actions.perform(messages=[message.id, 987654321], action="label", label=label.uuid)

    assert failures == [987654321]
    assert message.id in [found.id for found in rapidpro.messages.list(label=label.uuid)]


def test_a_broadcast_reaches_everyone_in_a_group(rapidpro: Any, rapidpro_sandbox: PlatformSandbox) -> None:
    group = rapidpro.groups.create(name="Beekeepers")
    contact = rapidpro.contacts.create(name="Ana", urns=["tel:+250788123123"], groups=[group.uuid])

    broadcast = rapidpro.broadcasts.send(text={"eng": "Rain tomorrow, @contact.name"}, groups=[group.uuid])
    rapidpro_sandbox.sandbox.advance(timedelta(minutes=5))

    assert rapidpro.broadcasts.wait(broadcast) == rapidpro.broadcasts.list(uuid=broadcast.uuid).first()
    (message,) = list(rapidpro.messages.list(contact=contact.uuid))
    assert message.text == "Rain tomorrow, Ana"
    assert rapidpro.messages.wait(message).status in ("sent", "delivered")
    assert rapidpro.groups.wait(group.uuid).count == 1


def test_many_contacts_are_created_grouped_and_written_to(
    rapidpro: Any, rapidpro_sandbox: PlatformSandbox, tmp_path: Path
) -> None:
    group = rapidpro.groups.create(name="Weavers")
    phones = [f"tel:+2507881{number:05d}" for number in range(105)]
    table = [{"urn": phone, "name": f"Person {number}"} for number, phone in enumerate(phones)]
    made = rapidpro.contacts.create_or_update_many(table, ledger=tmp_path / "contacts")
    assert rapidpro.contacts.create_or_update_many(table, ledger=tmp_path / "contacts").skipped == 105
    uuids = [each.result.uuid for each in made.items]
    taken = rapidpro.contacts.create_many([{"urns": phones[:1]}, {"urns": ["tel:+250788200000"], "name": "Bo"}])
    assert [each.state for each in taken.items] == ["failed", "done"]

    unknown = "5079cb96-a1d8-4f47-8c87-000000000000"
    added = rapidpro.contact_actions.perform_many(contacts=[*uuids, unknown], action="add", group=group.uuid)
    assert (added.done, [each.item for each in added.failures]) == (105, [unknown])

    assert rapidpro.broadcasts.send_many(contacts=uuids, text="Hello").calls == 2
    assert rapidpro.broadcasts.send_many(urns=phones, text="Hello", dry_run=True).calls == 2
    flow = rapidpro.flows.list().first()
    assert rapidpro.flow_starts.start_many(urns=phones, flow=flow.uuid).calls == 2
    sent = rapidpro.messages.send_many([{"contact": uuid, "text": "Hi"} for uuid in uuids[:2]])
    assert [message.contact.uuid for message in sent.results] == uuids[:2]


def test_many_messages_and_tickets_are_changed_and_those_that_are_not_are_named(rapidpro: Any) -> None:
    messages = [message.id for message in rapidpro.messages.list(folder="inbox")]
    archived = rapidpro.message_actions.perform_many(messages=[*messages, 987654321], action="archive")
    assert [each.item for each in archived.failures] == [987654321]

    tickets = [ticket.uuid for ticket in rapidpro.tickets.list()]
    assert rapidpro.ticket_actions.perform_many(tickets=tickets, action="close").total == len(tickets)


def test_a_flow_is_started_and_creates_runs(rapidpro: Any, rapidpro_sandbox: PlatformSandbox) -> None:
    contact = rapidpro.contacts.create(urns=["tel:+250788123123"])
    flow = rapidpro.flows.list().first()

    start = rapidpro.flow_starts.start(flow=flow.uuid, contacts=[contact.uuid], params={"village": "Gasabo"})
    rapidpro_sandbox.sandbox.advance(timedelta(minutes=5))

    assert rapidpro.flow_starts.wait(start) == rapidpro.flow_starts.list(uuid=start.uuid).first()
    runs = list(rapidpro.runs.list(contact=contact.uuid))
    assert [run.start.uuid for run in runs] == [start.uuid]


def test_an_event_of_a_campaign_is_created_changed_and_deleted(
    rapidpro: Any, rapidpro_sandbox: PlatformSandbox
) -> None:
    group = rapidpro.groups.create(name="Mothers")
    rapidpro.fields.create(name="Due date", type="datetime")
    campaign = rapidpro.campaigns.create(name="Visits", group=group.uuid)

    assert rapidpro.campaigns.update(uuid=campaign.uuid, name="Clinic visits", group=group.uuid).name == "Clinic visits"
    assert campaign.uuid in [found.uuid for found in rapidpro.campaigns.list()]
    timing = {"relative_to": "due_date", "unit": "weeks", "delivery_hour": 9}
    event = rapidpro.campaign_events.create(campaign=campaign.uuid, offset=-2, message="Come and see us", **timing)
    rapidpro_sandbox.sandbox.advance(timedelta(minutes=5))
    moved = rapidpro.campaign_events.update(
        uuid=event.uuid, campaign=campaign.uuid, offset=-1, message="Come and see us", **timing
    )
    assert [found.offset for found in rapidpro.campaign_events.list(campaign=campaign.uuid)] == [-1]
    assert rapidpro.campaign_events.delete(uuid=moved.uuid) is None
    assert list(rapidpro.campaign_events.list(campaign=campaign.uuid)) == []


def test_tickets_are_closed_and_those_already_closed_are_named(rapidpro: Any) -> None:
    ticket = next(ticket for ticket in rapidpro.tickets.list() if ticket.status == "open")

    assert rapidpro.ticket_actions.perform(tickets=[ticket.uuid], action="close") == []
    assert rapidpro.ticket_actions.perform(tickets=[ticket.uuid], action="close") == [ticket.uuid]
    assert [found.status for found in rapidpro.tickets.list(uuid=ticket.uuid)] == ["closed"]


def test_topics_and_optins_are_created(rapidpro: Any) -> None:
    topic = rapidpro.topics.create(name="Deliveries")
    optin = rapidpro.optins.create(name="Newsletter")

    assert rapidpro.topics.update(uuid=topic.uuid, name="Lost parcels").name == "Lost parcels"
    assert "Lost parcels" in [found.name for found in rapidpro.topics.list()]
    assert optin.uuid in [found.uuid for found in rapidpro.optins.list()]


def test_a_subscriber_of_a_resthook_is_created_and_deleted(rapidpro: Any) -> None:
    hook = rapidpro.resthooks.list().first().resthook

    made = rapidpro.resthook_subscribers.create(resthook=hook, target_url="https://example.org/hook")

    assert made.id in [found.id for found in rapidpro.resthook_subscribers.list(resthook=hook)]
    assert rapidpro.resthook_subscribers.delete(id=made.id) is None
    assert all(event.data for event in rapidpro.resthook_events.list(resthook=hook))


@pytest.mark.parametrize(
    "resource",
    ["archives", "boundaries", "channels", "channel_events", "classifiers", "templates", "users"],
)
def test_read_only_lists_are_read(rapidpro: Any, resource: str) -> None:
    rows = list(getattr(rapidpro, resource).list())

    assert rows
    assert all(type(row).from_dict(row.to_dict()) == row for row in rows)


def test_single_objects_are_read(rapidpro: Any) -> None:
    flow = rapidpro.flows.list(before=datetime(2030, 1, 1, tzinfo=UTC)).first()

    workspace = rapidpro.workspace.get()
    assert workspace.to_dict() == rapidpro.org.get().to_dict()
    assert [found["uuid"] for found in rapidpro.definitions.get(flow=[flow.uuid]).flows] == [flow.uuid]
    days = rapidpro.statistics.get(since=date(2025, 12, 1))
    assert all(day.channels for day in days)


def test_an_unknown_object_is_not_found(rapidpro: Any) -> None:
    with pytest.raises(NotFound) as caught:
        rapidpro.groups.delete(uuid="1e9a29ef-956c-4fc0-963d-5fa915398403")

    assert (caught.value.status, caught.value.platform) == (404, "RapidPro")


def test_an_invalid_field_is_named_with_its_path(rapidpro: Any) -> None:
    with pytest.raises(BadRequest) as caught:
        rapidpro.contacts.create(urns=["tel:+250788123123", "tel:12"], language="xx")

    assert set(caught.value.field_errors) == {"urns[1]", "language"}


def test_raw_responses_hold_the_response_and_the_result(rapidpro: Any) -> None:
    response = rapidpro.with_raw_response.contacts.create(name="Ana")

    assert response.status == 201
    assert response.headers["content-type"] == "application/json"
    assert response.parse().name == response.json()["name"] == "Ana"


def test_an_archive_of_rapidpro_is_downloaded_as_it_is_stored(
    rapidpro: Any, rapidpro_sandbox: PlatformSandbox, tmp_path: Path
) -> None:
    rapidpro_sandbox.sandbox.advance(timedelta(days=2))
    day = (rapidpro_sandbox.sandbox.now() - timedelta(days=2)).date().isoformat()
    rapidpro_sandbox.control("create_archive", start_date=day)
    (archive,) = [each for each in rapidpro.archives.list(archive_type="message") if f"{each.start_date}" == day]

    rapidpro.archives.download(archive, to=tmp_path / "day.jsonl.gz")

    content = gzip.decompress((tmp_path / "day.jsonl.gz").read_bytes())
    assert len(content.splitlines()) == archive.record_count > 0


def test_an_archive_of_an_empty_day_has_nothing_to_download(
    rapidpro: Any, rapidpro_sandbox: PlatformSandbox, tmp_path: Path
) -> None:
    rapidpro_sandbox.control("create_archive", start_date="2020-01-01")
    archive = next(each for each in rapidpro.archives.list(before=None) if not each.record_count)

    with pytest.raises(InvalidArgument, match=r"archives\.download: there is no content"):
        rapidpro.archives.download(archive, to=tmp_path / "day.jsonl.gz")


def test_names_are_looked_up(rapidpro: Any) -> None:
    label = rapidpro.labels.create(name="Praise")
    group = rapidpro.groups.create(name="Beekeepers")
    field = rapidpro.fields.create(name="Hive Count", type="number")
    topic = rapidpro.topics.create(name="Bees")
    flow = rapidpro.flows.list().first()

    assert rapidpro.labels.uuid("Praise") == label.uuid
    assert rapidpro.groups.uuid("Beekeepers") == group.uuid
    assert rapidpro.fields.key("Hive Count") == field.key
    assert rapidpro.topics.uuid("Bees") == topic.uuid
    assert rapidpro.flows.uuid(flow.name) == flow.uuid


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_every_method_was_called(mode: str) -> None:
    """No generated method is left that no test called; `conftest` runs this after the others."""
    called = CALLED[f"rapidpro {mode}"]

    assert methods_of(Resources) - called == set()
