"""The links of responses: where they lead, and with which inputs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from trilogue_tools.contract.pointers import at_pointer
from trilogue_tools.drift.endpoints import Endpoint
from trilogue_tools.drift.server import Exchange

_FROM_BODY = re.compile(r"\$response\.body#((?:/[\w-]+)+)")
_FROM_REQUEST = re.compile(r"\$request\.(?:path|query|header)\.(\w+)")

_OF_ANOTHER = re.compile(r"merge|transfer|migrate")
"""What takes another object away, by names of operations."""


@frozen(eq=False)
class Link:
    """Where a response leads: an operation, and the inputs that it takes from the response."""

    target: Endpoint
    inputs: Mapping[str, Any]

    @property
    def deletes(self) -> bool:
        """Whether it takes the object away."""
        return self.target.method_names[0] in ("delete", "remove")

    @property
    def acts(self) -> bool:
        """Whether it does something else with the object, or makes something of it, and with no other."""
        return not (self.target.reads or self.deletes or self.updates or _OF_ANOTHER.search(self.target.name))

    @property
    def updates(self) -> bool:
        """Whether it changes the object."""
        return "update" in self.target.method_names


def follow_links(
    endpoints: Mapping[str, Endpoint], endpoint: Endpoint, exchange: Exchange, sent: Mapping[str, Any]
) -> Iterator[Link]:
    """Yield where a response leads; `sent` are the inputs of its request."""
    for node in described_links(endpoint, exchange.status):
        body = node.get("requestBody")
        expressions = {**node.get("parameters", {}), **(body if isinstance(body, Mapping) else {})}
        inputs = {name: _evaluate(each, exchange.body, sent) for name, each in expressions.items()}
        target = endpoints.get(node["operationId"])
        if target is not None and None not in inputs.values() and inputs:
            yield Link(target, {name.rpartition(".")[2]: value for name, value in inputs.items()})


def described_links(endpoint: Endpoint, status: int | None = None) -> Iterator[Mapping[str, Any]]:
    """Yield the links of the responses of an operation, or of one with a status."""
    for described, response in endpoint.node["responses"].items():
        if described.startswith("2") and status in (None, int(described)):
            links = endpoint.description.resolve(response).get("links", {})
            yield from map(endpoint.description.resolve, links.values())


def _evaluate(expression: Any, body: Any, sent: Mapping[str, Any]) -> Any:
    """Return what an expression of a link stands for; None for what is not there."""
    if not isinstance(expression, str) or not expression.startswith("$"):
        return expression
    if found := _FROM_REQUEST.fullmatch(expression):
        return sent.get(found[1])
    found = _FROM_BODY.fullmatch(expression)
    return at_pointer(body, found[1]) if found else None
