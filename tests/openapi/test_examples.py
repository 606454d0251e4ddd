"""Every example fits its schema, with unknown keys refused and formats checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from description_rules.description import Description, Json, descriptions
from description_rules.walking import Location, holders

ANNOTATIONS = ("description", "examples", "default", "deprecated", "discriminator")


@dataclass(frozen=True)
class Example:
    """A value in a description, and the schema that it must fit."""

    where: str
    schema: Json
    value: Any


def examples(description: Description) -> Iterator[Example]:
    for schemas in description.schemas:
        for part in schemas.parts:
            yield from shown_by_schema(part)
    for owner in description.owners:
        for holder in holders(owner):
            yield from shown_by_holder(description, holder)


def shown_by_schema(part: Location) -> Iterator[Example]:
    for position, value in enumerate(part.node.get("examples", [])):
        yield Example(f"{part.where}.examples.{position}", part.node, value)
    if "default" in part.node:
        yield Example(f"{part.where}.default", part.node, part.node["default"])


def shown_by_holder(description: Description, holder: Location) -> Iterator[Example]:
    if "example" in holder.node:
        yield Example(f"{holder.where}.example", holder.node["schema"], holder.node["example"])
    for name, example in holder.node.get("examples", {}).items():
        yield Example(f"{holder.where}.{name}", holder.node["schema"], description.target(example)["value"])


def faults(description: Description, example: Example) -> list[str]:
    validator = jsonschema_rs.Draft202012Validator(
        closed(example.schema), registry=registry(description), validate_formats=True
    )
    return [
        f"{'.'.join(map(str, error.instance_path))}: {error.message}" for error in validator.iter_errors(example.value)
    ]


@cache
def registry(description: Description) -> jsonschema_rs.Registry:
    schemas = {name: closed(schema) for name, schema in description.components("schemas").items()}
    return jsonschema_rs.Registry([("urn:description", {"components": {"schemas": schemas}})])


def closed(schema: Json) -> Json:
    """Return a schema that refuses every key it does not name, here and further in."""
    copy = {key: value for key, value in schema.items() if key not in ANNOTATIONS}
    for key in copy.keys() & {"items", "additionalProperties", "propertyNames"}:
        copy[key] = closed(copy[key]) if isinstance(copy[key], dict) else copy[key]
    for key in copy.keys() & {"oneOf", "anyOf"}:
        copy[key] = [closed(member) for member in copy[key]]
    if "properties" in copy:
        copy["properties"] = {name: closed(field) for name, field in copy["properties"].items()}
    if "object" in copy.get("type", ()):
        copy.setdefault("additionalProperties", False)
    if "$ref" in copy:
        copy["$ref"] = f"urn:description{copy['$ref']}"
    return copy


CASES = [(description, example) for description in descriptions() for example in examples(description)]


@pytest.mark.parametrize(
    ("description", "example"),
    [
        pytest.param(description, example, id=f"{description.platform.name}-{example.where}")
        for description, example in CASES
    ],
)
def test_an_example_fits_its_schema(description: Description, example: Example) -> None:
    assert faults(description, example) == []
