"""What a schema says in effect: `allOf` merged, unions of one dissolved, 3.0 written as 3.1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .documents import Node, is_list, is_mapping

_GREATEST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
_LEAST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
_PROSE = ("description", "title", "summary", "example", "examples", "externalDocs", "$comment")
_BESIDE_UNIONS = ("description", "title", "deprecated", "default", "x-servers", "x-faults")


def effective(node: Node) -> Node:
    """Return a schema with the same meaning that has no `allOf`, no union of one, and no keyword of 3.0."""
    node = _without_single_unions(node.resolved())
    if not is_mapping(node.value):
        return node
    value = _as_3_1(node.value)
    if "allOf" in node:
        own = {key: item for key, item in value.items() if key != "allOf"}
        for member in node.child("allOf").items():
            inner = effective(member)
            if is_mapping(inner.value):
                own = _merged(own, inner.value)
        value = own
    return Node(node.document, node.pointer, value)


def members(node: Node, keyword: str) -> list[Node]:
    """Return the members of a union but null."""
    found = [effective(member) for member in node.child(keyword).items()]
    return [member for member in found if types_of(member) != {"null"}]


def types_of(node: Node) -> set[str]:
    """Return the types a schema allows, `null` among them; an empty set where it names none."""
    declared = node.get("type")
    types: set[str] = {declared} if isinstance(declared, str) else set(declared or [])
    values: list[Any] = node.get("enum") or ([node.get("const")] if "const" in node else [])
    if None in values and types:
        types.add("null")
    if not types and values:
        types = {_type_of_value(value) for value in values}
    if not types:
        unions = [node.child(keyword).items() for keyword in ("oneOf", "anyOf")]
        found = [types_of(effective(member)) for union in unions for member in union]
        types = {name for each in found for name in each} if all(found) else set[str]()
    return types


def _type_of_value(value: Any) -> str:
    for python_type, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array")):
        if isinstance(value, python_type):
            return name
    return "null" if value is None else "object"


def _without_single_unions(node: Node) -> Node:
    """Return the only member of a union that has no other but null, then nullable."""
    for keyword in ("oneOf", "anyOf"):
        union = node.get(keyword)
        if not is_list(union) or set(node.value) - {keyword, *_BESIDE_UNIONS}:
            continue
        found = [member.resolved() for member in node.child(keyword).items()]
        others = [member for member in found if not _is_null(member)]
        if len(others) == 1 and len(found) <= 2:
            single = _without_single_unions(others[0])
            return single if len(found) == 1 else _nullable(single)
    return node


def _is_null(node: Node) -> bool:
    return bool(node.get("type") == "null" or node.get("enum") == [None])


def _nullable(node: Node) -> Node:
    if not is_mapping(node.value):
        return node
    types = types_of(node)
    if not types:
        return node
    return Node(node.document, node.pointer, {**node.value, "type": sorted({*types, "null"})})


def _as_3_1(value: Mapping[str, Any]) -> dict[str, Any]:
    written = dict(value)
    if written.pop("nullable", False) and isinstance(written.get("type"), str):
        written["type"] = [written["type"], "null"]
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(written.get(exclusive), bool) and written.pop(exclusive) and bound in written:
            written[exclusive] = written.pop(bound)
    return written


def _merged(one: dict[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(one)
    for key, value in other.items():
        if key not in merged:
            merged[key] = value
        elif key == "properties":
            merged[key] = {**merged[key], **value}
        elif key == "required":
            merged[key] = [*merged[key], *(name for name in value if name not in merged[key])]
        elif key in _GREATEST:
            merged[key] = max(merged[key], value)
        elif key in _LEAST:
            merged[key] = min(merged[key], value)
        elif key == "enum":
            merged[key] = [item for item in merged[key] if item in value]
    return merged


def are_same(before: Node, after: Node) -> bool:
    """Return whether two schemas are the same but for what only people read."""
    return bool(_expanded(before) == _expanded(after))


def _expanded(node: Node, within: frozenset[str] = frozenset()) -> Any:
    """Return a schema with references followed and without what only people read; one within itself is its name."""
    if node.pointer in within:
        return node.pointer
    inside = within | {node.pointer}
    if is_list(node.value):
        return [_expanded(item, inside) for item in node.items()]
    if not is_mapping(node.value):
        return node.value
    return {
        key: _expanded(item, inside) for key, item in node.children() if key not in _PROSE or is_mapping(item.value)
    }
