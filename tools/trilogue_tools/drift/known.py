"""What is known to exist on a server: values that its responses had, found again for the inputs of other operations."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from attrs import evolve
from trilogue._drift.description import Description, JsonObject

from trilogue_tools.drift.endpoints import Endpoint, Input
from trilogue_tools.drift.server import Exchange

MANY = 50
"""How many values of one property are kept."""

_IDENTIFIERS = ("uuid", "id", "key")
_KEYS = (*_IDENTIFIERS, "name")
_REFERENCE = re.compile(r"(_?ids?|_?uuid|s)$", re.IGNORECASE)
_IDENTIFIER = re.compile(r"(^|_)(uu)?ids?$|Ids?$")
_LINK = re.compile(r"\$response\.body#(?P<parent>(?:/[\w-]+)*)/(?P<name>[\w-]+)")
_TYPED = re.compile(r"[a-z]+_(?=\w*\d)")
_EARLIER = re.compile(r"start|from|since|after", re.IGNORECASE)

Slot = tuple[int, str]
"""A property of a schema: the identity of the schema in the document, and the name."""


class Known:
    """Values of the properties of a platform's schemas, by what a server has shown."""

    def __init__(self, endpoints: Mapping[str, Endpoint], context: Mapping[str, str]) -> None:
        """Know what the client was told: `context` are its headers, such as x-bot-id."""
        self._endpoints = endpoints
        self._description: Description = next(iter(endpoints.values())).description
        self._values: dict[Slot, dict[Any, None]] = defaultdict(dict)
        self._context = {_noun(name.removeprefix("x-").replace("-", "_")): value for name, value in context.items()}

    def observe(self, exchange: Exchange) -> None:
        """Learn from a response."""
        if exchange.is_granted:
            self._learn(exchange.endpoint.result_schema, exchange.body)

    def _learn(self, schema: JsonObject, value: Any) -> None:
        schema = self._branch(self._description.resolve(schema), value)
        if isinstance(value, list):
            for item in value[:MANY]:
                self._learn(schema.get("items", {}), item)
        elif isinstance(value, dict):
            for name, item in value.items():
                if isinstance(item, (str, int)) and not isinstance(item, bool) and item != "":
                    found = self._values[id(schema), name]
                    if len(found) < MANY:
                        found[item] = None
                elif name in schema.get("properties", {}):
                    self._learn(schema["properties"][name], item)

    def _branch(self, schema: JsonObject, value: Any) -> JsonObject:
        options = schema.get("anyOf") or schema.get("oneOf") or ()
        for option in map(self._description.resolve, options):
            is_object = isinstance(value, dict) and set(option.get("required", ())) <= value.keys()
            if (option.get("type") == "object" and is_object) or (
                option.get("type") == "array" and isinstance(value, list)
            ):
                return option
        return schema

    def values(self, endpoint: Endpoint, each: Input) -> list[Any]:
        """Return values that an input may have and that mean something on the server; empty if none is known."""
        if "enum" in each.schema:
            return list(each.schema["enum"])
        if "array" in each.types:
            items = self._description.resolve(each.schema.get("items", {}))
            return [[value] for value in self.values(endpoint, evolve(each, schema=items))]
        if _noun(each.name) in self._context and "string" in each.types:
            return [self._context[_noun(each.name)]]
        for slot in self._slots(endpoint, each):
            if fitting := [value for value in self._values.get(slot, ()) if _fits(value, each)]:
                return fitting
        return list(_invented(each)) or self._as_exemplified(each)

    def _as_exemplified(self, each: Input) -> list[Any]:
        """Return what an input without which there is no request may be by its example."""
        return (self.alike(each.example) or [*_words(each)]) if each.required else []

    def alike(self, example: Any) -> list[Any]:
        """Return identifiers of the type that an example has, which its prefix names: `conv_01JB3C0F`."""
        prefix = _TYPED.match(example) if isinstance(example, str) else None
        if prefix is None:
            return []
        known = (value for slot, found in self._values.items() if slot[1] == "id" for value in found)
        return [value for value in known if str(value).startswith(prefix[0])]

    def forget(self, gone: Iterable[Any]) -> None:
        """Forget values of something that was deleted."""
        for value in gone:
            for found in self._values.values():
                found.pop(value, None)

    def references(self, endpoint: Endpoint, each: Input) -> list[Any]:
        """Return identifiers of existing objects that an input refers to; empty if it is no reference."""
        noun = _noun(each.name)
        if not noun or noun == _noun(endpoint.resource.rpartition(".")[2]) or "enum" in each.schema:
            return []
        if noun in self._context:
            return [self._context[noun]]
        slots = self._slots_of(noun, _IDENTIFIERS)
        return next((list(self._values[slot]) for slot in slots if slot in self._values), [])

    def _slots(self, endpoint: Endpoint, each: Input) -> Iterator[Slot]:
        """Yield where values for an input may stand, the surest place first."""
        if (endpoint.id, each.name) in self._links:
            yield self._links[endpoint.id, each.name]
        noun, resource = _noun(each.name), endpoint.resource
        if each.location == "path":
            resource = self._collections.get(endpoint.path.partition(f"/{{{each.name}}}")[0], resource)
        owner = _noun(resource.rpartition(".")[2])
        if noun and noun != owner:
            yield from self._slots_of(noun, _KEYS)
            yield from ((id(schema), each.name) for schema in (endpoint.row_schema, *self._rows.get(owner, ())))
        else:
            yield from self._slots_of(owner, (each.name, *_KEYS))

    def _slots_of(self, noun: str, names: Sequence[str]) -> Iterator[Slot]:
        """Yield the properties with these names of what is called so: of the component, or of the rows of a list."""
        named = [self._components[noun]] if noun in self._components else []
        for schema in (*named, *self._rows.get(noun, ())):
            yield from ((id(schema), name) for name in names if name in schema.get("properties", {}))

    @cached_property
    def _collections(self) -> Mapping[str, str]:
        """The resources of lists by path."""
        return {each.path: each.resource for each in self._endpoints.values() if each.page is not None}

    @cached_property
    def _rows(self) -> Mapping[str, Sequence[JsonObject]]:
        """The schemas of the rows of lists, by what a row is called."""
        found: dict[str, list[JsonObject]] = defaultdict(list)
        for each in self._endpoints.values():
            if each.reads:
                found[_noun(each.resource.rpartition(".")[2])].append(each.row_schema)
        return found

    @cached_property
    def _components(self) -> Mapping[str, JsonObject]:
        """The component schemas by their names in lower case."""
        schemas = self._description.document["components"]["schemas"]
        return {name.lower(): schema for name, schema in schemas.items()}

    @cached_property
    def _links(self) -> Mapping[tuple[str, str], Slot]:
        """What the links of responses say of the inputs they lead to."""
        found: dict[tuple[str, str], Slot] = {}
        for endpoint in self._endpoints.values():
            for response in map(self._description.resolve, endpoint.node["responses"].values()):
                for link in map(self._description.resolve, response.get("links", {}).values()):
                    body = link.get("requestBody")
                    given = {**link.get("parameters", {}), **(body if isinstance(body, Mapping) else {})}
                    for name, expression in given.items():
                        if slot := self._slot_of_link(endpoint, expression):
                            found.setdefault((link["operationId"], name.rpartition(".")[2]), slot)
        return found

    def _slot_of_link(self, endpoint: Endpoint, expression: Any) -> Slot | None:
        parts = _LINK.fullmatch(expression) if isinstance(expression, str) else None
        if parts is None:
            return None
        schema = endpoint.result_schema
        for name in parts["parent"].split("/")[1:]:
            schema = self._description.resolve(schema.get("properties", {}).get(name, {}))
        return id(schema), parts["name"]


def _noun(name: str) -> str:
    """Return what an input such as `contact_id`, or a resource such as `contacts`, is about; empty for a bare `id`."""
    return _REFERENCE.sub("", name).replace("_", "").lower()


def _fits(value: Any, each: Input) -> bool:
    """Whether an input takes values of this type."""
    names = {"string"} if isinstance(value, str) else {"integer", "number"}
    return not each.types or not names.isdisjoint(each.types)


def _words(each: Input) -> Iterator[Any]:
    """Yield the example of an input that is no identifier, such as the words to search for."""
    if each.example is not None and not _IDENTIFIER.search(each.name):
        yield each.example


def _invented(each: Input) -> Iterator[Any]:
    """Yield values for an input that names nothing that exists."""
    if "default" in each.schema:
        yield each.schema["default"]
    elif each.schema.get("format") in ("date-time", "date"):
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0)
        moment = today + timedelta(days=-30 if _EARLIER.search(each.name) else 1)
        yield moment.strftime("%Y-%m-%dT%H:%M:%SZ" if each.schema["format"] == "date-time" else "%Y-%m-%d")
    elif "boolean" in each.types:
        yield from (True, False)
