"""Strings from a URL or a form, turned into the values that a schema describes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from trilogue_sandbox.kernel.document import Node
from trilogue_sandbox.kernel.http import Json

Text: TypeAlias = "str | list[Text] | dict[str, Text]"
"""What a query or a form can carry: strings, and lists and maps of them."""

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_LITERALS: dict[str, Json] = {"true": True, "false": False, "null": None}


def decode(schema: Node | None, text: Text) -> Json:
    """Return the value that a text stands for under a schema; text that fits no type stays a string.

    Where a schema allows strings among other types, a text is a string.
    """
    branches = schema.branches if schema else ()
    if isinstance(text, dict):
        return _decode_map(branches, text)
    if isinstance(text, list):
        return _decode_list(branches, text)
    if schema and is_list(schema):
        return _decode_list(branches, [text])
    return _decode_scalar(schema.types if schema else frozenset(), text)


def is_list(schema: Node) -> bool:
    """Whether a single text under a schema is a list of one."""
    return "array" in schema.types and "string" not in schema.types


def _decode_scalar(types: frozenset[str], text: str) -> Json:
    if "string" in types or not types:
        return text
    if "integer" in types and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        return float(text)
    if text in _LITERALS and ("null" if text == "null" else "boolean") in types:
        return _LITERALS[text]
    return _decode_json(text) if types & {"object", "array"} else text


def _decode_json(text: str) -> Json:
    try:
        document: Json = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text
    return document


def _decode_list(branches: Sequence[Node], texts: list[Text]) -> Json:
    items = next((found for branch in branches if (found := branch.child("items"))), None)
    return [decode(items, text) for text in texts]


def _decode_map(branches: Sequence[Node], texts: dict[str, Text]) -> Json:
    if any("array" in branch.types for branch in branches) and texts and all(key.isdecimal() for key in texts):
        return _decode_list(branches, [texts[key] for key in sorted(texts, key=int)])
    return {key: decode(_property(branches, key), text) for key, text in texts.items()}


def _property(branches: Sequence[Node], name: str) -> Node | None:
    for branch in branches:
        properties = branch.child("properties")
        if properties and (found := properties.child(name)):
            return found
    return next((found for branch in branches if (found := branch.child("additionalProperties"))), None)
