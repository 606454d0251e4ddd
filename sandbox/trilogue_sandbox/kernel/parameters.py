"""The parameters of an operation, read from a request as their description says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

import attrs
from msgspec import UNSET, UnsetType

from trilogue_sandbox.kernel.decoding import Text, decode, is_list
from trilogue_sandbox.kernel.document import DescriptionError, Node
from trilogue_sandbox.kernel.http import Json

Location: TypeAlias = Literal["path", "query", "header"]

Given: TypeAlias = "Mapping[Location, Mapping[str, str | list[str]]]"
"""The path values, the query by key and the header fields of a request."""

_LOCATIONS: dict[str, Location] = {"path": "path", "query": "query", "header": "header"}
_SEPARATORS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
_STEP = re.compile(r"\[([^\[\]]*)\]|\.([^.\[\]]+)")


@attrs.frozen
class Parameter:
    """One parameter of an operation, or one header of a response.

    `key` is the name of its value in `Inputs`, `label` says where a violation of it is: `query/limit`.
    """

    name: str
    location: Location
    key: str
    label: str
    is_required: bool
    style: str
    explode: bool
    schema: Node
    default: Json
    is_list: bool

    @classmethod
    def of(cls, node: Node) -> Parameter:
        """Read a parameter object.

        Raises:
            DescriptionError: it is a cookie, or has `content` instead of `schema`; neither is supported.
        """
        location = _LOCATIONS.get(node.text("in"))
        if location is None:
            raise DescriptionError(f"{node.pointer}: a parameter must be in path, query or header")
        style = node.text("style") or ("form" if location == "query" else "simple")
        return cls._make(node, node.text("name"), location, style)

    @classmethod
    def of_header(cls, name: str, node: Node) -> Parameter:
        """Read a header object of a response.

        Raises:
            DescriptionError: it has no schema.
        """
        return cls._make(node, name, "header", "simple")

    @classmethod
    def _make(cls, node: Node, name: str, location: Location, style: str) -> Parameter:
        schema, explode = node.child("schema"), node.child("explode")
        if schema is None:
            raise DescriptionError(f"{node.pointer}: a parameter or header must have a schema")
        default = schema.child("default")
        return cls(
            name=name,
            location=location,
            key=name.lower() if location == "header" else name,
            label=f"{location}/{name}",
            is_required=node.is_true("required"),
            style=style,
            explode=explode.value is True if explode else style == "form",
            schema=schema,
            default=default.value if default else None,
            is_list=is_list(schema),
        )

    def takes(self, key: str) -> bool:
        """Whether a key of the query belongs to this parameter."""
        return key == self.name or (self.style == "deepObject" and bool(_steps(self.name, key)))

    def read(self, given: Given) -> Json | UnsetType:
        """Return the value of the parameter, or UNSET where it is not given."""
        if (text := given[self.location].get(self.name)) is not None:
            return self.read_text(text)
        tree = _tree(self.name, given["query"]) if self.style == "deepObject" else None
        return decode(self.schema, tree) if tree else UNSET

    def read_text(self, text: str | list[str]) -> Json:
        """Return the value of a path segment, a header field, or the values of one key of the query."""
        given = [text] if isinstance(text, str) else text
        if not self.is_list:
            return decode(self.schema, given[0] if len(given) == 1 else [*given])
        if self.explode and self.location == "query":
            return decode(self.schema, [*given])
        return decode(self.schema, [part for item in given for part in item.split(_SEPARATORS[self.style])])


def group_by_key(query: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    """Return the values of a query by key."""
    grouped: dict[str, list[str]] = {}
    for key, value in query:
        grouped.setdefault(key, []).append(value)
    return grouped


def unknown_keys(parameters: Sequence[Parameter], query: Iterable[str]) -> Iterator[str]:
    """Return the keys of a query that belong to no parameter."""
    for key in query:
        if not any(parameter.location == "query" and parameter.takes(key) for parameter in parameters):
            yield key


def _steps(name: str, key: str) -> list[str]:
    if not key.startswith(name) or len(key) == len(name):
        return []
    rest = key[len(name) :]
    steps = [brackets or dotted for brackets, dotted in _STEP.findall(rest)]
    return steps if _STEP.sub("", rest) == "" else []


def _tree(name: str, query: Mapping[str, str | list[str]]) -> dict[str, Text]:
    tree: dict[str, Text] = {}
    for key, values in query.items():
        if steps := _steps(name, key):
            _insert(tree, steps, values)
    return tree


def _insert(tree: dict[str, Text], steps: Sequence[str], values: str | list[str]) -> None:
    for step in steps[:-1]:
        branch = tree.setdefault(step, {})
        tree = branch if isinstance(branch, dict) else {}
    before = tree.get(steps[-1], [])
    together = [*(before if isinstance(before, list) else [before]), *values]
    tree[steps[-1]] = together[0] if len(together) == 1 else together
