"""What changed in a description, in words for whoever writes the changelog; `!` marks what can break a caller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .description import METHODS

Node = Mapping[str, Any]


def changes(old: Node, new: Node) -> Iterator[str]:
    """Yield a line for each operation, argument, field or choice that was added, removed or changed."""
    before, after = _operations(old), _operations(new)
    yield from _named(before, after, "operation", breaks=True)
    for name in sorted(before.keys() & after.keys()):
        yield from _operation(name, before[name], after[name])
    schemas = _schemas(old), _schemas(new)
    yield from _named(*schemas, "schema", breaks=True)
    for name in sorted(schemas[0].keys() & schemas[1].keys()):
        yield from _schema(name, schemas[0][name], schemas[1][name])


def _operations(document: Node) -> dict[str, Node]:
    found = (item[method] for item in document["paths"].values() for method in METHODS if method in item)
    return {node["operationId"]: node for node in found}


def _schemas(document: Node) -> dict[str, Node]:
    return dict(document.get("components", {}).get("schemas", {}))


def _named(old: Mapping[str, Any], new: Mapping[str, Any], kind: str, *, breaks: bool) -> Iterator[str]:
    yield from (f"  + {kind} {name}" for name in sorted(new.keys() - old.keys()))
    yield from (f"{'!' if breaks else ' '} - {kind} {name}" for name in sorted(old.keys() - new.keys()))


def _operation(name: str, old: Node, new: Node) -> Iterator[str]:
    if old.get("x-sdk") != new.get("x-sdk"):
        yield f"! ~ {name}: x-sdk was {old.get('x-sdk')}, is {new.get('x-sdk')}"
    before, after = _parameters(old), _parameters(new)
    yield from _named(before, after, f"{name}: parameter", breaks=True)
    for parameter in sorted(before.keys() & after.keys()):
        if _schema_of(before[parameter]) != _schema_of(after[parameter]):
            yield f"! ~ {name}: parameter {parameter}"


def _parameters(node: Node) -> dict[str, Node]:
    listed = node.get("parameters", ())
    return {parameter.get("name") or parameter["$ref"].rsplit("/", 1)[-1]: parameter for parameter in listed}


def _schema_of(parameter: Node) -> tuple[object, ...]:
    return parameter.get("required"), parameter.get("schema"), parameter.get("style"), parameter.get("explode")


def _schema(name: str, old: Node, new: Node) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    yield from _named(before, after, f"{name}: field", breaks=True)
    for wire in sorted(before.keys() & after.keys()):
        if _type(before[wire]) != _type(after[wire]):
            yield f"! ~ {name}: field {wire}"
    for wire in sorted(set(old.get("required", ())) ^ set(new.get("required", ()))):
        state = "required" if wire in new.get("required", ()) else "optional"
        yield f"! ~ {name}: field {wire} is now {state}"
    choices = [dict.fromkeys(map(str, node.get("enum", ()))) for node in (old, new)]
    yield from _named(choices[0], choices[1], f"{name}: choice", breaks=True)


def _type(node: Node) -> dict[str, object]:
    return {key: value for key, value in node.items() if key not in ("description", "examples", "deprecated")}
