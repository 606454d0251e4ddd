"""The parameters of an operation, read out of a request as their description says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

import attrs

from trilogue_sandbox.kernel.decoding import Text, decode, is_list
from trilogue_sandbox.kernel.document import DescriptionError, Node
from trilogue_sandbox.kernel.http import Json, Pairs

Place: TypeAlias = Literal["path", "query", "header"]

_PLACES: dict[str, Place] = {"path": "path", "query": "query", "header": "header"}
_SEPARATORS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
_STEP = re.compile(r"\[([^\[\]]*)\]|\.([^.\[\]]+)")


@attrs.frozen
class Parameter:
    """One parameter of one operation."""

    name: str
    place: Place
    is_required: bool
    style: str
    explode: bool
    schema: Node
    description: str

    @classmethod
    def of(cls, node: Node) -> Parameter:
        """Read a parameter object.

        Raises:
            DescriptionError: it is a cookie, or has `content` instead of `schema`; neither is supported.
        """
        place, schema = _PLACES.get(node.text("in")), node.child("schema")
        if place is None or schema is None:
            raise DescriptionError(f"{node.pointer}: a parameter stands in path, query or header and has a schema")
        style = node.text("style") or ("form" if place == "query" else "simple")
        explode = node.child("explode")
        return cls(
            name=node.text("name"),
            place=place,
            is_required=node.is_true("required"),
            style=style,
            explode=explode.value is True if explode else style == "form",
            schema=schema,
            description=node.text("description"),
        )

    @classmethod
    def of_header(cls, name: str, node: Node) -> Parameter:
        """Read a header object of an answer.

        Raises:
            DescriptionError: it has no schema.
        """
        schema = node.child("schema")
        if schema is None:
            raise DescriptionError(f"{node.pointer}: a header has a schema")
        return cls(name, "header", node.is_true("required"), "simple", False, schema, node.text("description"))

    def takes(self, key: str) -> bool:
        """Whether a key of the query belongs to this parameter."""
        return key == self.name or (self.style == "deepObject" and bool(_steps(self.name, key)))

    def read_query(self, query: Pairs) -> tuple[bool, Json]:
        """Return whether the parameter is given, and its value.

        An object may be written with brackets (`tags[color]=red`), with dots (`tags.color=red`) or as one JSON text.
        """
        given = [value for key, value in query if key == self.name]
        if self.style == "deepObject" and not given:
            tree = _tree(self.name, query)
            return bool(tree), decode(self.schema, tree)
        if not given:
            return False, None
        return True, decode(self.schema, self._split(given))

    def read_text(self, text: str) -> Json:
        """Return the value of a path segment or a header field."""
        return decode(self.schema, self._split([text]))

    def _split(self, given: Sequence[str]) -> Text:
        if not is_list(self.schema):
            return given[0] if len(given) == 1 else list(given)
        if self.explode and self.place == "query":
            return list(given)
        return [part for text in given for part in text.split(_SEPARATORS[self.style])]


def unknown_keys(parameters: Sequence[Parameter], query: Pairs) -> Iterator[str]:
    """Return the keys of a query that belong to no parameter, each once."""
    in_query = [parameter for parameter in parameters if parameter.place == "query"]
    for key in dict(query):
        if not any(parameter.takes(key) for parameter in in_query):
            yield key


def _steps(name: str, key: str) -> list[str]:
    if not key.startswith(name) or len(key) == len(name):
        return []
    rest = key[len(name) :]
    steps = [brackets or dotted for brackets, dotted in _STEP.findall(rest)]
    return steps if _STEP.sub("", rest) == "" else []


def _tree(name: str, query: Pairs) -> dict[str, Text]:
    tree: dict[str, Text] = {}
    for key, value in query:
        if steps := _steps(name, key):
            _plant(tree, steps, value)
    return tree


def _plant(tree: dict[str, Text], steps: Sequence[str], value: str) -> None:
    for step in steps[:-1]:
        branch = tree.setdefault(step, {})
        tree = branch if isinstance(branch, dict) else {}
    before = tree.get(steps[-1])
    if before is None:
        tree[steps[-1]] = value
    else:
        tree[steps[-1]] = [*before, value] if isinstance(before, list) else [before, value]
