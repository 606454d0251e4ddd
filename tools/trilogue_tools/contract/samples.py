"""Bodies to send: the examples of the description, with what exists on the server in the place of what they name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import frozen
from trilogue._drift.description import JsonObject

from trilogue_tools.drift.endpoints import JSON, Endpoint, Input
from trilogue_tools.drift.known import Known

_NAMED = re.compile(r"(name|title|handle|key|label|field|url|address|urns?|reference|slug)$", re.IGNORECASE)
_DIGITS = re.compile(r"\d{3}(?=\D*$)")


@frozen(eq=False)
class Samples:
    """Makes inputs of operations; `number` tells them apart, and alternates between the objects they name."""

    known: Known

    def inputs(
        self, endpoint: Endpoint, number: int, given: Mapping[str, Any], method: str
    ) -> Iterator[dict[str, Any]]:
        """Yield inputs for a method, one for each example of the body, then those without the keys of free maps.

        `given` are those that are fixed.
        """
        required: dict[str, Any] = {}
        for each in endpoint.inputs.values():
            if each.required and each.location in ("path", "query") and each.name not in given:
                values = self.known.values(endpoint, each)
                if not values:
                    return
                required[each.name] = values[number % len(values)]
        left_out = _left_out(endpoint, method)
        bodies = [
            {name: value for name, value in self._body(endpoint, body, number).items() if name not in left_out}
            for body in _examples(endpoint)
        ]
        for body in bodies:
            yield {**required, **body, **given}
        for body in bodies:
            if (emptied := {name: _emptied(endpoint, name, value) for name, value in body.items()}) != body:
                yield {**required, **emptied, **given}

    def _body(self, endpoint: Endpoint, body: Mapping[str, Any], number: int) -> dict[str, Any]:
        return {name: self._refer(endpoint, name, value, number) for name, value in body.items()}

    def _refer(self, endpoint: Endpoint, name: str, value: Any, number: int) -> Any:
        """Return a value with identifiers of existing objects, and names that nothing has yet."""
        if isinstance(value, dict):
            return {key: self._refer(endpoint, key, item, number) for key, item in value.items()}
        schema = endpoint.inputs[name].schema if name in endpoint.inputs else {}
        known = self.known.references(endpoint, Input(name, "body", schema, required=False)) or self.known.alike(value)
        item = value[0] if isinstance(value, list) and value else value
        known = [each for each in known if isinstance(each, type(item))]
        if known and isinstance(value, list):
            return [known[number % len(known)]] if all(isinstance(item, (str, int)) for item in value) else value
        if known and isinstance(value, (str, int)):
            return known[number % len(known)]
        if isinstance(value, list):
            return [self._refer(endpoint, name, item, number) for item in value]
        if isinstance(value, str) and _NAMED.search(name) and "enum" not in schema:
            return unique(value, number, schema)
        return value

    def changed(
        self, endpoint: Endpoint, inputs: Mapping[str, Any], number: int, kept: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return inputs with another value for each field of the body that is not kept, where one is easily found."""
        return {
            name: value if name in kept else self._changed(endpoint, name, value, number)
            for name, value in inputs.items()
        }

    def _changed(self, endpoint: Endpoint, name: str, value: Any, number: int) -> Any:
        each = endpoint.inputs[name]
        if each.location != "body":
            return value
        other = _other(endpoint, each.schema, value, number)
        if other != value or not isinstance(value, str) or _NAMED.search(name):
            return other
        return next((known for known in self.known.values(endpoint, each) if known != value), value)


def _left_out(endpoint: Endpoint, method: str) -> Sequence[str]:
    """Return the inputs that `x-sdk` says a method does not take."""
    ways = endpoint.node["x-sdk"].get("methods", ())
    return next((way.get("omit", ()) for way in ways if way["name"] == method), ())


def _emptied(endpoint: Endpoint, name: str, value: Any) -> Any:
    """Return an empty map in the place of one whose keys may have to be declared elsewhere."""
    schema = endpoint.inputs[name].schema if name in endpoint.inputs else {}
    return {} if isinstance(value, dict) and "properties" not in schema else value


def _examples(endpoint: Endpoint) -> Iterator[Mapping[str, Any]]:
    content = endpoint.description.resolve(endpoint.node.get("requestBody", {})).get("content", {})
    found = [each["value"] for each in content.get(JSON, {}).get("examples", {}).values()]
    yield from found or ([{}] if JSON not in content else ())


def unique(value: str, number: int, schema: JsonObject) -> str:
    """Return a string like another one that is its own for a number, where its length and pattern allow it."""
    digits = _DIGITS.search(value)
    changed = f"{value[: digits.start()]}{number % 1000:03}{value[digits.end() :]}" if digits else f"{value}{number}"
    longest = schema.get("maxLength", len(changed))
    changed = changed if len(changed) <= longest else f"{value[: longest - len(str(number))]}{number}"
    return changed if re.search(schema.get("pattern", ""), changed) else value


def _other(endpoint: Endpoint, schema: JsonObject, value: Any, number: int) -> Any:
    schema = endpoint.description.resolve(schema)
    choices = [each for each in schema.get("enum", ()) if each != value]
    if choices or "enum" in schema:
        return choices[0] if choices else value
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1 if value < schema.get("maximum", value + 1) else value - 1
    if isinstance(value, dict):
        inner = schema.get("properties", {})
        others = schema.get("additionalProperties")
        return {
            key: _other(endpoint, inner.get(key, others if isinstance(others, dict) else {}), item, number)
            if key in inner or isinstance(others, dict)
            else item
            for key, item in value.items()
        }
    return _other_string(schema, value, number) if isinstance(value, str) else value


def _other_string(schema: JsonObject, value: str, number: int) -> str:
    if schema.get("format") == "date-time":
        return (datetime.fromisoformat(value) + timedelta(days=1)).isoformat()
    is_free = "format" not in schema and "pattern" not in schema and " " in value
    return unique(f"{value} once more", number, schema) if is_free else value
