"""A pair of tiny schemas for each rule, in a request, in a response and in a webhook."""

from __future__ import annotations

from typing import Any

import pytest
from spec_diff.report import diff, worst

from .documents import with_schema

NARROWED = ("breaking", "compatible")
WIDENED = ("compatible", "breaking")
CHANGED = ("breaking", "breaking")
HARMLESS = ("compatible", "compatible")

STRING: Any = {"type": "string"}
SHORT: Any = {"type": "string", "maxLength": 3}
NUMBER: Any = {"type": "number"}
LIST: Any = {"type": "array", "items": STRING}


def props(**properties: Any) -> Any:
    return {"type": "object", "properties": properties}


# (what changes, before, after, the levels in a request and in a response); each is tried backwards as well
PAIRS: list[tuple[str, Any, Any, tuple[str, str]]] = [
    ("a type is taken away", {"type": ["string", "integer"]}, STRING, NARROWED),
    ("a type is named", {}, STRING, NARROWED),
    ("a number must be an integer", NUMBER, {"type": "integer"}, NARROWED),
    ("null is taken away", {"type": ["string", "null"]}, STRING, NARROWED),
    ("null of 3.0 is taken away", {"type": "string", "nullable": True}, STRING, NARROWED),
    ("null of a union is taken away", {"oneOf": [STRING, {"type": "null"}]}, STRING, NARROWED),
    ("another type", STRING, {"type": "boolean"}, CHANGED),
    ("an object becomes a list", props(a=STRING), LIST, CHANGED),
    ("a format is named", STRING, {"type": "string", "format": "uuid"}, NARROWED),
    ("another format", {"type": "string", "format": "date"}, {"type": "string", "format": "uuid"}, CHANGED),
    ("a smaller format", {"type": "integer", "format": "int64"}, {"type": "integer", "format": "int32"}, NARROWED),
    ("a lower maximum", {"type": "number", "maximum": 5}, {"type": "number", "maximum": 4}, NARROWED),
    ("a new maximum", NUMBER, {"type": "number", "maximum": 4}, NARROWED),
    ("a higher minimum", {"type": "number", "minimum": 1}, {"type": "number", "minimum": 2}, NARROWED),
    ("a new minimum", NUMBER, {"type": "number", "minimum": 2}, NARROWED),
    ("a minimum of zero", NUMBER, {"type": "number", "minimum": 0}, NARROWED),
    ("an exclusive maximum", NUMBER, {"type": "number", "exclusiveMaximum": 4}, NARROWED),
    ("a lower exclusive maximum", {"exclusiveMaximum": 5}, {"exclusiveMaximum": 4}, NARROWED),
    ("an exclusive minimum", NUMBER, {"type": "number", "exclusiveMinimum": 4}, NARROWED),
    ("a higher exclusive minimum", {"exclusiveMinimum": 4}, {"exclusiveMinimum": 5}, NARROWED),
    ("a shorter string", {"type": "string", "maxLength": 9}, {"type": "string", "maxLength": 8}, NARROWED),
    ("a new longest length", STRING, {"type": "string", "maxLength": 8}, NARROWED),
    ("a longer string", {"type": "string", "minLength": 1}, {"type": "string", "minLength": 2}, NARROWED),
    ("a new shortest length", STRING, {"type": "string", "minLength": 1}, NARROWED),
    ("fewer items", {"type": "array", "maxItems": 9}, {"type": "array", "maxItems": 8}, NARROWED),
    ("a new number of items", LIST, {**LIST, "maxItems": 8}, NARROWED),
    ("more items", {"type": "array", "minItems": 1}, {"type": "array", "minItems": 2}, NARROWED),
    ("a new least number of items", LIST, {**LIST, "minItems": 1}, NARROWED),
    ("fewer keys", {"type": "object", "maxProperties": 9}, {"type": "object", "maxProperties": 8}, NARROWED),
    ("more keys", {"type": "object", "minProperties": 1}, {"type": "object", "minProperties": 2}, NARROWED),
    ("items once only", LIST, {**LIST, "uniqueItems": True}, NARROWED),
    ("a multiple", NUMBER, {"type": "number", "multipleOf": 2}, NARROWED),
    ("a rarer multiple", {"type": "number", "multipleOf": 2}, {"type": "number", "multipleOf": 4}, NARROWED),
    ("another multiple", {"type": "number", "multipleOf": 2}, {"type": "number", "multipleOf": 3}, CHANGED),
    ("a constant", STRING, {"type": "string", "const": "a"}, NARROWED),
    ("another constant", {"const": "a"}, {"const": "b"}, CHANGED),
    ("an enumeration loses a value", {"enum": ["a", "b"]}, {"enum": ["a"]}, NARROWED),
    ("a list item gets narrower", LIST, {"type": "array", "items": {"type": "string", "maxLength": 3}}, NARROWED),
    ("items are described", {"type": "array"}, LIST, NARROWED),
    ("an inner property gets narrower", props(a=props(b=STRING)), props(a=props(b=SHORT)), NARROWED),
    ("a property becomes required", props(a=STRING), {**props(a=STRING), "required": ["a"]}, NARROWED),
    ("an undescribed property becomes required", props(), {**props(), "required": ["a"]}, NARROWED),
    ("other keys get narrower", {"additionalProperties": STRING}, {"additionalProperties": SHORT}, NARROWED),
    ("other keys are described", {"type": "object"}, {"type": "object", "additionalProperties": STRING}, NARROWED),
    ("something is ruled out", STRING, {"type": "string", "not": {"enum": ["a"]}}, NARROWED),
    ("a condition", props(a=STRING), {**props(a=STRING), "if": props(a={"const": "x"})}, NARROWED),
    ("a consequence", props(a=STRING), {**props(a=STRING), "then": {"required": ["a"]}}, NARROWED),
    ("an alternative", props(a=STRING), {**props(a=STRING), "else": {"required": ["a"]}}, NARROWED),
    ("another condition", {"if": {"const": "a"}}, {"if": {"const": "b"}}, CHANGED),
    ("an item that must be there", LIST, {**LIST, "contains": {"const": "a"}}, NARROWED),
    ("more such items", {"contains": STRING, "minContains": 1}, {"contains": STRING, "minContains": 2}, NARROWED),
    ("fewer such items", {"contains": STRING, "maxContains": 3}, {"contains": STRING, "maxContains": 2}, NARROWED),
    ("names of keys", {"type": "object"}, {"type": "object", "propertyNames": {"maxLength": 3}}, NARROWED),
    ("a pattern of keys", {"type": "object"}, {"type": "object", "patternProperties": {"^x": STRING}}, NARROWED),
    (
        "what a pattern of keys allows",
        {"patternProperties": {"^x": STRING}},
        {"patternProperties": {"^x": SHORT}},
        NARROWED,
    ),
    ("a dependency", props(a=STRING), {**props(a=STRING), "dependentRequired": {"a": ["b"]}}, NARROWED),
    ("another dependency", {"dependentRequired": {"a": ["b"]}}, {"dependentRequired": {"a": ["c"]}}, CHANGED),
    ("a dependent schema", props(a=STRING), {**props(a=STRING), "dependentSchemas": {"a": props(b=STRING)}}, NARROWED),
    ("no other keys, deeply", {"type": "object"}, {"type": "object", "unevaluatedProperties": False}, NARROWED),
    ("no other items, deeply", {"type": "array"}, {"type": "array", "unevaluatedItems": False}, NARROWED),
    ("a schema of encoded content", STRING, {"type": "string", "contentSchema": props(a=STRING)}, NARROWED),
    ("another content type", {"contentMediaType": "text/a"}, {"contentMediaType": "text/b"}, CHANGED),
    ("another encoding", {"contentEncoding": "base64"}, {"contentEncoding": "base32"}, CHANGED),
    (
        "a further merged schema",
        {"allOf": [props(a=STRING)]},
        {"allOf": [props(a=STRING), {"required": ["a"]}]},
        NARROWED,
    ),
    ("one of two becomes one", {"oneOf": [STRING, NUMBER]}, STRING, NARROWED),
    ("nothing is allowed", True, False, NARROWED),
    ("the default changes", {"type": "string", "default": "a"}, {"type": "string", "default": "b"}, HARMLESS),
    ("it is deprecated", props(a=STRING), props(a={"type": "string", "deprecated": True}), HARMLESS),
    ("it is described", STRING, {"type": "string", "description": "A string.", "examples": ["a"]}, HARMLESS),
    ("a union of one", STRING, {"oneOf": [STRING]}, HARMLESS),
    (
        "one server has it",
        {"oneOf": [STRING, {"type": "null"}]},
        {"oneOf": [STRING, {"type": "null"}], "x-servers": ["a"]},
        HARMLESS,
    ),
    ("a merge of one", STRING, {"allOf": [STRING]}, HARMLESS),
    ("types in another order", {"type": ["string", "null"]}, {"type": ["null", "string"]}, HARMLESS),
    ("null in another way", {"type": ["string", "null"]}, {"anyOf": [STRING, {"type": "null"}]}, HARMLESS),
]


