"""The operations of a platform as its description has them: what they take and return, how they are paginated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from typing import Any

from attrs import field, frozen
from trilogue._drift.description import Description, JsonObject, describe

from trilogue_tools.method import reads_only

JSON = "application/json"


@frozen(eq=False)
class Input:
    """A parameter of an operation, or a field of its body. `location`: path, query, header or body.

    `servers` are those that read it, if not all do; `example` is the first one of a parameter.
    """

    name: str
    location: str
    schema: JsonObject
    required: bool
    servers: tuple[str, ...] = ()
    is_deprecated: bool = False
    example: Any = None

    def is_read_by(self, flavour: str) -> bool:
        """Whether this kind of server reads it."""
        return not self.is_deprecated and (not self.servers or flavour in self.servers)

    @property
    def types(self) -> tuple[str, ...]:
        """The JSON types it may have; empty for any."""
        types = self.schema.get("type", ())
        return (types,) if isinstance(types, str) else tuple(types)


@frozen(eq=False)
class Page:
    """How a list is paginated; see `page` in openapi/README.md."""

    style: str
    items: str
    next: str
    parameter: str
    limit: str
    total: str
    primary_key: tuple[str, ...]

    @classmethod
    def of(cls, node: JsonObject, inputs: Iterable[Input]) -> Page:
        """Read `x-sdk.page`; the page size is the input that limits it."""
        names = {each.name for each in inputs}
        limit = node.get("limit") or next((name for name in ("limit", "pageSize") if name in names), "")
        key = tuple(node.get("primary_key", ()))
        return cls(
            node["style"], node["items"], node.get("next", ""), node["parameter"], limit, node.get("total", ""), key
        )

    def rows(self, body: Any) -> list[Any]:
        """Return the rows of a page; none if it is no page."""
        found = body.get(self.items) if isinstance(body, Mapping) else None
        return found if isinstance(found, list) else []

    def following(self, body: Any) -> str | None:
        """Return what leads to the next page: a URL or a token."""
        for part in self.next.split(".") if self.next else ():
            body = body.get(part) if isinstance(body, Mapping) else None
        return body if isinstance(body, str) and self.next else None


@frozen(eq=False)
class Endpoint:
    """One operation of a description."""

    description: Description = field(repr=False)
    method: str
    path: str
    node: JsonObject = field(repr=False)
    shared_parameters: Sequence[JsonObject] = field(default=(), repr=False)

    @property
    def id(self) -> str:
        """Its `operationId`."""
        return str(self.node["operationId"])

    @property
    def resource(self) -> str:
        """The attribute of the client that has it: `contacts`."""
        return str(self.node["x-sdk"]["resource"])

    @cached_property
    def method_names(self) -> tuple[str, ...]:
        """The names of its methods: `create` and `update`."""
        rules = self.node["x-sdk"]
        return tuple(way["name"] for way in rules["methods"]) if "methods" in rules else (rules["method"],)

    @property
    def name(self) -> str:
        """The full name of its first method: `contacts.list`."""
        return f"{self.resource}.{self.method_names[0]}"

    @property
    def is_stream(self) -> bool:
        """Whether its response is a stream of server-sent events."""
        responses = map(self.description.resolve, self.node["responses"].values())
        return any("text/event-stream" in response.get("content", {}) for response in responses)

    @property
    def reads(self) -> bool:
        """Whether it changes nothing and responds at once; a stream of events does not end."""
        responses = map(self.description.resolve, self.node["responses"].values())
        if any("text/event-stream" in response.get("content", {}) for response in responses):
            return False
        is_list = "page" in self.node["x-sdk"]
        return all(reads_only(self.method, name, is_list=is_list) for name in self.method_names)

    @cached_property
    def inputs(self) -> Mapping[str, Input]:
        """What it takes, by name: parameters, and the fields of a JSON body."""
        nodes = map(self.description.resolve, (*self.shared_parameters, *self.node.get("parameters", ())))
        parameters = [
            Input(
                node["name"],
                node["in"],
                self.description.resolve(node["schema"]),
                node.get("required", False),
                tuple(node.get("x-servers", ())),
                node.get("deprecated", False),
                _example(node),
            )
            for node in nodes
        ]
        return {each.name: each for each in (*parameters, *self._fields())}

    def _fields(self) -> Iterable[Input]:
        schema = self.body_schema or {}
        required = schema.get("required", ())
        for name, node in schema.get("properties", {}).items():
            schema = self.description.resolve(node)
            servers = tuple(node.get("x-servers", ()))
            yield Input(name, "body", schema, name in required, servers, node.get("deprecated", False))

    @property
    def servers(self) -> tuple[str, ...]:
        """The labels of the servers that have it, if not all do."""
        labels = self.description.document.get("x-servers", {})
        return tuple(labels[server] for server in self.node.get("x-servers", ()))

    @cached_property
    def body_schema(self) -> JsonObject | None:
        """The schema of a JSON request body, None if there is none."""
        content = self.description.resolve(self.node.get("requestBody", {})).get("content", {})
        return self.description.resolve(content[JSON]["schema"]) if JSON in content else None

    @cached_property
    def page(self) -> Page | None:
        """How it is paginated; None if it is no list."""
        node = self.node["x-sdk"].get("page")
        return node and Page.of(node, self.inputs.values())

    @cached_property
    def result_schema(self) -> JsonObject:
        """The schema of a successful JSON response; an empty one if there is none."""
        for status, response in self.node["responses"].items():
            content = self.description.resolve(response).get("content", {})
            if status.startswith("2") and JSON in content:
                return self.description.resolve(content[JSON].get("schema", {}))
        return {}

    @property
    def result_properties(self) -> Mapping[str, Any]:
        """The properties of a successful response; of several responses those of the first."""
        found: Mapping[str, Any] = self._first(self.result_schema).get("properties", {})
        return found

    @cached_property
    def row_schema(self) -> JsonObject:
        """The schema of the rows of a list, or of the result; of several ones the first."""
        schema = self._first(self.result_schema)
        if self.page is None:
            return schema
        items = self.description.resolve(schema.get("properties", {}).get(self.page.items, {}))
        return self._first(self.description.resolve(items.get("items", {})))

    def _first(self, schema: JsonObject) -> JsonObject:
        options = schema.get("anyOf") or schema.get("oneOf")
        return self.description.resolve(options[0]) if options else schema

    def result(self, body: Any) -> Any:
        """Return what a response is about: the field that `x-sdk.unwrap` names, or all of it."""
        name = self.node["x-sdk"].get("unwrap")
        return body.get(name) if name and isinstance(body, Mapping) else body

    @property
    def text(self) -> str:
        """What the description says in words."""
        return " ".join(self.node.get("description", "").split())

    @property
    def security(self) -> tuple[str, ...]:
        """The names of the security schemes that it takes; empty if it needs no credentials."""
        required = self.node.get("security", self.description.document.get("security", ()))
        return tuple(dict.fromkeys(name for each in required for name in each))

    @property
    def other_schemes(self) -> tuple[str, ...]:
        """The names of the security schemes that it does not take, though others of the platform do."""
        schemes = self.description.document["components"]["securitySchemes"]
        return tuple(name for name in schemes if self.security and name not in self.security)

    def matches(self, path: str) -> Mapping[str, str] | None:
        """Return the path parameters of a path below the base address, None if it is another operation's."""
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(self.path))
        found = re.fullmatch(pattern, path)
        return found and found.groupdict()


def _example(parameter: JsonObject) -> Any:
    named = (each["value"] for each in parameter.get("examples", {}).values())
    return parameter.get("example", next(named, None))


@cache
def endpoints(platform: str) -> Mapping[str, Endpoint]:
    """Return the operations of a platform by id, but for streams, whose responses do not end."""
    description = describe(platform)
    paths = description.document["paths"]
    found = (
        Endpoint(description, method, path, node, paths[path].get("parameters", ()))
        for method, path, node in description.endpoints()
    )
    return {each.id: each for each in found if not each.is_stream}


@cache
def flavour_headers(platform: str) -> Mapping[str, str]:
    """Return the headers that only one kind of server sends, in lower case, with the kind."""
    found: dict[str, str] = {}
    for endpoint in endpoints(platform).values():
        resolve = endpoint.description.resolve
        for response in map(resolve, endpoint.node["responses"].values()):
            for name, node in response.get("headers", {}).items():
                servers = resolve(node).get("x-servers", ())
                if len(servers) == 1:
                    found[name.lower()] = servers[0]
    return found
