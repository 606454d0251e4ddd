"""Reads once through every list and get of a server, with ids that it gathers on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Any

from attrs import define, field

from trilogue_tools.drift.endpoints import Endpoint
from trilogue_tools.drift.known import Known
from trilogue_tools.drift.server import BudgetSpent, Exchange, Server

PAGES, TRIES = 5, 3
"""How many pages of a list are read, and with how many objects a get is tried until one is granted."""


@define(eq=False)
class Reading:
    """A reading of a server, and which operations it granted.

    `rows` are those of each list that was granted, by operation; `is_whole` the lists that were read to the end.
    """

    server: Server
    endpoints: Mapping[str, Endpoint]
    known: Known = field(init=False)
    granted: dict[str, dict[str, Any]] = field(factory=dict[str, dict[str, Any]])
    rows: dict[str, list[Any]] = field(factory=dict[str, list[Any]])
    whole: set[str] = field(factory=set[str])
    outcomes: dict[str, str] = field(factory=dict[str, str])

    def __attrs_post_init__(self) -> None:
        """Learn from all that the server says from now on."""
        self.known = Known(self.endpoints, self.server.context)
        self.server.listeners.append(self.known.observe)

    @property
    def untested(self) -> Mapping[str, str]:
        """The operations that were never granted, and why."""
        reads = (each for each in self.endpoints.values() if each.reads)
        return {
            each.name: self.outcomes.get(each.id, "no request was left")
            for each in reads
            if each.id not in self.granted
        }

    def run(self) -> Iterator[Endpoint]:
        """Read, and yield each operation when it is done; end when the requests are spent."""
        try:
            yield from self._rounds()
        except BudgetSpent:
            return

    def _rounds(self) -> Iterator[Endpoint]:
        """Call what can be called; what it returns makes further calls possible."""
        waiting = [each for each in self.endpoints.values() if each.reads]
        while waiting:
            ready = [each for each in waiting if next(self._arguments(each), None) is not None]
            for endpoint in ready:
                self._read(endpoint)
                yield endpoint
            waiting = [each for each in waiting if each not in ready]
            if not ready:
                self.outcomes.update({each.id: self._reason(each) for each in waiting})
                return

    def _reason(self, endpoint: Endpoint) -> str:
        missing = [each.name for each in _required(endpoint) if not self.known.values(endpoint, each)]
        return f"nothing is known for {', '.join(missing)}"

    def _arguments(self, endpoint: Endpoint) -> Iterator[dict[str, Any]]:
        """Yield inputs for an operation, the required ones only."""
        required = _required(endpoint)
        for values in product(*(self.known.values(endpoint, each) for each in required)):
            yield dict(zip((each.name for each in required), values, strict=True))

    def _read(self, endpoint: Endpoint) -> None:
        for values in islice(self._arguments(endpoint), TRIES):
            exchange = self.server.send(endpoint, values)
            if exchange.is_granted:
                self.granted[endpoint.id] = values
                if endpoint.page is not None:
                    self._read_pages(endpoint, values, exchange)
                return
            self.outcomes[endpoint.id] = describe_outcome(exchange) + _only_on(endpoint)

    def _read_pages(self, endpoint: Endpoint, values: dict[str, Any], exchange: Exchange) -> None:
        page = endpoint.page
        assert page is not None
        rows = self.rows[endpoint.id] = list(page.rows(exchange.body))
        for _ in range(PAGES - 1):
            link = page.following(exchange.body)
            if link is None:
                self.whole.add(endpoint.id)
                return
            exchange = self.server.follow(endpoint, values, link)
            rows += page.rows(exchange.body)
        if page.following(exchange.body) is None:
            self.whole.add(endpoint.id)


def most_requests(endpoints: Mapping[str, Endpoint]) -> int:
    """Return how many requests a reading takes at most, one to sign in included."""
    reads = [each for each in endpoints.values() if each.reads]
    return 1 + sum(PAGES if each.page else TRIES if _required(each) else 1 for each in reads)


def _required(endpoint: Endpoint) -> list[Any]:
    """Return the inputs without which an operation cannot be called; the client sends the headers itself."""
    return [each for each in endpoint.inputs.values() if each.required and each.location != "header"]


def describe_outcome(exchange: Exchange) -> str:
    """Return in words why a request was not granted."""
    return f"it responded with {exchange.status}" if exchange.status is not None else f"no response: {exchange.error}"


def _only_on(endpoint: Endpoint) -> str:
    return f"; only {' and '.join(endpoint.servers)} has it" if endpoint.servers else ""