def levels(location: str, old: Any, new: Any, components: Any = None) -> str:
    return str(worst(diff(with_schema(location, old, components), with_schema(location, new, components))))


def reverse(expected: tuple[str, str]) -> tuple[str, str]:
    return {NARROWED: WIDENED, WIDENED: NARROWED}.get(expected, expected)


@pytest.mark.parametrize(("old", "new", "expected"), [pair[1:] for pair in PAIRS], ids=[pair[0] for pair in PAIRS])
def test_direction_decides(old: Any, new: Any, expected: tuple[str, str]) -> None:
    assert levels("request", old, new) == expected[0]
    assert levels("response", old, new) == expected[1]
    assert levels("webhook", old, new) == expected[1]


BACKWARDS = [pair for pair in PAIRS if pair[3] in (NARROWED, CHANGED, HARMLESS)]
SPECIAL = ("an enumeration loses a value", "one of two becomes one")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [pair[1:] for pair in BACKWARDS if pair[0] not in SPECIAL],
    ids=[pair[0] for pair in BACKWARDS if pair[0] not in SPECIAL],
)
def test_direction_decides_backwards(old: Any, new: Any, expected: tuple[str, str]) -> None:
    assert levels("request", new, old) == reverse(expected)[0]
    assert levels("response", new, old) == reverse(expected)[1]
    assert levels("webhook", new, old) == reverse(expected)[1]


