"""Values held against the schemas of a description."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs
import jsonschema_rs
from jsonschema_rs import ValidationErrorKind as _Kind

from trilogue_sandbox.kernel.document import Node
from trilogue_sandbox.kernel.http import Json, JsonObject

_BASE = "urn:description"
_LONGEST_MESSAGE = 400


@attrs.frozen
class Violation:
    """One thing that does not fit.

    `location` reads `body/urns/0`; `kind` is the keyword of the schema it breaks, or `unknown` or `malformed`.
    `details` has what the keyword says, by the names of jsonschema-rs (`limit`, `options`, `unexpected`...). Where none
    of several schemas fits, `branches` has what each of them refuses.
    """

    location: str
    kind: str
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

    def check(self, schema: Node, value: Json, location: str) -> Sequence[Violation]:
        """Return everything about a value that its schema refuses."""
        validator = self._compiled.get(schema.pointer) or self._compile(schema)
        try:
            if validator.is_valid(value):
                return ()
            return tuple(_violations(validator.iter_errors(value), location))
        except ValueError:  # of jsonschema-rs, for 255 levels and more
            return (Violation(location, "malformed", "nested too deeply"),)

    def _compile(self, schema: Node) -> jsonschema_rs.Draft202012Validator:
        if self._registry is None:
            self._registry = jsonschema_rs.Registry([(_BASE, self._document)], draft=jsonschema_rs.Draft202012)
        reference = {"$ref": _BASE + schema.fragment}
        validator = jsonschema_rs.Draft202012Validator(reference, registry=self._registry, validate_formats=True)
        return self._compiled.setdefault(schema.pointer, validator)


def _violations(errors: Iterable[jsonschema_rs.ValidationError], location: str) -> Iterator[Violation]:
    for error in errors:
        place = "/".join((location, *map(str, error.instance_path)))
        yield Violation(place, error.kind.name, _shortened(error.message), *_explanation(error.kind, location))


def _explanation(kind: _Kind, location: str) -> tuple[JsonObject, tuple[tuple[Violation, ...], ...]]:
    if isinstance(kind, _Kind.OneOfNotValid | _Kind.OneOfMultipleValid | _Kind.AnyOf):
        return {}, tuple(tuple(_violations(branch, location)) for branch in kind.context)
    if isinstance(kind, _Kind.PropertyNames):
        return {}, (tuple(_violations([kind.error], location)),)
    return kind.as_dict(), ()


def _shortened(message: str) -> str:
    return message if len(message) <= _LONGEST_MESSAGE else message[:_LONGEST_MESSAGE] + "…"
