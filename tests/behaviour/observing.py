"""What was seen: the statuses of each operation, and the properties that its granted responses had."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.behaviour.descriptions import JSON, Document, Fact, FactType, Operation, Schema

ITEMS = 30
"""How many items of a list are looked at."""


class Observer:
    """The facts of one platform that have been seen, and those that have not.

    `listed` are those that nobody expects to see.
    """

    def __init__(self, platform: str) -> None:
        self.platform = platform
        self.document = Document.load(platform)
        self.missing = set(self.document.facts())
        self.seen: set[Fact] = set()
        self.listed: frozenset[Fact] = frozenset()
        self._responses = {
            id: {fact.name for fact in self._missing_of(id, "response")} for id in self.document.operations
        }

    def add(self, fact: Fact) -> None:
        """Note that a fact was seen."""
        if fact in self.missing:
            self.missing.remove(fact)
            self.seen.add(fact)
            if fact.type == "response":
                self._responses[fact.operation].discard(fact.name)

    def is_missing(self, operation: str, type_: FactType, name: str) -> bool:
        """Whether this is still to be seen."""
        return Fact(operation, type_, name) in self.missing

    def misses(self, operation: str, *types: FactType) -> bool:
        """Whether facts of some types are still to be seen of an operation; what is listed is not looked for."""
        return any(fact.operation == operation and fact.type in types for fact in self.missing - self.listed)

    def observe(self, operation_id: str, status: int, content_type: str, body: bytes) -> None:
        """Look at a response."""
        operation = self.document.operations.get(operation_id)
        if operation is None:
            return
        self.add(Fact(operation_id, "status", str(status)))
        if 200 <= status < 300 and self._responses[operation_id] and content_type.startswith(JSON) and body:
            for name in set(self._properties(operation, status, json.loads(body))):
                self.add(Fact(operation_id, "response", name))

    def _missing_of(self, operation: str, type_: FactType) -> Iterator[Fact]:
        return (fact for fact in self.document.operations[operation].facts() if fact.type == type_)

    def _properties(self, operation: Operation, status: int, body: Any) -> Iterator[str]:
        content = operation.responses.get(str(status), {}).get("content", {})
        if JSON in content:
            yield from non_null(self.document, content[JSON].get("schema", {}), body)


def non_null(document: Document, schema: Schema, value: Any) -> Iterator[str]:
    """Return the properties in a value that are there and not null, as `Component.property`."""
    if isinstance(value, list):
        items = document.choose(schema, value).get("items")
        for item in value[:ITEMS] if items else ():
            yield from non_null(document, items, item)
    elif isinstance(value, dict):
        yield from _non_null_of_object(document, document.choose(schema, value), value)


def _non_null_of_object(document: Document, schema: Schema, value: dict[str, Any]) -> Iterator[str]:
    name, properties, others = (
        document.name_of(schema),
        schema.get("properties", {}),
        schema.get("additionalProperties"),
    )
    for key, item in value.items():
        if item is None:
            continue
        if key in properties:
            yield f"{name}.{key}"
            yield from non_null(document, properties[key], item)
        elif isinstance(others, dict):
            yield from non_null(document, others, item)
