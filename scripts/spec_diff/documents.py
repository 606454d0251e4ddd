"""Documents: references followed, pointers kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from attrs import frozen

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


class DocumentError(Exception):
    """A description that cannot be compared; the message says where and why."""


def is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether a value is an object of JSON."""
    return isinstance(value, Mapping)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a value is a list of JSON."""
    return isinstance(value, list)


@frozen(eq=False)
class Node:
    """A value in a document and the JSON pointer to it; stepping to a child follows references."""

    document: Mapping[str, Any]
    pointer: str
    value: Any

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Node:
        """Return the node of a whole document."""
        return cls(document, "", document)

    def __bool__(self) -> bool:
        return self.value is not None

    def __contains__(self, key: str) -> bool:
        return is_mapping(self.value) and key in self.value

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value under a key."""
        return self.value.get(key, default) if is_mapping(self.value) else default

    def child(self, key: str | int) -> Node:
        """Return the node under a key or position; one without a value if nothing is there."""
        value: Any = None
        if is_mapping(self.value):
            value = self.value.get(str(key))
        elif is_list(self.value) and isinstance(key, int) and key < len(self.value):
            value = self.value[key]
        return Node(self.document, f"{self.pointer}/{_escape(str(key))}", value).resolved()

    def children(self) -> Iterator[tuple[str, Node]]:
        """Iterate over keys and the nodes under them."""
        if is_mapping(self.value):
            for key in self.value:
                yield str(key), self.child(str(key))

    def items(self) -> list[Node]:
        """Return the nodes of a list."""
        return [self.child(index) for index in range(len(self.value))] if is_list(self.value) else []

    def resolved(self) -> Node:
        """Follow references until there is a value.

        Raises:
            DocumentError: a reference leads out of the document, nowhere, or in a circle.
        """
        node, seen = self, set[str]()
        while is_mapping(node.value) and isinstance(reference := node.get("$ref"), str):
            if reference in seen:
                raise DocumentError(f"{self.pointer}: the reference {reference} leads back to itself")
            seen.add(reference)
            node = node._beside(_target(self.document, reference))
        return node

    def _beside(self, target: Node) -> Node:
        """Return the target of a reference with the keywords that stand beside the reference, as 3.1 has it."""
        beside = {key: value for key, value in self.value.items() if key not in ("$ref", "summary", "description")}
        if not beside or not is_mapping(target.value):
            return target
        return Node(self.document, self.pointer, {**target.value, **beside})


def _target(document: Mapping[str, Any], reference: str) -> Node:
    if not reference.startswith("#"):
        raise DocumentError(f"the reference {reference} leads out of the document; bundle it first")
    value: Any = document
    for part in reference.removeprefix("#").split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~").replace("%7B", "{").replace("%7D", "}")
        if is_list(value) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        elif is_mapping(value) and key in value:
            value = value[key]
        else:
            raise DocumentError(f"the reference {reference} leads nowhere")
    return Node(document, reference.removeprefix("#"), value)


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def pairs(old: Node, new: Node) -> Iterator[tuple[str, tuple[Node, Node]]]:
    """Yield the children of two nodes by their keys; one that is missing is empty."""
    for name in dict.fromkeys([*(key for key, _ in old.children()), *(key for key, _ in new.children())]):
        yield name, (old.child(name), new.child(name))