# what only an old client may trip over, and what follows no simple rule: location, before, after, level
CASES: list[tuple[str, str, Any, Any, str]] = [
    ("a value is new in an enumeration", "request", {"enum": ["a"]}, {"enum": ["a", "b"]}, "compatible"),
    ("a value is new in an enumeration", "response", {"enum": ["a"]}, {"enum": ["a", "b"]}, "risky"),
    ("a value is new in an enumeration", "webhook", {"enum": ["a"]}, {"enum": ["a", "b"]}, "risky"),
    (
        "a value is new in an open enumeration",
        "response",
        {"enum": ["a"], "x-extensible": True},
        {"enum": ["a", "b"], "x-extensible": True},
        "compatible",
    ),
    ("an enumeration ends", "response", {"type": "string", "enum": ["a"]}, STRING, "risky"),
    ("an enumeration ends", "request", {"type": "string", "enum": ["a"]}, STRING, "compatible"),
    ("an enumeration begins", "request", STRING, {"type": "string", "enum": ["a"]}, "breaking"),
    (
        "an extensible enumeration loses a value",
        "request",
        {"x-extensible-enum": ["a", "b"]},
        {"x-extensible-enum": ["a"]},
        "breaking",
    ),
    ("a property is new", "request", props(), props(a=STRING), "compatible"),
    ("a property is new", "response", props(), props(a=STRING), "compatible"),
    ("a property is new and required", "request", props(), {**props(a=STRING), "required": ["a"]}, "breaking"),
    ("a property is new and required", "response", props(), {**props(a=STRING), "required": ["a"]}, "compatible"),
    (
        "a property is new, required and only read",
        "request",
        props(),
        {**props(a={"type": "string", "readOnly": True}), "required": ["a"]},
        "compatible",
    ),
    ("a property goes", "request", props(a=STRING), props(), "breaking"),
    ("a property goes", "response", props(a=STRING), props(), "breaking"),
    (
        "other keys are refused",
        "request",
        {"type": "object"},
        {"type": "object", "additionalProperties": False},
        "breaking",
    ),
    (
        "other keys are refused",
        "response",
        {"type": "object"},
        {"type": "object", "additionalProperties": False},
        "compatible",
    ),
    (
        "other keys are allowed",
        "request",
        {"type": "object", "additionalProperties": False},
        {"type": "object"},
        "compatible",
    ),
    (
        "other keys are allowed",
        "response",
        {"type": "object", "additionalProperties": False},
        {"type": "object"},
        "risky",
    ),
    ("a member joins oneOf", "request", {"oneOf": [STRING, NUMBER]}, {"oneOf": [STRING, NUMBER, LIST]}, "compatible"),
    ("a member joins oneOf", "response", {"oneOf": [STRING, NUMBER]}, {"oneOf": [STRING, NUMBER, LIST]}, "breaking"),
    ("a member joins anyOf", "response", {"anyOf": [STRING, NUMBER]}, {"anyOf": [STRING, NUMBER, LIST]}, "risky"),
    ("a member leaves oneOf", "request", {"oneOf": [STRING, NUMBER, LIST]}, {"oneOf": [STRING, NUMBER]}, "breaking"),
    ("a member leaves oneOf", "response", {"oneOf": [STRING, NUMBER, LIST]}, {"oneOf": [STRING, NUMBER]}, "compatible"),
    ("a member leaves anyOf", "request", {"anyOf": [STRING, NUMBER, LIST]}, {"anyOf": [STRING, NUMBER]}, "breaking"),
    (
        "a member gets narrower",
        "request",
        {"oneOf": [STRING, props(a=STRING)]},
        {"oneOf": [STRING, props(a={"enum": ["x"]})]},
        "breaking",
    ),
    ("members change their order", "request", {"oneOf": [STRING, NUMBER]}, {"oneOf": [NUMBER, STRING]}, "compatible"),
    ("one becomes one of two", "request", STRING, {"oneOf": [STRING, NUMBER]}, "compatible"),
    ("one becomes one of two", "response", STRING, {"oneOf": [STRING, NUMBER]}, "breaking"),
    ("one becomes one of two others", "request", STRING, {"oneOf": [LIST, NUMBER]}, "breaking"),
    ("a pattern is new", "request", STRING, {"type": "string", "pattern": "^a"}, "breaking"),
    ("a pattern changes", "request", {"pattern": "^a"}, {"pattern": "^b"}, "breaking"),
    ("a pattern goes", "request", {"pattern": "^a"}, {}, "compatible"),
    ("a pattern allows all", "request", {"pattern": "^a"}, {"pattern": ".*"}, "compatible"),
    ("a pattern changes", "response", {"pattern": "^a"}, {"pattern": "^b"}, "compatible"),
    ("a prefix item is new", "request", {"prefixItems": [STRING]}, {"prefixItems": [STRING, NUMBER]}, "compatible"),
    ("a prefix item goes", "request", {"prefixItems": [STRING, NUMBER]}, {"prefixItems": [STRING]}, "breaking"),
    ("a prefix item is new", "response", {"prefixItems": [STRING]}, {"prefixItems": [STRING, NUMBER]}, "breaking"),
    ("a property goes that was only read", "request", props(a={**STRING, "readOnly": True}), props(), "compatible"),
    ("a property goes that was only read", "response", props(a={**STRING, "readOnly": True}), props(), "breaking"),
    ("a property goes that was only written", "request", props(a={**STRING, "writeOnly": True}), props(), "breaking"),
    (
        "a property goes that was only written",
        "response",
        props(a={**STRING, "writeOnly": True}),
        props(),
        "compatible",
    ),
    ("a prefix item changes", "request", {"prefixItems": [STRING]}, {"prefixItems": [NUMBER]}, "breaking"),
    (
        "a written property shows",
        "response",
        {**props(a={"type": "string", "writeOnly": True}), "required": ["a"]},
        {**props(a=STRING), "required": ["a"]},
        "risky",
    ),
    ("a default changes", "query", {"type": "string", "default": "a"}, {"type": "string", "default": "b"}, "breaking"),
    ("a number becomes any text", "query", NUMBER, STRING, "compatible"),
    ("text becomes a number", "query", STRING, NUMBER, "breaking"),
    ("one value becomes a list", "query", STRING, LIST, "compatible"),
    ("one value becomes a list of two", "query", STRING, {**LIST, "minItems": 2}, "breaking"),
    ("one value becomes a list of others", "query", STRING, {"type": "array", "items": NUMBER}, "breaking"),
    ("a list becomes one value", "query", LIST, STRING, "breaking"),
]


