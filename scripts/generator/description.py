"""What openapi-python-client does not keep of a bundled description."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

import msgspec
from attrs import frozen
from x_sdk import SdkMethod, read_methods

from .errors import GenerationError
from .parser_internals import ClassName

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

EVENT_STREAM = "text/event-stream"

Node = Mapping[str, Any]


@frozen
class DescribedOperation:
    """One HTTP operation: its raw description, its parameters with references followed, its methods, its source."""

    id: str
    method: str
    path: str
    node: Node
    parameters: Mapping[tuple[str, str], Node]
    methods: tuple[SdkMethod, ...]
    security: tuple[str, ...]
    servers: tuple[str, ...]
    provenance: str

    @property
    def is_stream(self) -> bool:
        """Return whether its responses are server-sent events."""
        successes = [node for status, node in self.node["responses"].items() if status.startswith("2")]
        return any(EVENT_STREAM in node.get("content", ()) for node in successes)


@frozen
class Discriminator:
    """The field that tells the members of a union apart, and the class for each of its values."""

    key: str
    classes: Mapping[str, str]


class Description:
    """A bundled description, read for what its parser drops."""

    def __init__(self, document: Node, prefix: str) -> None:
        self.document = document
        self.prefix = prefix

    def class_name(self, name: str) -> str:
        """Return the name of the class of a component, as the parser chooses it."""
        return str(ClassName(name.rsplit("/", 1)[-1], self.prefix))

    def resolve(self, node: Node) -> Node:
        """Follow references until there is a description."""
        while isinstance(reference := node.get("$ref"), str):
            _, root, section, name = reference.split("/")
            node = self.document[root][section][name]
        return node

    def text(self, node: Node) -> str:
        """Return the description of a node; one beside a reference goes before that of its target."""
        own = str(node.get("description") or self.resolve(node).get("description") or "")
        said = f"{own.rstrip()} {self.servers(node)}".rstrip()
        return f"Deprecated. {said}" if node.get("deprecated") else said

    def servers(self, node: Node) -> str:
        """Say which servers have what a node describes, if not all do, and at which input they fail."""
        return " ".join(self._said_of_servers(node))

    def _said_of_servers(self, node: Node) -> Iterator[str]:
        if "x-servers" in node:
            yield f"Only on {self._listed(node['x-servers'])}."
        for fault, servers in node.get("x-faults", {}).items():
            fails = "fails" if len(servers) == 1 else "fail"
            yield f"{self._listed(servers)} {fails} with 500 {self.document['x-faults'][fault]}."

    def _listed(self, servers: Sequence[str]) -> str:
        return " and ".join(self._labels(servers))

    def _labels(self, servers: Sequence[str]) -> tuple[str, ...]:
        return tuple(self.document["x-servers"][server] for server in servers)

    def value_of(self, node: Node) -> Node:
        """Return the schema of the values of a parameter or a property; that of null is left aside."""
        schema = self.resolve(node.get("schema", node))
        choices = [self.resolve(choice) for choice in schema.get("oneOf", ())]
        return next((choice for choice in choices if choice.get("type") != "null"), schema)

    @cached_property
    def schemas(self) -> Mapping[str, Node]:
        """The component schemas by the names of their classes."""
        return {self.class_name(name): node for name, node in self.document["components"].get("schemas", {}).items()}

    def example(self, class_name: str) -> Node:
        """Return the first example of a component, empty if it has none."""
        examples: Sequence[Node] = self.schemas[class_name].get("examples", ())
        return examples[0] if examples else {}

    @cached_property
    def operations(self) -> tuple[DescribedOperation, ...]:
        """All operations, in the order of the description."""
        return tuple(
            self._operation(path, method, item)
            for path, item in self.document["paths"].items()
            for method in METHODS
            if method in item
        )

    def _operation(self, path: str, method: str, item: Node) -> DescribedOperation:
        node = item[method]
        listed = [self.resolve(parameter) for parameter in (*item.get("parameters", ()), *node.get("parameters", ()))]
        security = node.get("security", self.document.get("security", ()))
        return DescribedOperation(
            node["operationId"],
            method,
            path,
            node,
            {(parameter["in"], parameter["name"]): parameter for parameter in listed},
            _methods(node),
            tuple(dict.fromkeys(name for requirement in security for name in requirement)),
            self._labels(node.get("x-servers", ())),
            self.document.get("x-provenance", {}).get(node.get("x-provenance"), ""),
        )

    @cached_property
    def tags(self) -> Mapping[str, str]:
        """The description of each tag."""
        return {tag["name"]: tag.get("description", "") for tag in self.document.get("tags", ())}

    @cached_property
    def choices(self) -> Mapping[frozenset[Any], tuple[Any, ...]]:
        """The values of each enum in the order they are written; the parser keeps them as a set."""
        listed = (node["enum"] for node in _walk(self.document) if isinstance(node.get("enum"), list))
        without_null = [tuple(value for value in values if value is not None) for values in listed]
        return {frozenset(values): values for values in without_null}

    @cached_property
    def discriminators(self) -> Mapping[frozenset[str], Discriminator]:
        """The discriminator of each union of objects, by the classes of the union."""
        found: dict[frozenset[str], Discriminator] = {}
        for node in _walk(self.document):
            if isinstance(node.get("discriminator"), Mapping):
                classes, discriminator = self._discriminator(node)
                if found.setdefault(classes, discriminator) != discriminator:
                    raise GenerationError(f"two unions of {', '.join(sorted(classes))} are told apart differently")
        return found

    @cached_property
    def unions(self) -> Mapping[frozenset[str], str]:
        """The names of the unions of objects that are components, by the classes of the union."""
        found: dict[frozenset[str], str] = {}
        for name, node in self.schemas.items():
            if "discriminator" in node and (other := found.setdefault(self._discriminator(node)[0], name)) != name:
                raise GenerationError(f"the schemas {other} and {name} are the same union; keep one of them")
        return found

    @cached_property
    def webhook_classes(self) -> set[str]:
        """The classes of the payloads that the platform sends."""
        found: set[str] = set()
        pending = [self.document.get("webhooks", {})]
        while pending:
            for node in _walk(pending.pop()):
                reference = node.get("$ref")
                if isinstance(reference, str) and (name := self.class_name(reference)) not in found:
                    found.add(name)
                    pending.append(self.resolve(node))
        return found

    def _discriminator(self, node: Node) -> tuple[frozenset[str], Discriminator]:
        members: list[Node] = [*node.get("oneOf", ()), *node.get("anyOf", ())]
        classes = frozenset(self.class_name(member["$ref"]) for member in members if "$ref" in member)
        mapping = node["discriminator"].get("mapping", {})
        by_value = {value: self.class_name(target) for value, target in mapping.items()}
        if frozenset(by_value.values()) != classes:
            raise GenerationError(f"the discriminator of {', '.join(sorted(classes))} does not map to each of them")
        return classes, Discriminator(node["discriminator"]["propertyName"], by_value)


def _methods(operation: Node) -> tuple[SdkMethod, ...]:
    try:
        return read_methods(operation.get("x-sdk"))
    except msgspec.ValidationError as error:
        raise GenerationError(f"{operation['operationId']}: x-sdk: {error}; see openapi/README.md") from error


def _walk(node: object) -> Iterator[Node]:
    if isinstance(node, Mapping):
        mapping = cast(Node, node)
        yield mapping
        node = list(mapping.values())
    if isinstance(node, list):
        for member in cast(list[object], node):
            yield from _walk(member)
