"""Where in the description a finding belongs: the component schema and the keys within it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from attrs import frozen
from trilogue._drift.description import Description, JsonObject

from trilogue_tools.drift.endpoints import Endpoint

_COMPONENTS = "#/components/schemas/"


@frozen
class Place:
    """A schema: the name of the component it is in, and the keys that lead to it there."""

    component: str
    keys: tuple[str, ...] = ()

    def below(self, *keys: str) -> Place:
        """Return the place within this one."""
        return Place(self.component, (*self.keys, *keys))


def find_place(endpoint: Endpoint, status: int, pointer: str, *, follows: bool = False) -> Place | None:
    """Return where the schema is that a pointer into a response leads to; None if no component has it.

    `follows`: a reference at the end is followed, and of several options the first is taken.
    """
    responses = endpoint.node["responses"]
    described = responses.get(str(status)) or responses.get(f"{status // 100}XX") or responses.get("default") or {}
    content = endpoint.description.resolve(described).get("content", {})
    for media in content.values():
        found = _find(endpoint.description, media.get("schema", {}), None, _parts(pointer))
        if found is not None:
            return _follow(endpoint.description, found) if follows else found
    return None


def _follow(description: Description, place: Place) -> Place:
    schema = description.document["components"]["schemas"][place.component]
    for key in place.keys:
        schema = schema[int(key)] if isinstance(schema, list) else schema[key]
    if schema.get("$ref", "").startswith(_COMPONENTS):
        return _follow(description, Place(schema["$ref"].removeprefix(_COMPONENTS)))
    word = next((word for word in ("oneOf", "anyOf") if word in schema), None)
    return _follow(description, place.below(word, "0")) if word else place


def _parts(pointer: str) -> Sequence[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _find(description: Description, schema: JsonObject, place: Place | None, parts: Sequence[str]) -> Place | None:
    reference = schema.get("$ref", "")
    if reference.startswith(_COMPONENTS) and (parts or place is None):
        target = Place(reference.removeprefix(_COMPONENTS))
        return _find(description, description.resolve(schema), target, parts)
    if not parts:
        return place
    found = (_find(description, each, place and place.below(*keys), rest) for each, keys, rest in _steps(schema, parts))
    return next((each for each in found if each is not None), None)


def _steps(schema: JsonObject, parts: Sequence[str]) -> Iterator[tuple[Any, tuple[str, ...], Sequence[str]]]:
    """Yield the schemas one step further, the keys that lead there, and the parts that are then left."""
    for word in ("oneOf", "anyOf"):
        for number, option in enumerate(schema.get(word, ())):
            yield option, (word, str(number)), parts
    name, rest = parts[0], parts[1:]
    for word in ("items", "additionalProperties"):
        if name == "*" and isinstance(schema.get(word), dict):
            yield schema[word], (word,), rest
    if name in schema.get("properties", {}):
        yield schema["properties"][name], ("properties", name), rest
