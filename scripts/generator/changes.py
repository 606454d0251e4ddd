"""What changed in a description, in words for whoever writes the changelog.

`!` marks what breaks a caller, `?` what an older client may not expect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from .description import METHODS

Node = Mapping[str, Any]

PROSE = ("description", "summary", "example", "examples", "deprecated", "links")


def changes(old: Node, new: Node) -> Iterator[str]:
    """Yield a line for each operation, argument, field or choice that was added, removed or changed."""
    operations = _operations(old), _operations(new)
    yield from _names(*operations, "operation")
    for name in sorted(operations[0].keys() & operations[1].keys()):
        yield from _operation(name, operations[0][name], operations[1][name])
    schemas = _schemas(old), _schemas(new)
    yield from _names(*schemas, "schema")
    for name in sorted(schemas[0].keys() & schemas[1].keys()):
        yield from _schema(name, schemas[0][name], schemas[1][name])


def _operations(document: Node) -> dict[str, Node]:
    return {
        item[method]["operationId"]: {**item[method], "parameters": _parameters(document, item, item[method])}
        for item in document["paths"].values()
        for method in METHODS
        if method in item
    }


def _parameters(document: Node, item: Node, operation: Node) -> dict[str, Node]:
    shared = document.get("components", {}).get("parameters", {})
    listed = [*item.get("parameters", ()), *operation.get("parameters", ())]
    followed = [shared[node["$ref"].rsplit("/", 1)[-1]] if "$ref" in node else node for node in listed]
    return {node["name"]: node for node in followed}


def _schemas(document: Node) -> dict[str, Node]:
    return dict(document.get("components", {}).get("schemas", {}))


def _names(old: Iterable[str], new: Iterable[str], kind: str, added: str = " ") -> Iterator[str]:
    before, after = set(old), set(new)
    yield from (f"{added} + {kind} {name}" for name in sorted(after - before))
    yield from (f"! - {kind} {name}" for name in sorted(before - after))


def _operation(name: str, old: Node, new: Node) -> Iterator[str]:
    for key in ("x-sdk", "requestBody", "responses", "security"):
        if _bare(old.get(key)) != _bare(new.get(key)):
            yield f"! ~ {name}: {key}"
    yield from _fields(name, "parameter", old["parameters"], new["parameters"])


def _schema(name: str, old: Node, new: Node) -> Iterator[str]:
    yield from _fields(name, "field", old.get("properties", {}), new.get("properties", {}))
    for field in sorted(set(old.get("required", ())) ^ set(new.get("required", ()))):
        yield f"! ~ {name}: field {field} is now {'required' if field in new.get('required', ()) else 'optional'}"
    yield from _names(map(str, old.get("enum", ())), map(str, new.get("enum", ())), f"{name}: choice", "?")


def _fields(name: str, kind: str, old: Mapping[str, Node], new: Mapping[str, Node]) -> Iterator[str]:
    yield from _names(old, new, f"{name}: {kind}")
    for field in sorted(old.keys() & new.keys()):
        if _bare(old[field]) != _bare(new[field]):
            yield f"! ~ {name}: {kind} {field}"


def _bare(node: object) -> object:
    """Return a node without its prose; a property may be called like a key of prose, its value is then a schema."""
    if isinstance(node, list):
        return [_bare(member) for member in cast(list[object], node)]
    if not isinstance(node, dict):
        return node
    members = cast(Node, node).items()
    return {key: _bare(value) for key, value in members if key not in PROSE or _is_property(key, value)}


def _is_property(key: str, value: Any) -> bool:
    return key not in ("examples", "links") and isinstance(value, dict)
