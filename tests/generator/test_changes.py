"""What is said about the change from one description to the next."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from generator.changes import changes

Document = dict[str, Any]


@pytest.fixture
def said(workshop: Any) -> Callable[[Callable[[Document], object]], list[str]]:
    """Return what is said after a change of the tiny description."""
    old: Document = workshop.document("tiny")

    def after(change: Callable[[Document], object]) -> list[str]:
        new = copy.deepcopy(old)
        change(new)
        return list(changes(old, new))

    return after


def schemas(document: Document) -> Document:
    found: Document = document["components"]["schemas"]
    return found


def test_nothing_is_said_where_nothing_changed(said: Any) -> None:
    assert said(lambda document: None) == []


def test_prose_and_examples_are_no_change(said: Any) -> None:
    def reword(document: Document) -> None:
        schemas(document)["Note"]["properties"]["text"]["description"] = "Other words."
        schemas(document)["Note"]["examples"] = [{}]

    assert said(reword) == []


def test_what_was_added_is_said(said: Any) -> None:
    def add(document: Document) -> None:
        document["paths"]["/notes"]["put"] = {"operationId": "notes_replace"}
        schemas(document)["Note"]["properties"]["pages"] = {"type": "integer"}
        schemas(document)["Colour"]["enum"].append("pink")

    assert said(add) == ["  + operation notes_replace", "? + Colour: choice pink", "  + Note: field pages"]


def test_what_was_removed_is_marked_as_breaking(said: Any) -> None:
    def remove(document: Document) -> None:
        del document["paths"]["/notes"]["post"]
        document["paths"]["/notes"]["get"]["parameters"].pop()
        del schemas(document)["Note"]["properties"]["colour"]

    assert said(remove) == [
        "! - operation notes_create",
        "! - notes_list: parameter colour",
        "! - Note: field colour",
    ]


def test_another_type_or_another_need_is_marked_as_breaking(said: Any) -> None:
    def change(document: Document) -> None:
        schemas(document)["Note"]["properties"]["id"]["type"] = "string"
        schemas(document)["NoteWrite"]["required"].append("colour")
        document["paths"]["/notes"]["get"]["parameters"][0]["required"] = True

    assert said(change) == [
        "! ~ notes_list: parameter reverse",
        "! ~ Note: field id",
        "! ~ NoteWrite: field colour is now required",
    ]


def test_a_method_that_is_sent_again_in_another_way_is_marked(said: Any) -> None:
    def change(document: Document) -> None:
        document["paths"]["/notes"]["post"]["x-sdk"]["retry"] = "idempotent"

    assert said(change) == ["! ~ notes_create: x-sdk"]


def test_another_answer_is_marked(said: Any) -> None:
    def change(document: Document) -> None:
        document["paths"]["/notes"]["post"]["responses"]["201"]["content"] = {}

    assert said(change) == ["! ~ notes_create: responses"]


def test_a_change_of_a_shared_parameter_is_a_change_of_each_operation(workshop: Any) -> None:
    old = workshop.document("torture")
    new = copy.deepcopy(old)
    new["components"]["parameters"]["Shop"]["required"] = False

    assert list(changes(old, new)) == ["! ~ listPets: parameter X-Shop"]