@pytest.mark.parametrize(
    ("location", "old", "new", "expected"),
    [case[1:] for case in CASES],
    ids=[f"{case[0]} ({case[1]} {number})" for number, case in enumerate(CASES)],
)
def test_a_case_of_its_own(location: str, old: Any, new: Any, expected: str) -> None:
    assert levels(location, old, new) == expected


REFERENCED: list[tuple[str, Any]] = [
    ("a property", props(a={"$ref": "#/components/schemas/Part"})),
    ("an item", {"type": "array", "items": {"$ref": "#/components/schemas/Part"}}),
    ("another key", {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Part"}}),
    ("a member", {"oneOf": [{"type": "boolean"}, {"$ref": "#/components/schemas/Part"}]}),
    ("a merged schema", {"allOf": [{"$ref": "#/components/schemas/Part"}]}),
    ("a condition", {"type": "object", "if": {"$ref": "#/components/schemas/Part"}}),
    ("nullable", {"oneOf": [{"$ref": "#/components/schemas/Part"}, {"type": "null"}]}),
]


@pytest.mark.parametrize("schema", [case[1] for case in REFERENCED], ids=[case[0] for case in REFERENCED])
def test_a_change_behind_a_reference_is_found(schema: Any) -> None:
    old, new = ({"Part": props(a=STRING)}, {"Part": props(a=NUMBER)})
    found = diff(with_schema("request", schema, old), with_schema("request", schema, new))

    assert str(worst(found)) == "breaking"


def test_schemas_that_contain_themselves_are_compared_once() -> None:
    def tree(leaf: Any) -> Any:
        return {"Node": {**props(leaf=leaf, left={"$ref": "#/components/schemas/Node"}), "required": ["leaf"]}}

    schema = {"$ref": "#/components/schemas/Node"}
    found = diff(with_schema("response", schema, tree(STRING)), with_schema("response", schema, tree(NUMBER)))

    assert [finding.pointer for finding in found] == ["/components/schemas/Node/properties/leaf"]


def test_a_component_that_is_sent_and_received_is_judged_both_ways() -> None:
    def document(schema: Any) -> Any:
        both = with_schema("request", {"$ref": "#/components/schemas/Part"}, {"Part": schema})
        answer = {
            "description": "Yes.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Part"}}},
        }
        both["paths"]["/"]["post"]["responses"] = {"200": answer}
        return both

    found = diff(document(props(a=STRING)), document({**props(a=STRING), "required": ["a"]}))

    assert {(str(finding.level), finding.rule) for finding in found} == {
        ("breaking", "request-body-property-became-required"),
        ("compatible", "response-body-property-became-required"),
    }
