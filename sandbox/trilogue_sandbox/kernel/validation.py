"""Values checked against the schemas of a description."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import attrs
import jsonschema_rs
from jsonschema_rs import ValidationErrorKind as _Kind

from trilogue_sandbox.kernel.document import Node
from trilogue_sandbox.kernel.http import Json, JsonObject

_BASE = "urn:description"
_LONGEST_MESSAGE = 400


@attrs.frozen
class Violation:
    """One way in which a value breaks the description.

    `location` reads `body/urns/0`; `keyword` is that of the schema, such as `minLength`, or `unknown` or `malformed`.
    `details` has what the keyword says, by the names of jsonschema-rs (`limit`, `options`, `unexpected`...), and for
    `additionalProperties` the names that the schema `expected`. Where none of several schemas fits, `branches` has the
    violations of each.
    """

    location: str
    keyword: str
    message: str
    details: JsonObject = attrs.field(factory=dict[str, Json], repr=False, eq=False)
    branches: tuple[tuple[Violation, ...], ...] = attrs.field(default=(), repr=False, eq=False)

    def __str__(self) -> str:
        return f"{self.location}: {self.message}"


class Schemas:
    """The compiled schemas of one document; each is compiled when it is first needed."""

    def __init__(self, document: JsonObject) -> None:
        self._document = document
        self._registry: jsonschema_rs.Registry | None = None
        self._compiled: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def is_valid(self, schema: Node, value: object) -> bool:
        """Whether a value fits its schema; False for one that is not made of JSON types."""
        validator = self._compiled.get(schema.pointer) or self._compile(schema)
        try:
            return validator.is_valid(value)
        except ValueError:  # of jsonschema-rs, also for 255 levels and more
            return False

    def check(self, schema: Node, value: Json, location: str) -> Sequence[Violation]:
        """Return how a value breaks its schema."""
        if self.is_valid(schema, value):
            return ()
        try:
            return tuple(self._violations(self._compiled[schema.pointer].iter_errors(value), location))
        except ValueError:
            return (Violation(location, "malformed", "nested too deeply"),)

    def _compile(self, schema: Node) -> jsonschema_rs.Draft202012Validator:
        if self._registry is None:
            self._registry = jsonschema_rs.Registry([(_BASE, self._document)], draft=jsonschema_rs.Draft202012)
        reference = {"$ref": _BASE + schema.fragment}
        validator = jsonschema_rs.Draft202012Validator(reference, registry=self._registry, validate_formats=True)
        return self._compiled.setdefault(schema.pointer, validator)

    def _violations(self, errors: Iterable[jsonschema_rs.ValidationError], location: str) -> Iterator[Violation]:
        for error in errors:
            inner = "/".join((location, *map(str, error.instance_path)))
            yield Violation(inner, error.kind.name, _shortened(error.message), *self._explanation(error, location))

    def _explanation(
        self, error: jsonschema_rs.ValidationError, location: str
    ) -> tuple[JsonObject, tuple[tuple[Violation, ...], ...]]:
        kind = error.kind
        if isinstance(kind, _Kind.OneOfNotValid | _Kind.OneOfMultipleValid | _Kind.AnyOf):
            return {}, tuple(tuple(self._violations(branch, location)) for branch in kind.context)
        if isinstance(kind, _Kind.PropertyNames):
            return {}, (tuple(self._violations([kind.error], location)),)
        if isinstance(kind, _Kind.AdditionalProperties):
            return {**kind.as_dict(), "expected": self._properties(error.schema_path[:-1])}, ()
        return kind.as_dict(), ()

    def _properties(self, path: Iterable[str | int]) -> list[Json]:
        """Return the names of the properties of the schema at a path of the document."""
        node: Any = self._document
        for step in path:
            node = node[step]
        return [*node.get("properties", {})]


def _shortened(message: str) -> str:
    return message if len(message) <= _LONGEST_MESSAGE else message[:_LONGEST_MESSAGE] + "…"
