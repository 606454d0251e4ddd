"""What a description promises, as facts: statuses, response properties, parameters, request properties and links."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import attrs

FactType: TypeAlias = Literal["status", "response", "parameter", "request", "link"]
Schema: TypeAlias = Mapping[str, Any]

EVERY_OPERATION = "(every operation)"
"""Instead of an operation id: headers are read before the operation's own code runs, and so count once."""

FOLDER = Path(__file__).resolve().parents[2] / "generated" / "trilogue_generated"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
JSON = "application/json"


@attrs.frozen(order=True)
class Fact:
    """One thing a description says of an operation, such as `response Contact.name` of `contacts_list`."""

    operation: str
    type: FactType
    name: str

    def __str__(self) -> str:
        return f"{self.operation} {self.type} {self.name}"


@attrs.frozen
class Parameter:
    """One parameter of an operation."""

    name: str
    location: str
    is_required: bool
    schema: Schema = attrs.field(repr=False)
    examples: tuple[Any, ...] = attrs.field(repr=False)

    @property
    def fact_name(self) -> str:
        """The name of its fact."""
        return f"{self.location} {self.name}"


@attrs.frozen
class Link:
    """One link of a response: which operation it leads to, and where the values of its parameters come from."""

    name: str
    status: str
    target: str
    parameters: Mapping[str, str]
    body: Any = None

    @property
    def fact_name(self) -> str:
        """The name of its fact."""
        return f"{self.status} {self.name}"


class Operation:
    """One operation of a description."""

    def __init__(self, document: Document, path: str, method: str, item: Schema) -> None:
        self.document = document
        self.path = path
        self.method = method.upper()
        self.node = item[method]
        self.id: str = self.node["operationId"]
        self.tag: str = self.node["tags"][0].partition(".")[0]
        given = [*item.get("parameters", ()), *self.node.get("parameters", ())]
        self.parameters = tuple(_parameter(document, node) for node in given)
        self.responses = {status: document.resolve(node) for status, node in self.node["responses"].items()}
        self.pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))

    @property
    def request_contents(self) -> Mapping[str, Schema]:
        """The schemas of the request body, by media type."""
        body = self.document.resolve(self.node.get("requestBody", {}))
        return {media_type: content.get("schema", {}) for media_type, content in body.get("content", {}).items()}

    @property
    def granted_schemas(self) -> Iterator[Schema]:
        """The JSON schemas of the 2xx responses."""
        for status, response in self.responses.items():
            if status.startswith("2") and JSON in response.get("content", {}):
                yield response["content"][JSON].get("schema", {})

    @property
    def links(self) -> Iterator[Link]:
        """The links of all responses."""
        for status, response in self.responses.items():
            for name, node in response.get("links", {}).items():
                link = self.document.resolve(node)
                yield Link(name, status, link["operationId"], link.get("parameters", {}), link.get("requestBody"))

    def input_fact(self, type_: FactType, name: str) -> Fact:
        """Return the fact of a parameter or a request property."""
        is_header = type_ == "parameter" and name.startswith("header ")
        return Fact(EVERY_OPERATION if is_header else self.id, type_, name)

    @property
    def is_read(self) -> bool:
        """Whether it only reads."""
        return self.method == "GET" or bool(self.page) or self.id.endswith("_get")

    @property
    def page(self) -> Mapping[str, Any]:
        """How a list is paged, as `x-sdk` says it; empty for others."""
        sdk = self.node["x-sdk"]
        ways = (sdk, *sdk.get("methods", ()))
        return next((way["page"] for way in ways if "page" in way), {})

    def facts(self) -> Iterator[Fact]:
        """Return everything that is to be seen; a 5xx is made by faults, which are no behaviour."""
        for status in self.responses:
            if not status.startswith("5"):
                yield Fact(self.id, "status", status)
        for schema in self.granted_schemas:
            yield from (Fact(self.id, "response", name) for name in self.document.properties(schema))
        for parameter in self.parameters:
            yield self.input_fact("parameter", parameter.fact_name)
        for schema in self.request_contents.values():
            yield from (
                Fact(self.id, "request", name) for name in self.document.properties(schema, without_constants=True)
            )
        for link in self.links:
            yield Fact(self.id, "link", link.fact_name)


