"""Ways through a description: its parts, the schemas in them, and the names that they refer to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

Json: TypeAlias = dict[str, Any]

DATA = ("example", "examples", "default", "enum", "value")
"""Keys whose values are data of the platform, not description."""

NAMES = (
    *("callbacks", "content", "encoding", "headers", "links", "mapping", "parameters", "pathItems", "paths"),
    *("properties", "requestBodies", "responses", "schemas", "scopes", "securitySchemes", "variables", "webhooks"),
)
"""Keys whose values map names to things; a name may be any word and means nothing."""


@dataclass(frozen=True)
class Location:
    """A part of the document, and where it stands in words."""

    where: str
    node: Json


def schemas_within(location: Location) -> Iterator[Location]:
    yield location
    for step, node in subschemas(location.node):
        yield from schemas_within(Location(f"{location.where}.{step}", node))


def subschemas(schema: Json) -> Iterator[tuple[str, Json]]:
    """Yield each schema directly inside another, with the step that leads there."""
    for key in ("items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else"):
        if isinstance(schema.get(key), dict):
            yield key, schema[key]
    for key in ("properties", "patternProperties", "$defs"):
        yield from ((f"{key}.{name}", node) for name, node in schema.get(key, {}).items() if isinstance(node, dict))
    for key in ("oneOf", "anyOf", "allOf", "prefixItems"):
        yield from ((f"{key}.{position}", node) for position, node in enumerate(schema.get(key, [])))


def parts_of(node: object, where: str = "", names: bool = False) -> Iterator[Location]:
    """Yield each object in a part of a description whose keys are words of OpenAPI; not maps of names and not data."""
    if isinstance(node, list):
        for item in cast(list[object], node):
            yield from parts_of(item, _inside(where, item))
    elif isinstance(node, dict):
        members = cast(Json, node)
        if not names:
            yield Location(where, members)
        for key, value in members.items():
            if names or key not in DATA:
                yield from parts_of(value, f"{where}.{key}".lstrip("."), names=not names and key in NAMES)


def _inside(where: str, item: object) -> str:
    """Return where an item of a list stands: below its name, if it has one."""
    members = cast(Json, item) if isinstance(item, dict) else {}
    return f"{where}.{members['name']}" if "name" in members else where


def holders(location: Location) -> Iterator[Location]:
    """Yield the parameters, headers and bodies in a part of a description: whatever has a schema."""
    return (part for part in parts_of(location.node, location.where) if isinstance(part.node.get("schema"), dict))


def inline_schemas(location: Location) -> Iterator[Location]:
    """Yield the schemas that stand in parameters, headers and bodies themselves and not as a reference."""
    schemas = (Location(holder.where, holder.node["schema"]) for holder in holders(location))
    return (schema for schema in schemas if "$ref" not in schema.node)


def schema_names(node: Json) -> Iterator[str]:
    """Yield the names of the component schemas that a node refers to itself."""
    for part in parts_of(node):
        reference = part.node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/components/schemas/"):
            yield reference.rsplit("/", 1)[1]
