"""A bundled OpenAPI document whose references are followed by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from urllib.parse import quote

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject


class DescriptionError(Exception):
    """A description that cannot be used; the message says where and why."""


@attrs.frozen
class Node:
    """A value in a document and the JSON pointer to it. Stepping to a child follows `$ref`."""

    root: JsonObject = attrs.field(repr=False)
    pointer: str = "#"
    value: Json = attrs.field(default=None, repr=False)

    @classmethod
    def of(cls, document: JsonObject) -> Node:
        """Return the node of a whole document."""
        return cls(document, "#", document)

    def child(self, key: str | int) -> Node | None:
        """Return the node under a key or position, or None."""
        if isinstance(self.value, dict) and isinstance(key, str) and key in self.value:
            return self._step(key, self.value[key])
        if isinstance(self.value, list) and isinstance(key, int) and key < len(self.value):
            return self._step(str(key), self.value[key])
        return None

    def children(self) -> Iterator[tuple[str, Node]]:
        """Yield keys (or positions, as strings) and the nodes under them."""
        if isinstance(self.value, dict):
            yield from ((key, self._step(key, value)) for key, value in self.value.items())
        if isinstance(self.value, list):
            yield from ((str(index), self._step(str(index), value)) for index, value in enumerate(self.value))

    def children_of(self, key: str) -> Iterator[tuple[str, Node]]:
        """Yield the children of the node under a key, none if there is no such node."""
        found = self.child(key)
        return found.children() if found else iter(())

    def text(self, key: str) -> str:
        """Return the string under a key, empty if there is none."""
        found = self.child(key)
        return found.value if found is not None and isinstance(found.value, str) else ""

    def is_true(self, key: str) -> bool:
        """Whether the value under a key is `true`."""
        found = self.child(key)
        return found is not None and found.value is True

    def at(self, pointer: str) -> Node:
        """Return the node that a `#/...` reference points at.

        Raises:
            DescriptionError: there is none.
        """
        node: Node | None = Node.of(self.root)
        for part in pointer.removeprefix("#").split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            node = node.child(key) or node.child(int(key) if key.isdecimal() else -1) if node else None
        if node is None:
            raise DescriptionError(f"there is nothing at {pointer}")
        return node

    def _step(self, key: str, value: Json) -> Node:
        if isinstance(value, dict) and isinstance(reference := value.get("$ref"), str):
            return self.at(reference)
        return Node(self.root, f"{self.pointer}/{key.replace('~', '~0').replace('/', '~1')}", value)

    @cached_property
    def branches(self) -> tuple[Node, ...]:
        """The schema itself and those it combines with `oneOf` and `anyOf`."""
        found: list[Node] = [self]
        for keyword in ("oneOf", "anyOf"):
            for _, branch in self.children_of(keyword):
                found += branch.branches
        return tuple(found)

    @cached_property
    def types(self) -> frozenset[str]:
        """The JSON types that a schema names, those of its branches included."""
        declared = [found.value for branch in self.branches if (found := branch.child("type"))]
        listed = [value if isinstance(value, list) else [value] for value in declared]
        return frozenset(item for items in listed for item in items if isinstance(item, str))

    @property
    def fragment(self) -> str:
        """The pointer as the fragment of a URI."""
        return quote(self.pointer, safe="#/~!$&'()*+,;=:@-._")
