"""A platform's description, which routes requests to its operations."""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterable, Sequence
from functools import cached_property
from urllib.parse import unquote

import attrs
import msgspec

from trilogue_sandbox.kernel.document import DescriptionError, Node
from trilogue_sandbox.kernel.flavours import Flavour, restrict
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.operation import Operation
from trilogue_sandbox.kernel.validation import Schemas, Violation

METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")


@attrs.frozen
class Match:
    """Where a path leads. `operation` is None where the path is known and the method is not."""

    operation: Operation | None
    path_values: dict[str, str] = attrs.field(repr=False)
    allowed: tuple[str, ...]


class Description:
    """A platform's whole description."""

    def __init__(self, document: JsonObject) -> None:
        self.root = Node.of(document)
        self._schemas = Schemas(document)
        self._paths = {path: _PathItem(path, node, self._schemas) for path, node in self.root.children_of("paths")}
        self._templates = _group_by_length(self._paths)
        self._properties: dict[str, frozenset[str]] = {}

    @classmethod
    def load(cls, platform: str, flavour: Flavour | None = None) -> Description:
        """Read the bundled description of a platform, or what of it one flavour of server has.

        Raises:
            DescriptionError: no description of that name is installed.
        """
        try:
            bundle = importlib.resources.files(f"trilogue_generated.{platform}") / "openapi.json"
            document = msgspec.json.decode(bundle.read_bytes())
            return cls(restrict(document, flavour) if flavour else document)
        except (ModuleNotFoundError, FileNotFoundError) as error:
            raise DescriptionError(f"there is no description of {platform!r} in this installation") from error

    @cached_property
    def operations(self) -> dict[str, Operation]:
        """All operations by their id."""
        return {found.id: found for item in self._paths.values() for found in item.operations.values()}

    @cached_property
    def webhooks(self) -> tuple[Operation, ...]:
        """The requests that the platform sends."""
        items = (_PathItem(name, node, self._schemas) for name, node in self.root.children_of("webhooks"))
        return tuple(operation for item in items for operation in item.operations.values())

    def check(self, component: str, value: Json, location: str) -> Sequence[Violation]:
        """Return how a value breaks a component schema."""
        return self._schemas.check(self.root.at(f"#/components/schemas/{component}"), value, location)

    def properties(self, component: str) -> frozenset[str]:
        """Return the names of the properties of a component schema."""
        if component not in self._properties:
            schema = self.root.at(f"#/components/schemas/{component}")
            self._properties[component] = frozenset(name for name, _ in schema.children_of("properties"))
        return self._properties[component]

    def match(self, method: str, path: str) -> Match | None:
        """Find the operation of a method and a percent-encoded path; None if no path of the description fits.

        Literal segments come before parameters, and the first path that fits decides.
        """
        if path in self._paths and "{" not in path:
            return self._paths[path].match(method, {})
        segments = path.split("/")
        for template in self._templates.get(len(segments), ()):
            if (values := template.read(segments)) is not None:
                return self._paths[template.path].match(method, values)
        return None


class _PathItem:
    def __init__(self, path: str, node: Node, schemas: Schemas) -> None:
        self._path = path
        self._node = node
        self._schemas = schemas

    @cached_property
    def operations(self) -> dict[str, Operation]:
        """The operations of the path by method, read when the first of them is called."""
        nodes = {method: node for method in METHODS if (node := self._node.child(method.lower()))}
        return {name: Operation(name, self._path, node, self._node, self._schemas) for name, node in nodes.items()}

    @cached_property
    def allowed(self) -> tuple[str, ...]:
        """The methods of the path."""
        return tuple(self.operations)

    def match(self, method: str, path_values: dict[str, str]) -> Match:
        return Match(self.operations.get(method), path_values, self.allowed)


@attrs.frozen
class _Template:
    path: str
    segments: tuple[str, ...]

    def read(self, segments: Sequence[str]) -> dict[str, str] | None:
        """Return the values of the parameters in a path, or None if it is another path."""
        values: dict[str, str] = {}
        for expected, given in zip(self.segments, segments, strict=True):
            if expected[:1] == "{" and given:
                values[expected[1:-1]] = unquote(given)
            elif expected != given:
                return None
        return values


def _group_by_length(paths: Iterable[str]) -> dict[int, list[_Template]]:
    templates: dict[int, list[_Template]] = {}
    for path in sorted(paths, key=lambda path: ["{" in segment for segment in path.split("/")]):
        segments = tuple(path.split("/"))
        templates.setdefault(len(segments), []).append(_Template(path, segments))
    return templates
