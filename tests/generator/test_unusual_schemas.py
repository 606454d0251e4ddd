"""Schemas that are valid and rare: each becomes right code."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from msgspec.json import decode, encode

NOTE = {"id": 1, "text": "Hello", "written_on": "2026-01-01T00:00:00Z"}
NOTE_SCHEMA = {"$ref": "#/components/schemas/Note"}
TIME = {"type": "string", "format": "date-time"}

UNUSUAL: dict[str, tuple[dict[str, Any], Any]] = {
    "an enum of integers with gaps": ({"type": "integer", "enum": [1, 5, -3]}, 5),
    "an enum with null": ({"type": ["string", "null"], "enum": ["a", "b", None]}, None),
    "an enum with null and a value": ({"type": ["string", "null"], "enum": ["a", "b", None]}, "b"),
    "an enum of integers with null": ({"type": ["integer", "null"], "enum": [3, 1, None]}, 3),
    "an enum of odd strings": ({"type": "string", "enum": ["", "a b", "é", "\"'\\"]}, "\"'\\"),
    "an array of one type or another": (
        {"type": "array", "items": {"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}},
        ["a", 1, None],
    ),
    "an array of arrays": ({"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}, [[1], []]),
    "a map of arrays of objects": (
        {"type": "object", "additionalProperties": {"type": "array", "items": NOTE_SCHEMA}},
        {"a": [NOTE]},
    ),
    "a time or an object": ({"oneOf": [TIME, NOTE_SCHEMA]}, NOTE),
    "itself": (NOTE_SCHEMA, NOTE),
    "itself or null": ({"oneOf": [NOTE_SCHEMA, {"type": "null"}]}, None),
    "a list of itself": ({"type": "array", "items": NOTE_SCHEMA}, [NOTE]),
    "a chain of references": ({"$ref": "#/components/schemas/First"}, "blue"),
    "a reference to a reference to an object": ({"$ref": "#/components/schemas/OtherNote"}, NOTE),
    "anything": ({}, [1, {"a": None}]),
    "an object of anything": ({"type": "object", "additionalProperties": True}, {"a": [1]}),
}
LINKS = {
    "First": {"$ref": "#/components/schemas/Second"},
    "Second": {"$ref": "#/components/schemas/Colour"},
    "OtherNote": NOTE_SCHEMA,
}


def note_with(workshop: Any, name: str, schema: dict[str, Any], target: str) -> Any:
    def add(document: dict[str, Any]) -> None:
        schemas = document["components"]["schemas"]
        schemas.update({link: node for link, node in LINKS.items() if link in str(schema) + str(LINKS.get("First"))})
        schemas["Note"]["properties"][name] = {"description": "Rare.", **schema}

    workshop.make("tiny", target, edit=add)
    return workshop.load(f"{target}.models").Note


@pytest.mark.parametrize("case", UNUSUAL)
def test_an_unusual_property_comes_in_and_goes_out_as_it_was(workshop: Any, case: str) -> None:
    schema, value = UNUSUAL[case]
    note = note_with(workshop, "rare", schema, f"rare_{list(UNUSUAL).index(case)}")

    made = note.from_dict({**NOTE, "rare": value})

    assert made.to_dict() == {**NOTE, "rare": value}
    assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == made


@pytest.mark.parametrize("case", [case for case in UNUSUAL if case != "a time or an object"])
def test_an_unusual_property_is_the_same_when_it_is_decoded_in_one_pass(workshop: Any, case: str) -> None:
    schema, value = UNUSUAL[case]
    note = note_with(workshop, "rare", schema, f"one_pass_{list(UNUSUAL).index(case)}")

    made = decode(encode({**NOTE, "rare": value}), type=note._Struct).to_model()

    assert made == note.from_dict({**NOTE, "rare": value})
    assert made.to_dict() == {**NOTE, "rare": value}


def test_an_object_with_a_union_that_is_told_apart_by_type_is_not_decoded_in_one_pass(workshop: Any) -> None:
    note = note_with(workshop, "rare", UNUSUAL["a time or an object"][0], "not_in_one_pass")

    assert not hasattr(note, "_Struct")


NAMES = [
    *("from_dict", "to_dict", "self", "class", "FIELDS", "additional_properties", "_notes", "__init__", "__", "1a"),
    *("a.b", "$ref", "名", "ﬁ", "UNSET", "datetime", "additionalProperties", "x" * 300),
    *("to_model", "renamed", "_Struct", "ABSENT"),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_property_of_any_name_has_a_name_in_python(workshop: Any, name: str) -> None:
    note = note_with(workshop, name, {"type": "string"}, f"named_{NAMES.index(name)}")

    made = note.from_dict({**NOTE, name: "x"})
    (python,) = [field.name for field in note.FIELDS if field.wire == name]

    assert made.to_dict() == {**NOTE, name: "x"}
    assert getattr(made, python) == "x"
    assert decode(encode({**NOTE, name: "x"}), type=note._Struct).to_model() == made
