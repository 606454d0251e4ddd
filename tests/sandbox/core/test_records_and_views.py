"""Tables, records, selections and views, with one small resource that reads as those of the platforms do."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import attrs
import pytest
from trilogue_sandbox.kernel.active_faults import Faults
from trilogue_sandbox.kernel.background_jobs import BackgroundJobs
from trilogue_sandbox.kernel.clock import Clock
from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.kernel.document import DescriptionError
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, Request, Response
from trilogue_sandbox.kernel.ids import Ids
from trilogue_sandbox.kernel.journal import Journal
from trilogue_sandbox.kernel.platform import ControlError, ErrorReason
from trilogue_sandbox.kernel.resource import Resource, Resources, control_error, counted
from trilogue_sandbox.kernel.resource_platform import ResourcePlatform
from trilogue_sandbox.kernel.select import Order
from trilogue_sandbox.kernel.store import Store
from trilogue_sandbox.kernel.table import (
    BOOLEAN,
    CHANGED,
    CREATED,
    INTEGER,
    JSON,
    KEY,
    TEXT,
    TIMESTAMP,
    UUID,
    Row,
    Table,
)
from trilogue_sandbox.kernel.timers import Timers
from trilogue_sandbox.kernel.timestamps import MILLISECONDS, read_timestamp
from trilogue_sandbox.kernel.views import Context, View, each
from trilogue_sandbox.kernel.world import World

LABELS = Table(
    "shop_labels",
    {
        "id": KEY,
        "uuid": UUID,
        "name": TEXT,
        "tags": JSON.default({}),
        "note": TEXT.nullable(),
        "is_active": BOOLEAN.default(True),
        "seen_at": TIMESTAMP.nullable(),
        "created_at": CREATED,
        "updated_at": CHANGED,
        "size": INTEGER.computed("LENGTH(name)"),
    },
    indexes=("created_at, id",),
    unique_indexes=("name WHERE is_active",),
)
DOCUMENT: Any = {
    "openapi": "3.1.1",
    "info": {"title": "Shop", "version": "1"},
    "paths": {},
    "components": {
        "schemas": {
            "Label": {
                "type": "object",
                "required": ["uuid", "name", "seenAt"],
                "properties": {
                    "uuid": {"type": "string"},
                    "name": {"type": "string"},
                    "tags": {"type": "object"},
                    "note": {"type": "string"},
                    "isActive": {"type": "boolean"},
                    "seenAt": {"type": ["string", "null"]},
                    "createdAt": {"type": "string"},
                    "loud": {"type": "string"},
                },
            },
        }
    },
}


class Shop(Context):
    """On whose behalf the tests act."""


def shout(shop: Shop, row: Row) -> Json:
    return str(row["name"]).upper()


LABEL = View[Shop]("Label", LABELS, computed={"loud": each(shout)})


@pytest.fixture
def world() -> Iterator[World]:
    store = Store()
    clock, draws = Clock(store), random.Random(7)
    world = World(
        store=store,
        clock=clock,
        random=draws,
        ids=Ids(draws, clock),
        timers=Timers(store, clock, "shop"),
        description=Description(DOCUMENT),
        faults=Faults(0),
        journal=Journal(),
        background_jobs=BackgroundJobs(store.transaction, print, real_time=False),
        timestamps=MILLISECONDS,
    )
    Resources([Resource[Any](tables=(LABELS,))]).reset(world)
    yield world
    store.close()


def add(world: World, name: str, **values: Any) -> Row:
    return world.records.add(LABELS, {"name": name, **values})


def test_a_row_comes_back_with_python_values_and_what_was_filled_in(world: World) -> None:
    row = add(world, "red", tags={"a": [1.0, None, "x"]}, seen_at=5_000_000)

    assert (row["name"], row["tags"], row["is_active"], row["note"]) == ("red", {"a": [1.0, None, "x"]}, True, None)
    assert (row["size"], row["seen_at"], len(row["uuid"])) == (3, 5_000_000, 36)
    assert row["created_at"] == row["updated_at"] == world.now


@pytest.mark.parametrize("value", ["5", 5, 5.0, "text", "", None, [], {"a": None}, True])
def test_json_of_every_type_comes_back_as_it_was(world: World, value: Json) -> None:
    row = add(world, "red", tags=value)

    assert world.records.get(LABELS, row["id"])["tags"] == value
    assert type(world.records.get(LABELS, row["id"])["tags"]) is type(value)


def test_a_change_writes_what_differs_and_the_time(world: World) -> None:
    row = add(world, "red")
    world.clock.advance(timedelta(seconds=1))

    assert world.records.change(LABELS, row, name="red", tags={}) is row
    changed = world.records.change(LABELS, row, name="blue", is_active=False)
    assert (changed["name"], changed["is_active"], changed["size"]) == ("blue", False, 4)
    assert changed["updated_at"] == row["updated_at"] + 1_000_000
    assert changed["created_at"] == row["created_at"]


def test_rows_are_found_counted_changed_and_removed(world: World) -> None:
    red, blue = add(world, "red"), add(world, "blue", note="cold")
    world.records.add_many(LABELS, [{"name": f"grey {shade}"} for shade in range(3)])

    found = world.records.find(LABELS, name="blue", is_active=True)
    assert found is not None
    assert found["id"] == blue["id"]
    assert world.records.find(LABELS, note="warm") is None
    greys = world.records.select(LABELS).where("item.name GLOB 'grey*'")
    assert greys.count() == 3
    assert greys.change("note = ?", "dull") == 3
    assert world.records.select(LABELS, note="dull").remove() == 3
    world.records.remove(LABELS, red)
    assert [row["name"] for row in world.records.select(LABELS).all("ORDER BY id")] == ["blue"]
    assert not greys.exists()


def test_pages_do_not_skip_rows_of_one_time_where_a_page_ends(world: World) -> None:
    for number in range(7):
        if number in (2, 5):
            world.clock.advance(timedelta(seconds=1))
        add(world, f"label {number}")
    for is_descending in (True, False):
        order, after, seen = Order("item.created_at", is_descending), None, list[str]()
        is_more = True
        while is_more:
            rows, is_more = world.records.select(LABELS).page(order, 3, after)
            seen += [row["name"] for row in rows]
            after = (rows[-1]["created_at"], rows[-1]["id"])

        expected = [f"label {number}" for number in range(7)]
        assert seen == (expected[::-1] if is_descending else expected)


def test_a_view_shows_rows_by_their_schema(world: World) -> None:
    row = add(world, "red", note="warm", seen_at=world.now)

    assert LABEL.show_one(Shop(world), row) == {
        "uuid": row["uuid"],
        "name": "red",
        "tags": {},
        "note": "warm",
        "isActive": True,
        "seenAt": "2026-01-01T12:00:00.000Z",
        "createdAt": "2026-01-01T12:00:00.000Z",
        "loud": "RED",
    }


def test_a_view_leaves_out_what_is_none_unless_it_may_be_null_or_has_to_be_there(world: World) -> None:
    shown = LABEL.show_one(Shop(world), add(world, "red"))

    assert "note" not in shown
    assert shown["seenAt"] is None


def test_a_property_that_nothing_fills_is_an_error(world: World) -> None:
    row = add(world, "red")

    with pytest.raises(DescriptionError, match=r"Label\.loud: nothing computes it"):
        View[Shop]("Label", LABELS).show_one(Shop(world), row)


def test_a_page_is_computed_at_once(world: World) -> None:
    calls: list[int] = []

    def count(shop: Shop, rows: Sequence[Row]) -> list[Json]:
        calls.append(len(rows))
        return ["!"] * len(rows)

    view = View[Shop]("Label", LABELS, computed={"loud": count})
    rows = [add(world, str(number)) for number in range(3)]

    assert [shown["loud"] for shown in view.show(Shop(world), rows)] == ["!"] * 3
    assert calls == [3]


def test_two_resources_cannot_declare_the_same_operation() -> None:
    parts = [Resource[Any](operations={"list": print}), Resource[Any](operations={"list": print})]

    with pytest.raises(ValueError, match="two resources declare the operation 'list'"):
        Resources(parts)


@pytest.mark.parametrize(
    ("values", "read", "message"),
    [
        ({}, lambda fields: fields.string("a"), "`a` must be a string and must be given"),
        ({"a": 5}, lambda fields: fields.string("a"), "`a` must be a string"),
        ({"a": ""}, lambda fields: fields.string("a", longest=3), "`a` must have 1 to 3 characters"),
        ({"a": True}, lambda fields: fields.integer("a"), "`a` must be an integer"),
        ({"a": 1.5}, lambda fields: fields.integer("a"), "`a` must be an integer"),
        ({"a": float("inf")}, lambda fields: fields.integer("a"), "`a` must be an integer"),
        ({"a": -1}, lambda fields: fields.integer("a", smallest=0), "`a` must be an integer from 0"),
        ({"a": "no"}, lambda fields: fields.choice("a", ("yes", "maybe")), "`a` must be one of: yes, maybe"),
        ({"a": "no"}, lambda fields: fields.boolean("a"), "`a` must be a boolean"),
        ({"a": []}, lambda fields: fields.object("a"), "`a` must be an object"),
        ({"a": {}}, lambda fields: fields.items("a"), "`a` must be a list"),
        ({"a": "today"}, lambda fields: fields.optional_timestamp("a"), "`a` must be a time in ISO 8601"),
        ({"b": 1}, lambda fields: fields.only("a"), "`b` is not known; there is: a"),
        ({"a": {"b": 1}}, lambda fields: fields.nested("a").string("b"), "`b` must be a string"),
    ],
)
def test_a_wrong_value_is_named(values: Any, read: Any, message: str) -> None:
    with pytest.raises(ControlError) as caught:
        read(Fields(values, control_error))

    assert str(caught.value).startswith(message)


def test_values_are_read_with_their_types() -> None:
    fields = Fields({"n": 5.0, "t": "2026-01-01T12:00:00.0019Z", "none": None, "list": ["a", 1]}, precision=1000)

    assert fields.integer("n") == 5
    assert fields.optional_timestamp("t") == read_timestamp("2026-01-01T12:00:00.001+00:00")
    assert (fields.optional_string("none"), fields.string("none", "x"), fields.boolean("none", True)) == (
        None,
        "x",
        True,
    )
    assert ("none" in fields, "other" in fields) == (True, False)
    assert fields.strings("list") == ["a"]


def test_seed_data_is_added_by_key_and_wrong_keys_and_counts_are_named(world: World) -> None:
    def add_labels(world: World, count: int) -> list[str]:
        return [str(add(world, f"label {number}")["name"]) for number in range(count)]

    resources = Resources([Resource[Any](seeders={"labels": counted(add_labels)})])

    assert resources.seed(world, {"labels": 2}) == {"labels": ["label 0", "label 1"]}
    with pytest.raises(ControlError, match="no seed data is called `tags`; there is: labels"):
        resources.seed(world, {"tags": 1})
    with pytest.raises(ControlError, match="`labels` must be an integer from 0 to 100000"):
        resources.seed(world, {"labels": -1})


def test_a_platform_without_a_handler_for_an_operation_cannot_be_made(world: World) -> None:
    class ShopPlatform(ResourcePlatform[Any]):
        name, prefix, resources = "shop", "/shop", Resources[Any]([])

        def respond(self, request: Request) -> Response:
            return Response(200)

        def error_response(self, reason: ErrorReason, status: int | None) -> Response:
            return Response(status or 500)

    described = {**DOCUMENT, "paths": {"/labels": {"get": {"operationId": "labels_list", "responses": {}}}}}

    assert ShopPlatform(world).name == "shop"
    with pytest.raises(DescriptionError, match="shop: no resource handles labels_list"):
        ShopPlatform(attrs.evolve(world, description=Description(described)))


def test_a_scheduled_job_is_due_at_its_time(world: World) -> None:
    world.schedule(world.now + 1_000_000, "count", number=1)

    assert world.timers.take_due() is None
    world.clock.advance(timedelta(seconds=1))
    timer = world.timers.take_due()
    assert timer is not None
    assert (timer.platform, timer.action, timer.payload) == ("shop", "count", {"number": 1})
