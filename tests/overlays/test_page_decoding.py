"""Pages are decoded in one pass, and nobody can tell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any
from unittest.mock import Mock

import attrs
import pytest
from trilogue._pagination.bodies import page_decoder
from trilogue.rapidpro import Contact
from trilogue_generated.platforms import PLATFORMS
from trilogue_generated.runtime.operation import ListOperation

from .fuzz import operations_of
from .support import Harness, raw_response
from .test_models import ANA, described_models

MESSAGE = {
    "uuid": "019a11aa-0001-7000-8000-000000000001",
    "contact": {"uuid": "5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9", "name": "Ana"},
    "urn": "tel:+250788123123",
    "channel": None,
    "direction": "out",
    "type": "text",
    "status": "queued",
    "archived": False,
    "visibility": "visible",
    "text": "Tea?",
    "labels": [],
    "flow": None,
    "attachments": [],
    "created_on": "2026-11-20T10:00:00.123456Z",
    "sent_on": None,
    "modified_on": "2026-11-20T10:00:00.123456Z",
    "media": None,
    "id": 4105,
    "broadcast": None,
}
RUN = {
    "uuid": "019a11aa-0004-7000-8000-000000000001",
    "flow": {"uuid": "eeeeeeee-0001-4000-8000-000000000001", "name": "Registration"},
    "contact": {"uuid": "5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9", "name": "Ana", "urn": "tel:+250788123123"},
    "start": None,
    "responded": True,
    "path": [],
    "created_on": "2026-03-01T10:00:00Z",
    "modified_on": "2026-03-01T10:01:00Z",
    "exited_on": None,
    "exit_type": None,
    "id": 700,
}
RUN_VALUE = {"name": "Age", "value": "34", "category": "Adult", "node": "n", "time": "2026-03-01T10:01:00.123456Z"}


def described_lists() -> Iterator[Any]:
    """Every list whose rows are decoded in one pass, with the example of a row."""
    examples = {id(model): example for _, model, example in (each.values for each in described_models())}
    for platform in PLATFORMS:
        for made in operations_of(platform):
            if isinstance(made, ListOperation) and made.row_struct is not None:
                model = getattr(import_module(f"trilogue.{platform}"), made.row_struct().__qualname__.partition(".")[0])
                yield pytest.param(made, examples[id(model)], id=f"{platform}.{made.name}")


def as_sent(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(("operation", "example"), [*described_lists()])
def test_a_row_is_the_same_model_when_it_is_decoded_in_one_pass(
    operation: ListOperation[Any, Any], example: Any
) -> None:
    name = operation.paging.items

    [struct] = page_decoder(operation).decode(as_sent({name: [example], "unknown": 1}))[name]
    model, [alone] = struct.to_model(), operation.rows([example])

    assert model == alone
    assert model.to_dict() == alone.to_dict()


def test_all_rows_are_decoded_in_one_pass_but_strings_and_those_with_any_keys() -> None:
    others = {
        made.name
        for platform in PLATFORMS
        for made in operations_of(platform)
        if isinstance(made, ListOperation) and made.row_struct is None
    }

    assert others == {"files.tags.list", "files.tags.list_values", "tables.rows.find"}


NESTED = {"uuid": "1", "name": "Farmers"}
ODD_ROWS = {
    "unknown field": {**ANA, "mood": "good"},
    "unknown field within": {**ANA, "groups": [{**NESTED, "count": 5}]},
    "missing field": {name: value for name, value in ANA.items() if name != "urns"},
    "null for a field that may be missing": {**ANA, "ref": None},
    "null for a time": {**ANA, "created_on": None},
    "another type": {**ANA, "urns": "tel:+250788123123", "uuid": 5},
    "another type within": {**ANA, "groups": [NESTED, "Farmers", None]},
    "number for a time": {**ANA, "created_on": 5},
    "time that is none": {**ANA, "created_on": "yesterday"},
    "basic format": {**ANA, "created_on": "20260101T080000Z"},
    "time without zone": {**ANA, "created_on": "2026-01-01T08:00:00"},
    "offset": {**ANA, "created_on": "2026-01-01T10:00:00.5+02:00"},
    "unknown choice": {**ANA, "status": "sleeping"},
    "huge number": {**ANA, "blocked": 2**70},
    "not a number": {**ANA, "blocked": float("nan")},
    "lone surrogate": {**ANA, "name": "\ud83d"},
}


@pytest.mark.parametrize("odd", ODD_ROWS.values(), ids=ODD_ROWS)
def test_a_row_that_breaks_a_promise_is_what_it_is_by_itself(harness: Harness, odd: dict[str, Any]) -> None:
    sent = [odd, {**ANA, "uuid": "another"}]
    client, _ = harness.scripted(contents_of(*sent))

    rows, alone = harness.rows(client.contacts.list()), [Contact.from_dict(row) for row in sent]

    assert [repr(attrs.asdict(row)) for row in rows] == [repr(attrs.asdict(row)) for row in alone]
    assert [row.additional_properties for row in rows] == [row.additional_properties for row in alone]


def test_a_field_that_may_be_missing_or_null_is_dumped_as_it_came(harness: Harness) -> None:
    values = {"missing": RUN_VALUE, "null": {**RUN_VALUE, "input": None}, "given": {**RUN_VALUE, "input": "I am 34"}}
    client, _ = harness.scripted(contents_of({**RUN, "values": values}))

    [run] = harness.rows(client.runs.list())

    assert [value.input for value in run.values.values()] == [None, None, "I am 34"]
    assert run.to_dict()["values"] == values


def test_rows_of_a_list_without_identity_resume_by_what_they_contain(harness: Harness) -> None:
    sent = [MESSAGE, MESSAGE, {**MESSAGE, "text": "Coffee?"}]
    client, _ = harness.scripted(contents_of(*sent), contents_of(*sent))
    begun = client.messages.list().iterator()
    harness.next(begun)

    resumed = client.messages.list().resume(begun.position)

    assert [row.text for row in harness.rows(resumed)] == ["Tea?", "Coffee?"]


def test_a_row_twice_on_the_first_page_is_yielded_once(harness: Harness) -> None:
    other = {**ANA, "uuid": "another"}
    client, _ = harness.scripted(contents_of(ANA, other, ANA))

    assert [row.uuid for row in harness.rows(client.contacts.list())] == [ANA["uuid"], "another"]


def test_a_row_that_could_not_become_a_model_for_a_moment_is_yielded_next(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = harness.scripted(contents_of(ANA, {**ANA, "uuid": "another"}))
    rows = client.contacts.list().iterator()
    with monkeypatch.context() as patched:
        patched.setattr("trilogue.rapidpro.Contact._Struct.to_model", Mock(side_effect=MemoryError))
        with pytest.raises(MemoryError):
            harness.next(rows)

    assert [harness.next(rows).uuid, harness.next(rows).uuid] == [ANA["uuid"], "another"]


def contents_of(*rows: Any) -> Any:
    """Return a page with rows that may be no valid JSON."""
    return raw_response(200, as_sent({"next": None, "previous": None, "results": rows}))
