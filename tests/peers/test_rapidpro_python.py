"""rapidpro-python, as it comes from its authors, against the sandbox over HTTP: all of its methods."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from temba_client.exceptions import TembaBadRequestError, TembaNoSuchObjectError, TembaTokenError
from temba_client.v2 import TembaClient
from trilogue import RapidPro
from trilogue_sandbox.platform_sandbox import PlatformSandbox

CALLED: set[str] = set()


class Recorded(TembaClient):
    """The client, with its methods noted when they are called; nothing else is changed."""

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_") and name in vars(TembaClient):
            CALLED.add(name)
        return super().__getattribute__(name)


@pytest.fixture
def client(rapidpro_sandbox: PlatformSandbox) -> Iterator[Recorded]:
    with rapidpro_sandbox.serve() as url:
        yield Recorded(url.removesuffix("/api/v2"), rapidpro_sandbox.credentials["token"])


def rows(query: Any) -> list[Any]:
    return list(query.all())


@pytest.mark.parametrize(
    "method",
    [name for name, _ in inspect.getmembers(TembaClient, inspect.isfunction) if name.startswith("get_")],
)
def test_everything_that_can_be_read_is_read(client: Recorded, method: str) -> None:
    found: Any = getattr(client, method)()

    if hasattr(found, "all"):
        first = rows(found)[0]
        assert type(first).__module__.startswith("temba_client")
        assert first.serialize()
    else:
        assert found.serialize()


def test_iterating_over_contacts_yields_each_of_them_once(client: Recorded, rapidpro_sandbox: PlatformSandbox) -> None:
    rapidpro_sandbox.seed(contacts=600)

    pages = [len(page) for page in client.get_contacts().iterfetches()]

    assert pages[:2] == [250, 250]
    assert len({contact.uuid for contact in client.get_contacts().all()}) == sum(pages)


def test_a_contact_lives_and_is_acted_on(client: Recorded) -> None:
    group = client.create_group("Beekeepers")
    contact = client.create_contact(name="Ana", language="kin", urns=["tel:+250788123123"], groups=[group])

    assert client.update_contact(contact, name="Ana Uwase").name == "Ana Uwase"
    client.bulk_add_contacts([contact], group)
    client.bulk_remove_contacts([contact], group)
    client.bulk_block_contacts([contact])
    client.bulk_unblock_contacts([contact])
    client.bulk_interrupt_contacts([contact])
    client.bulk_archive_contact_messages([contact])
    assert client.get_contacts(uuid=contact.uuid).first().status == "active"
    client.delete_contact(contact)
    assert client.get_contacts(uuid=contact.uuid, deleted=True).first() is not None
    other = client.create_contact(name="Ben")
    client.bulk_delete_contacts([other])
    assert client.get_contacts(uuid=other.uuid).first() is None
    assert client.update_group(group, "Cyclists").name == "Cyclists"
    client.delete_group(group)


def test_messages_are_sent_labelled_archived_and_deleted(client: Recorded, rapidpro_sandbox: PlatformSandbox) -> None:
    """It knows messages by UUID only, while the server's bulk actions take ids: those are read with our own client."""
    label = client.create_label("Spam")
    assert client.update_label(label, "Junk").name == "Junk"
    contact = client.create_contact(urns=["tel:+250788123123"])
    assert client.create_message(contact, "Hello", attachments=[]).status == "queued"
    assert client.create_broadcast({"eng": "Hello all"}, contacts=[contact]).status == "pending"
    host, token = rapidpro_sandbox.url.removesuffix("/api/v2"), rapidpro_sandbox.credentials["token"]
    own = RapidPro(token, host=host, transport=rapidpro_sandbox.transport())
    message = own.messages.list(folder="inbox").first()

    client.bulk_label_messages([message.id], label=label)
    assert [found.uuid for found in own.messages.list(label="Junk")] == [message.uuid]
    client.bulk_unlabel_messages([message.id], label=label)
    client.bulk_archive_messages([message.id])
    assert message.uuid in [found.uuid for found in rows(client.get_messages(folder="archived"))]
    client.bulk_restore_messages([message.id])
    client.bulk_delete_messages([message.id])
    assert message.uuid not in [found.uuid for found in rows(client.get_messages())]
    client.delete_label(label)


def test_campaigns_fields_globals_starts_and_resthooks_are_made(client: Recorded) -> None:
    group = client.create_group("Mothers")
    field = client.create_field("Due date", "datetime")
    assert client.update_field(field, "Due day", "datetime").name == "Due day"
    campaign = client.create_campaign("Visits", group)
    assert client.update_campaign(campaign, "Clinic visits", group).name == "Clinic visits"
    event = client.create_campaign_event(campaign, "due_date", -2, "weeks", 9, message="Come and see us")
    assert event.offset == -2
    client.delete_campaign_event(event)
    value = client.create_global("Hotline", "3434")
    assert client.update_global(value, "3535").value == "3535"
    start = client.create_flow_start(rows(client.get_flows())[0], contacts=[client.create_contact(name="Ben")])
    assert start.status == "pending"
    hook = rows(client.get_resthooks())[0]
    client.delete_resthook_subscriber(client.create_resthook_subscriber(hook.resthook, "https://example.org/hook"))


def test_an_event_of_a_campaign_cannot_be_changed_with_it(client: Recorded) -> None:
    """It does not send the campaign, which the server requires on an update as well."""
    event = rows(client.get_campaign_events())[0]

    with pytest.raises(TembaBadRequestError, match="This field is required"):
        client.update_campaign_event(event, event.relative_to.key, 3, "days", 8, message="Come and see us")


def test_dates_and_filters_are_understood(client: Recorded) -> None:
    assert rows(client.get_contacts(after=datetime(2000, 1, 1, tzinfo=UTC), reverse=True))
    assert rows(client.get_runs(before=datetime(2000, 1, 1, tzinfo=UTC), responded=True, paths=False)) == []


@pytest.mark.parametrize(
    ("attempt", "error"),
    [
        (lambda client: client.create_group(""), TembaBadRequestError),
        (lambda client: client.update_label("1e9a29ef-956c-4fc0-963d-5fa915398403", "x"), TembaNoSuchObjectError),
        (
            lambda client: TembaClient(client.root_url.removesuffix("/api/v2"), "wrong").get_fields().first(),
            TembaTokenError,
        ),
    ],
    ids=["a refused value", "an unknown object", "a wrong token"],
)
def test_its_errors_are_raised_as_against_the_real_server(
    client: Recorded, attempt: Callable[[TembaClient], object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        attempt(client)


def test_every_method_was_called() -> None:
    """Runs last in this file: it looks back on the others."""
    methods = {name for name, _ in inspect.getmembers(TembaClient, inspect.isfunction) if not name.startswith("_")}

    assert methods - CALLED == set()
