"""A bundled description, seen as its operations with their arguments and responses, and as its schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from functools import cache, cached_property
from typing import Any, cast

from bundle import BundleError, bundle_folder
from platforms import ROOT, Platform, platforms

from .walking import Json, Location, inline_schemas, schema_names, schemas_within

VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def descriptions() -> tuple[Description, ...]:
    """Return every description that can be bundled; that each of them can is a test of its own."""
    return tuple(description for platform in platforms().values() if (description := described(platform)))


@cache
def described(platform: Platform) -> Description | None:
    try:
        return Description(platform, *bundle_folder(ROOT / "openapi" / platform.name))
    except BundleError:
        return None


@dataclass(frozen=True)
class Argument:
    """What a caller gives: a parameter, or a field of the body."""

    name: str
    part: str
    """Where it travels: path, query, header, cookie or body."""
    required: bool
    schema: Json


@dataclass(frozen=True, eq=False)
class Description:
    """The bundled document of one platform."""

    platform: Platform
    document: Json
    unreached: Sequence[str] = ()
    """What stands in its files and is not part of it."""
    sources: Mapping[str, str] = attribute(default_factory=dict[str, str])
    """Where each path, webhook and component is written, as `file#/name`."""

    def source(self, where: str) -> str:
        """Return the file and pointer of the operation or component that a location belongs to."""
        name, _, rest = where.partition(".")
        operations = [*self.operations, *self.webhooks]
        path = next((operation.path for operation in operations if operation.name == name), "")
        keys = (path, f"{name}.{rest.partition('.')[0]}", f"schemas.{name}")
        return next((self.sources[key] for key in keys if key in self.sources), "openapi.yaml")

    def components(self, section: str) -> dict[str, Json]:
        members: dict[str, Json] = self.document.get("components", {}).get(section, {})
        return members

    def target(self, node: Json) -> Json:
        """Return what a reference leads to, with what stands beside the reference put over it."""
        while "$ref" in node:
            _, _, section, name = node["$ref"].split("/")
            node = {**self.components(section)[name], **{key: value for key, value in node.items() if key != "$ref"}}
        return node

    def field(self, schema: Json, path: str) -> Json | None:
        """Return the schema of a field, None if there is none; dots lead inwards, also through `0` of a list."""
        for name in path.split("."):
            branches = self.branches(schema)
            found = [branch["properties"][name] for branch in branches if name in branch.get("properties", {})]
            if name.isdigit():
                found += [branch["items"] for branch in branches if "items" in branch]
            if not found:
                return None
            schema = found[0]
        return schema

    def branches(self, schema: Json) -> list[Json]:
        """Return the schemas that a value may follow: the schema itself, or those of its union, without null."""
        whole = self.target(schema)
        union = [*whole.get("oneOf", []), *whole.get("anyOf", [])]
        if not union:
            return [] if whole.get("type") == "null" else [whole]
        return [branch for member in union for branch in self.branches(member)]

    def types(self, schema: Json) -> set[str]:
        """Return the types that a value may have, null among them."""
        whole = self.target(schema)
        own = whole.get("type", [])
        types = {own} if isinstance(own, str) else set(own)
        return types.union(*(self.types(member) for member in [*whole.get("oneOf", []), *whole.get("anyOf", [])]))

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(self._operations("paths"))

    @cached_property
    def webhooks(self) -> tuple[Operation, ...]:
        return tuple(self._operations("webhooks"))

    @property
    def provenance(self) -> dict[str, str]:
        """What each word of `x-provenance` means; empty where operations are not marked."""
        words: dict[str, str] = self.document.get("x-provenance", {})
        return words

    @property
    def servers(self) -> dict[str, str]:
        """The servers that it covers by the names of `x-servers`, and what texts call them; empty if all are alike."""
        servers: dict[str, str] = self.document.get("x-servers", {})
        return servers

    @property
    def faults(self) -> dict[str, str]:
        """The known faults of its servers by the names of `x-faults`, with the input at which they fail."""
        faults: dict[str, str] = self.document.get("x-faults", {})
        return faults

    def operation(self, name: str) -> Operation | None:
        return next((operation for operation in self.operations if operation.name == name), None)

    def _operations(self, key: str) -> Iterator[Operation]:
        for path, item in self.document.get(key, {}).items():
            for verb in VERBS:
                if verb in item:
                    yield Operation(self, path, verb, item[verb], item.get("parameters", []))

    @cached_property
    def owners(self) -> tuple[Location, ...]:
        """Everything with a name that may have schemas and examples written inside: operations and components."""
        operations = [Location(operation.name, operation.whole) for operation in (*self.operations, *self.webhooks)]
        sections = ("parameters", "headers", "requestBodies", "responses")
        components = [
            Location(f"{section}.{name}", node)
            for section in sections
            for name, node in self.components(section).items()
        ]
        return (*operations, *components)

    @cached_property
    def schemas(self) -> tuple[Schemas, ...]:
        """Each component schema by itself; and together what one operation, or another component, writes in place."""
        components = self.components("schemas").items()
        inline = [Schemas(self, owner.where, tuple(inline_schemas(owner)), False) for owner in self.owners]
        return (
            *(Schemas(self, name, (Location(name, node),), True) for name, node in components),
            *(schemas for schemas in inline if schemas.roots),
        )

    @cached_property
    def returned(self) -> frozenset[str]:
        """The names of the component schemas that a response or a webhook can contain."""
        responses = [response for operation in self.operations for response in operation.responses.values()]
        return self._reachable([*responses, *(body for webhook in self.webhooks for body in webhook.bodies.values())])

    @cached_property
    def sent(self) -> frozenset[str]:
        """The names of the component schemas that the body of a request can contain."""
        return self._reachable([body for operation in self.operations for body in operation.bodies.values()])

    def _reachable(self, nodes: list[Json]) -> frozenset[str]:
        names: set[str] = set()
        while nodes:
            found = {name for node in nodes for name in schema_names(node)} - names
            names |= found
            nodes = [self.components("schemas")[name] for name in found]
        return frozenset(names)


@dataclass(frozen=True, eq=False)
class Operation:
    """One HTTP method on one path, or one webhook."""

    description: Description
    path: str
    verb: str
    node: Json
    shared_parameters: list[Json]

    @property
    def name(self) -> str:
        return str(self.node.get("operationId") or f"{self.verb.upper()} {self.path}")

    @property
    def sdk(self) -> Json:
        """The `x-sdk` as it stands; empty if it is missing or no object."""
        raw: Any = self.node.get("x-sdk")
        return cast(Json, raw) if isinstance(raw, dict) else {}

    @property
    def whole(self) -> Json:
        return {**self.node, "parameters": [*self.shared_parameters, *self.node.get("parameters", [])]}

    @cached_property
    def parameters(self) -> list[Json]:
        return [self.description.target(parameter) for parameter in self.whole["parameters"]]

    @cached_property
    def bodies(self) -> dict[str, Json]:
        """What the request may carry, by content type."""
        content: dict[str, Json] = self.description.target(self.node.get("requestBody", {})).get("content", {})
        return content

    @cached_property
    def responses(self) -> dict[str, Json]:
        return {
            status: self.description.target(response) for status, response in self.node.get("responses", {}).items()
        }

    @cached_property
    def successes(self) -> dict[str, Json]:
        return {status: response for status, response in self.responses.items() if status.startswith("2")}

    @cached_property
    def results(self) -> list[Json]:
        """The schemas of its successful responses."""
        contents = [response.get("content", {}).values() for response in self.successes.values()]
        return [media["schema"] for content in contents for media in content if "schema" in media]

    @cached_property
    def arguments(self) -> dict[str, list[Argument]]:
        """What a caller can give, by its name on the wire; the list is longer than one where two share a name."""
        arguments: dict[str, list[Argument]] = {}
        for argument in (*self._from_parameters(), *self._from_bodies()):
            arguments.setdefault(argument.name, []).append(argument)
        return arguments

    def _from_parameters(self) -> Iterator[Argument]:
        for parameter in self.parameters:
            required = bool(parameter.get("required"))
            yield Argument(parameter["name"], parameter["in"], required, parameter.get("schema", {}))

    def _from_bodies(self) -> Iterator[Argument]:
        for media in list(self.bodies.values())[:1]:
            branches = self.description.branches(media.get("schema", {}))
            names = dict.fromkeys(name for branch in branches for name in branch.get("properties", {}))
            for name in names:
                required = all(name in branch.get("required", []) for branch in branches)
                schema = next(branch["properties"][name] for branch in branches if name in branch.get("properties", {}))
                yield Argument(name, "body", required, schema)


@dataclass(frozen=True, eq=False)
class Schemas:
    """A component schema, or the schemas that one operation or other component writes in place."""

    description: Description
    name: str
    roots: tuple[Location, ...]
    is_component: bool

    @cached_property
    def parts(self) -> tuple[Location, ...]:
        """Each schema in here with all those inside it; references are not followed."""
        return tuple(part for root in self.roots for part in schemas_within(root))

    @cached_property
    def nameless(self) -> tuple[Location, ...]:
        """The parts without a name of their own: all but a component."""
        return self.parts[1:] if self.is_component else self.parts
