"""Faults of the real servers that the description marks with `x-faults`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trilogue_sandbox.kernel.document import Node
from trilogue_sandbox.kernel.http import Response

HEADER = "X-Sandbox-Known-Fault"
"""The header by which a known fault of the real server is told from a defect of the sandbox."""


class KnownFault(Exception):
    """Input at which the real server is known to fail; `name` is what the description calls the fault."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def mark(self, response: Response) -> Response:
        """Return the response of the server with the header that names the fault."""
        return response.with_headers(response.headers.add((HEADER, self.name)))


def find_faults(operation: Node) -> Mapping[str, frozenset[str]]:
    """Return the known faults of an operation by its parameters and the fields of its body, its own under ``""``."""
    found: dict[str, frozenset[str]] = {}
    for name, node in _arguments(operation):
        found[name] = found.get(name, frozenset()) | frozenset(_names(node, set()))
    return found


def _arguments(operation: Node) -> Iterator[tuple[str, Node]]:
    if own := operation.child("x-faults"):
        yield "", Node(own.root, own.pointer, {"x-faults": own.value})
    for _, parameter in operation.children_of("parameters"):
        yield parameter.text("name"), parameter
    body = operation.child("requestBody")
    for _, media in body.children_of("content") if body else ():
        for schema in (media.child("schema") or media).branches:
            yield from schema.children_of("properties")


def _names(node: Node, seen: set[str]) -> Iterator[str]:
    if node.pointer in seen:
        return
    seen.add(node.pointer)
    yield from (name for name, _ in node.children_of("x-faults"))
    for _, child in node.children():
        yield from _names(child, seen)