class Document:
    """One bundled description."""

    def __init__(self, document: Schema) -> None:
        self._document = document
        self._names = {id(schema): name for name, schema in document["components"]["schemas"].items()}
        self.operations = {
            item[method]["operationId"]: Operation(self, path, method, item)
            for path, item in document["paths"].items()
            for method in METHODS
            if method in item
        }

    @classmethod
    @cache
    def load(cls, platform: str) -> Document:
        """Read the description of a platform."""
        return cls(json.loads((FOLDER / platform / "openapi.json").read_text(encoding="utf-8")))

    def facts(self) -> Iterator[Fact]:
        """Return everything that is to be seen of all operations."""
        for operation in self.operations.values():
            yield from operation.facts()

    def resolve(self, node: Schema) -> Schema:
        """Follow a reference."""
        while "$ref" in node:
            found: Any = self._document
            for key in node["$ref"].removeprefix("#/").split("/"):
                found = found[key.replace("~1", "/").replace("~0", "~")]
            node = found
        return node

    def name_of(self, schema: Schema) -> str:
        """Return the name of a component, or a word for what has none."""
        return self._names.get(id(schema), "(map)")

    def properties(self, schema: Schema, *, without_constants: bool = False) -> tuple[str, ...]:
        """Return the properties of all objects in a schema, as `Component.property`."""
        found: dict[str, None] = {}
        waiting, met = [self.resolve(schema)], set[int]()
        while waiting:
            node = waiting.pop()
            if id(node) in met:
                continue
            met.add(id(node))
            for name, inner in node.get("properties", {}).items():
                if not (without_constants and len(self.resolve(inner).get("enum", "any")) == 1):
                    found[f"{self.name_of(node)}.{name}"] = None
            waiting += self.children(node)
        return tuple(found)

    def children(self, schema: Schema) -> Iterator[Schema]:
        """Return the schemas inside a schema."""
        nodes = [*schema.get("properties", {}).values(), *schema.get("oneOf", ()), *schema.get("anyOf", ())]
        nodes += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
        return map(self.resolve, nodes)

    def choose(self, schema: Schema, value: Any) -> Schema:
        """Return the member of a union that a value is, or the schema itself."""
        node = self.resolve(schema)
        members = [self.resolve(member) for member in (*node.get("oneOf", ()), *node.get("anyOf", ()))]
        if not members:
            return node
        if (mapped := self._mapped(node, value)) is not None:
            return self.choose(mapped, value)
        fitting = [member for member in members if self._fits(self.choose(member, value), value)]
        return self.choose(fitting[0], value) if fitting else {}

    def _mapped(self, node: Schema, value: Any) -> Schema | None:
        discriminator = node.get("discriminator")
        if discriminator is None or not isinstance(value, dict):
            return None
        reference = discriminator.get("mapping", {}).get(value.get(discriminator["propertyName"]))
        return None if reference is None else self.resolve({"$ref": reference})

    def _fits(self, schema: Schema, value: Any) -> bool:
        types = schema.get("type", [])
        names = [types] if isinstance(types, str) else types
        if names and not any(isinstance(value, _TYPES[name]) for name in names):
            return False
        if "enum" in schema and value not in schema["enum"]:
            return False
        if isinstance(value, list):
            return all(self._fits(self.choose(schema.get("items", {}), item), item) for item in value[:1])
        if not isinstance(value, dict):
            return True
        properties = schema.get("properties", {})
        if not all(
            self._fits(self.choose(properties[key], value[key]), value[key]) for key in properties.keys() & value
        ):
            return False
        is_closed = schema.get("additionalProperties") is False
        return set(schema.get("required", ())) <= value.keys() and not (is_closed and value.keys() - properties.keys())


_TYPES: Mapping[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def _parameter(document: Document, node: Schema) -> Parameter:
    found = document.resolve(node)
    schema = document.resolve(found.get("schema", {}))
    examples = tuple(example["value"] for example in found.get("examples", {}).values())
    return Parameter(found["name"], found["in"], found.get("required", False), schema, examples)
