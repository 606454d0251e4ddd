"""Text from a URL or a form, turned into the values its schema speaks of."""

from __future__ import annotations

import re
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
    branches = _branches(schema) if schema else []
    if isinstance(text, dict):
        return _decode_map(branches, text)
    if isinstance(text, list):
        return _decode_list(branches, text)
    if schema and is_list(schema):
        return _decode_list(branches, [text])
    return _decode_scalar(_types(branches), text)


def is_list(schema: Node) -> bool:
    """Whether a single text under a schema is a list of one."""
    types = _types(_branches(schema))
    return "array" in types and "string" not in types


def _decode_scalar(types: set[str], text: str) -> Json:
    if "string" in types or not types:
        return text
    if "integer" in types and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        return float(text)
    if text in _LITERALS and ("null" if text == "null" else "boolean") in types:
        return _LITERALS[text]
    if types & {"object", "array"}:
        return _decode_json(text)
    return text


def _decode_json(text: str) -> Json:
    try:
        document: Json = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
    return document


def _decode_list(branches: list[Node], texts: list[Text]) -> Json:
    items = next((found for branch in branches if (found := branch.child("items"))), None)
    return [decode(items, text) for text in texts]


def _decode_map(branches: list[Node], texts: dict[str, Text]) -> Json:
    if "array" in _types(branches) and texts and all(key.isdecimal() for key in texts):
        return _decode_list(branches, [texts[key] for key in sorted(texts, key=int)])
    return {key: decode(_property(branches, key), text) for key, text in texts.items()}


def _property(branches: list[Node], name: str) -> Node | None:
    for branch in branches:
        properties = branch.child("properties")
        if properties and (found := properties.child(name)):
            return found
    return next((found for branch in branches if (found := branch.child("additionalProperties"))), None)


def _branches(schema: Node) -> list[Node]:
    found = [schema]
    for keyword in ("oneOf", "anyOf"):
        for _, branch in union.children() if (union := schema.child(keyword)) else ():
            found += _branches(branch)
    return found


def _types(branches: list[Node]) -> set[str]:
    types: set[str] = set()
    for branch in branches:
        declared = branch.child("type")
        value = declared.value if declared else None
        types.update(item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str))
    return types
