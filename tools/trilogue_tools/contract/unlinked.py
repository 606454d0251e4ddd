"""Operations that no link leads to: called with what was made before, as far as names and schemas tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, field

from trilogue_tools.contract.links import described_links
from trilogue_tools.contract.samples import Samples
from trilogue_tools.contract.write_checks import compare, creates
from trilogue_tools.drift.endpoints import Endpoint, Input
from trilogue_tools.drift.findings import Finding
from trilogue_tools.drift.known import Known
from trilogue_tools.drift.reading import describe_outcome
from trilogue_tools.drift.server import Exchange, Server

_LASTING = re.compile(
    r"^billing\.|^account\.|invoices|merge|transfer|migrate|delete|remove|revoke|unlink|token|preferences|ai_spend"
)
"""What costs money, cannot be undone, or takes something away that a run has not made, by names of operations."""

UNSAFE = "it may cost money, cannot be undone, or changes what the run has not made"


def is_unlinked(endpoint: Endpoint, linked: set[str]) -> bool:
    """Whether an operation is called though no link leads to it, and what it does neither lasts nor costs."""
    return not (endpoint.reads or creates(endpoint) or is_lasting(endpoint)) and endpoint.id not in linked


def linked_operations(endpoints: Mapping[str, Endpoint]) -> set[str]:
    """Return the operations that links lead to."""
    return {node["operationId"] for endpoint in endpoints.values() for node in described_links(endpoint)}


def is_lasting(endpoint: Endpoint) -> bool:
    """Whether what an operation does lasts or costs, so that it is only done to what a run has made."""
    return not endpoint.reads and bool(_LASTING.search(endpoint.name))


@define(eq=False)
class Unlinked:
    """Calls the operations that are `left`, each until it is granted; `outcomes` says why the others were not."""

    server: Server
    known: Known
    left: dict[str, Endpoint]
    granted: set[str] = field(factory=set[str])
    outcomes: dict[str, str] = field(factory=dict[str, str])

    def use(self, made: Exchange, endpoints: Mapping[str, Endpoint], number: int) -> Iterator[Finding]:
        """Call the operations that name objects, if all of these were just made."""
        own = Known(endpoints, {})
        own.observe(made)
        for endpoint in [*self.left.values()]:
            named = {each.name: own.values(endpoint, each) for each in self._naming(endpoint)}
            if named and all(named.values()):
                yield from self._call(endpoint, number, {name: values[0] for name, values in named.items()})

    def use_alone(self, number: int) -> Iterator[Finding]:
        """Call the operations that name no object, and those that read."""
        for endpoint in [*self.left.values()]:
            if endpoint.reads or not self._naming(endpoint):
                yield from self._call(endpoint, number, {})

    def _call(self, endpoint: Endpoint, number: int, given: Mapping[str, Any]) -> Iterator[Finding]:
        method = endpoint.method_names[0]
        for inputs in Samples(self.known).inputs(endpoint, number, given, method):
            exchange = self.server.send(endpoint, inputs)
            if exchange.is_granted:
                self.granted.add(endpoint.id)
                del self.left[endpoint.id]
                if not method.startswith("get_or"):  # that may have been there before
                    yield from compare(endpoint, inputs, exchange)
                return
            self.outcomes[endpoint.id] = describe_outcome(exchange)

    def _naming(self, endpoint: Endpoint) -> list[Input]:
        """Return the inputs that name the objects an operation is about: of its path, or else of its body."""
        required = [each for each in endpoint.inputs.values() if each.required]
        in_path = [each for each in required if each.location == "path"]
        return in_path or [each for each in required if self.known.references(endpoint, each)]
