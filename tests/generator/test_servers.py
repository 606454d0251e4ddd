"""What only one kind of server has, and at what it fails, is said in the docstrings."""

from __future__ import annotations

import inspect
from typing import Any

import pytest


def tell_apart(document: dict[str, Any]) -> None:
    """Let the tiny description be that of two kinds of server."""
    document["x-servers"] = {"old": "Old Notes", "new": "Notes 2"}
    document["x-faults"] = {"long-text": "for a text that is too long"}
    notes, schemas = document["paths"]["/notes"], document["components"]["schemas"]
    notes["post"]["x-servers"] = ["new"]
    notes["get"]["parameters"][0]["x-servers"] = ["old"]
    schemas["Note"]["properties"]["written_on"]["x-servers"] = ["old"]
    schemas["NoteWrite"]["properties"]["text"] |= {"maxLength": 9, "x-faults": {"long-text": ["old", "new"]}}


def said_of(method: Any) -> str:
    return " ".join((inspect.getdoc(method) or "").split())


@pytest.fixture(scope="module")
def resource(workshop: Any) -> Any:
    workshop.make("tiny", "two_servers", tell_apart)
    return workshop.load("two_servers.resources.notes")


def test_a_method_says_which_server_has_it(resource: Any) -> None:
    assert "Only on Notes 2." in said_of(resource.Notes.create)
    assert "Only on" not in said_of(resource.Notes.list).partition("Args:")[0]


def test_an_argument_says_which_server_reads_it_and_which_fails(resource: Any) -> None:
    assert "True for the oldest first. Only on Old Notes." in said_of(resource.Notes.list)
    assert "Old Notes and Notes 2 fail with 500 for a text that is too long." in said_of(resource.Notes.create)


def test_a_property_says_which_server_has_it(workshop: Any, resource: Any) -> None:
    source = inspect.getsource(workshop.load("two_servers.models.note"))

    assert "When it was written. Only on Old Notes." in source


def test_the_client_knows_what_it_must_not_send_and_who_has_the_operation(workshop: Any, resource: Any) -> None:
    create = workshop.load("two_servers.operations.notes").CREATE

    assert create.servers == ("Notes 2",)
    assert {parameter.name: parameter.bounds for parameter in create.parameters} == {"text": (0, 9), "colour": None}
