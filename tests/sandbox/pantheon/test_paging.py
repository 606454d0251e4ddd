"""Lists read page by page."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from trilogue_sandbox import Sandbox

from tests.conftest import ROOT
from tests.sandbox.pantheon.caller import ORIGIN, PREFIX, Caller, document
from tests.sandbox.pantheon.resources import contact

LISTS = (
    "apps/getUsage",
    "channels/listChannels",
    "contacts/listContacts",
    "conversations/listConversations",
    "messages/listMessages",
    "files/listFiles",
    "payments/listPayments",
    "payments/listRefunds",
    "logins/listLogins",
    "webhooks/listWebhooks",
    "webhooks/listDeliveries",
)


BUNDLE = json.loads((ROOT / "generated/trilogue_generated/pantheon/openapi.json").read_text(encoding="utf-8"))
ABOUT_THE_LIST = ("limit", "order")


def described(method: str) -> dict[str, Any]:
    """Return the fields that a list method takes, as the description has them."""
    content = BUNDLE["paths"][f"/{method}"]["post"]["requestBody"]["content"]["application/json"]
    name = content["schema"]["$ref"].rpartition("/")[2]
    fields: dict[str, Any] = BUNDLE["components"]["schemas"][name]["properties"]
    return fields


def choices(field: dict[str, Any]) -> list[str]:
    """Return the values that a field is limited to, nothing if it is not."""
    name = field.get("$ref", "").rpartition("/")[2]
    return list(BUNDLE["components"]["schemas"].get(name, field).get("enum", []))


def values(item: dict[str, Any], field: str) -> list[Any]:
    """Return what an item has in a field, which for a contact may be a field of its identities."""
    return [item[field]] if field in item else [identity[field] for identity in item["identities"]]


FILTERS = [
    (method, field)
    for method in LISTS
    for field in described(method)
    if field not in ABOUT_THE_LIST and not field.endswith(("_after", "_before"))
]


@pytest.mark.parametrize(("method", "field"), FILTERS)
def test_every_filter_gives_the_items_that_meet_it_and_no_others(api: Caller, method: str, field: str) -> None:
    everything = api.items(method, limit=100)
    there = {value for item in everything for value in values(item, field) if value is not None}
    assert there

    for value in there | set(choices(described(method)[field])):
        expected = [name(item) for item in everything if value in values(item, field)]
        assert [name(item) for item in api.items(method, limit=100, **{field: value})] == expected


@pytest.mark.parametrize("method", LISTS)
def test_every_list_can_be_cut_at_a_time(api: Caller, method: str) -> None:
    api.advance(minutes=2)
    everything = api.items(method, limit=100)
    time = "minute" if method == "apps/getUsage" else "created"
    times = [item.get("created_at") or item["minute"] for item in everything]
    cut = times[len(times) // 2]

    later = api.items(method, limit=100, **{f"{time}_after": cut})
    assert [name(item) for item in later] == [name(item) for item in everything[: len(later)]]
    assert len(later) == sum(time >= cut for time in times) > 0
    earlier = api.items(method, limit=100, **{f"{time}_before": cut})
    assert [name(item) for item in earlier] == [name(item) for item in everything[len(later) :]]


def name(item: dict[str, Any]) -> tuple[str, ...]:
    """Return what identifies an item."""
    return (item["id"],) if "id" in item else (item["minute"], item["endpoint"])


@pytest.mark.parametrize("method", LISTS)
def test_every_list_has_something_in_it_from_the_beginning(api: Caller, method: str) -> None:
    page = api.ok(method)

    assert page["items"]
    assert page["next_cursor"] is None


@pytest.mark.parametrize("method", [name for name in LISTS if name != "apps/getUsage"])
def test_every_list_is_empty_in_an_empty_account(empty: Caller, method: str) -> None:
    assert empty.ok(method) == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("method", LISTS[1:])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_every_list_is_iterated_in_order_and_yields_each_item_once(api: Caller, method: str, order: str) -> None:
    api.sandbox.seed_data("pantheon", dict.fromkeys(("channels", "contacts", "messages", "files", "payments"), 3))
    pages = list(api.pages(method, limit=2, order=order))
    items = [item for page in pages for item in page["items"]]
    keys = [(item["created_at"], item["id"]) for item in items]

    assert keys == sorted(keys, reverse=order == "desc")
    assert [item["id"] for item in items] == api.ids(method, limit=100, order=order)
    assert len(set(keys)) == len(keys)
    assert [len(page["items"]) for page in pages[:-1]] == [2] * (len(pages) - 1)


def test_a_page_holds_20_items_unless_told_otherwise(empty: Caller) -> None:
    empty.sandbox.seed_data("pantheon", {"client_id": "PANTHEONEMPTY", "contacts": 101})

    assert [len(page["items"]) for page in empty.pages("contacts/listContacts")] == [20] * 5 + [1]
    assert [len(page["items"]) for page in empty.pages("contacts/listContacts", limit=100)] == [100, 1]


def test_the_next_page_has_the_origin_that_was_called(api: Caller) -> None:
    url = api.ok("contacts/listContacts", limit=1)["next_cursor"]

    assert url.startswith(f"{ORIGIN}{PREFIX}/contacts/listContacts?cursor=")


def test_only_the_cursor_decides_what_comes(api: Caller) -> None:
    first = api.ok("contacts/listContacts", limit=1, name="Amina", order="asc")
    assert first["next_cursor"] is None

    url = api.ok("contacts/listContacts", limit=1, order="asc")["next_cursor"]
    same = document(api.follow(url, {"limit": 1, "order": "asc"}), 200)
    assert document(api.follow(url, {"limit": 50, "order": "desc", "name": "nobody"}), 200) == same
    assert document(api.follow(url), 200) == same
    assert api.follow(url, {"strange": 1}).status == 400


def test_a_cursor_does_not_expire(sandbox: Sandbox, api: Caller) -> None:
    url = api.ok("contacts/listContacts", limit=1)["next_cursor"]
    api.advance(days=365)

    assert document(Caller.of(sandbox, "scale").follow(url), 200)["items"]


@pytest.mark.parametrize("cursor", ["nonsense", "A" * 43])
def test_a_cursor_that_was_not_given_is_refused(api: Caller, cursor: str) -> None:
    response = api.call("contacts/listContacts", query=f"cursor={cursor}")

    assert list(document(response, 400)["errors"][0]) == ["cursor"]


def test_a_cursor_belongs_to_its_endpoint_and_account(sandbox: Sandbox, api: Caller) -> None:
    query = urlsplit(api.ok("contacts/listContacts", limit=1)["next_cursor"]).query

    assert api.call("files/listFiles", query=query).status == 400
    assert Caller.of(sandbox, "standard").call("contacts/listContacts", query=query).status == 400
    assert Caller.of(sandbox, "scale_second").call("contacts/listContacts", query=query).status == 200


def test_what_is_created_meanwhile_comes_at_the_end_with_asc_and_not_with_desc(empty: Caller) -> None:
    existing = [contact(empty)["id"] for _ in range(5)]
    readers = {order: empty.pages("contacts/listContacts", limit=2, order=order) for order in ("asc", "desc")}
    seen = {order: [item["id"] for item in next(reader)["items"]] for order, reader in readers.items()}
    new = [contact(empty)["id"] for _ in range(3)]
    for order, reader in readers.items():
        seen[order] += [item["id"] for page in reader for item in page["items"]]

    assert seen == {"asc": existing + new, "desc": existing[::-1]}


def test_what_is_created_in_the_same_millisecond_is_not_skipped(empty: Caller) -> None:
    seeded = empty.sandbox.seed_data("pantheon", {"client_id": "PANTHEONEMPTY", "contacts": 30})
    assert isinstance(seeded, dict)
    items = empty.items("contacts/listContacts", order="asc", limit=7)

    assert len({item["created_at"] for item in items}) == 1
    assert [item["id"] for item in items] == seeded["contacts"] == sorted(seeded["contacts"])


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", range(1, 11))
def test_a_page_may_end_within_rows_of_one_timestamp(empty: Caller, limit: int, order: str) -> None:
    for size in (3, 1, 5, 2, 4):
        empty.sandbox.seed_data("pantheon", {"client_id": "PANTHEONEMPTY", "contacts": size})
    items = empty.items("contacts/listContacts", order=order, limit=limit)
    timestamps = [item["created_at"] for item in items]

    assert len({item["id"] for item in items}) == len(items) == 15
    assert len(set(timestamps)) == 5
    assert timestamps == sorted(timestamps, reverse=order == "desc")


def test_what_is_deleted_meanwhile_is_not_met_and_nothing_is_skipped(empty: Caller) -> None:
    existing = [contact(empty)["id"] for _ in range(6)]
    reader = empty.pages("contacts/listContacts", limit=2, order="asc")
    seen = [item["id"] for item in next(reader)["items"]]
    for gone in (existing[1], existing[2]):
        empty.ok("contacts/deleteContact", contact_id=gone)
    seen += [item["id"] for page in reader for item in page["items"]]

    assert seen == [*existing[:2], *existing[3:]]


def test_created_after_includes_its_time_and_created_before_does_not(empty: Caller) -> None:
    made = [contact(empty) for _ in range(3)]
    middle = made[1]["created_at"]

    assert empty.ids("contacts/listContacts", created_after=middle, order="asc") == [item["id"] for item in made[1:]]
    assert empty.ids("contacts/listContacts", created_before=middle) == [made[0]["id"]]


@pytest.mark.parametrize(
    ("method", "field", "value"),
    [
        ("conversations/listConversations", "contact_id", "cont_1"),
        ("conversations/listConversations", "active_channel_id", "chan_1"),
        ("messages/listMessages", "conversation_id", "conv_1"),
        ("messages/listMessages", "contact_id", "cont_1"),
        ("messages/listMessages", "channel_id", "chan_1"),
        ("payments/listPayments", "conversation_id", "conv_1"),
        ("payments/listPayments", "contact_id", "cont_1"),
        ("payments/listRefunds", "payment_id", "pay_1"),
        ("logins/listLogins", "conversation_id", "conv_1"),
        ("logins/listLogins", "contact_id", "cont_1"),
        ("webhooks/listDeliveries", "webhook_id", "hook_1"),
        ("webhooks/listDeliveries", "event_id", "evt_1"),
    ],
)
def test_an_id_to_filter_by_must_name_something(api: Caller, method: str, field: str, value: str) -> None:
    assert api.is_missing(method, **{field: value})


def test_an_iteration_by_an_id_goes_on_after_the_thing_was_deleted(empty: Caller) -> None:
    empty.sandbox.seed_data("pantheon", {"client_id": "PANTHEONEMPTY", "messages": 5})
    contact_id = empty.ids("contacts/listContacts")[0]
    reader = empty.pages("messages/listMessages", contact_id=contact_id, limit=3)
    seen = len(next(reader)["items"])
    empty.ok("contacts/deleteContact", contact_id=contact_id)

    assert seen + sum(len(page["items"]) for page in reader) == 5
    assert empty.is_missing("messages/listMessages", contact_id=contact_id)
