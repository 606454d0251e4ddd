"""What was written is read: by the response, when it is read again and in the list, until it is deleted."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

from attrs import define, field

from trilogue_tools.contract.links import Link, described_links, follow_links
from trilogue_tools.contract.lists import iterate, key_of
from trilogue_tools.contract.samples import Samples
from trilogue_tools.contract.time_checks import Clock, check_expiry, check_fresh, check_lifetime
from trilogue_tools.contract.written import is_same, lost_fields
from trilogue_tools.drift.endpoints import Endpoint
from trilogue_tools.drift.findings import Finding
from trilogue_tools.drift.known import Known
from trilogue_tools.drift.server import Exchange, Server

_KEY = "Idempotency-Key"
_CHANGING = re.compile(r"updated|modified|edited|secret|url|(?:count|status|progress|version)$", re.IGNORECASE)


def creates(endpoint: Endpoint) -> bool:
    """Whether an operation makes something that its responses lead to."""
    names = {"create", "start", "send", "request", "connect", "upsert"}
    return not endpoint.reads and bool(names & set(endpoint.method_names)) and any(described_links(endpoint))


@define(eq=False)
class Lifecycle:
    """One object, from its creation to its end. `granted` are the operations that did what they were asked.

    `use` does with the object, while it is there, what no link leads to.
    """

    server: Server
    endpoints: Mapping[str, Endpoint]
    known: Known
    endpoint: Endpoint
    number: int
    clock: Clock | None = None
    use: Callable[[Exchange], Iterable[Finding]] = lambda made: ()
    granted: set[str] = field(factory=set[str])
    links: Sequence[Link] = ()
    key: str = field(factory=lambda: str(uuid4()))

    def findings(self) -> Iterator[Finding]:
        """Create an object, read it, change it, delete it, and yield what is not as it was written."""
        created = self._create()
        if created is None:
            return
        sent, exchange = created
        self.links = [*follow_links(self.endpoints, self.endpoint, exchange, sent)]
        yield from compare(self.endpoint, sent, exchange)
        yield from check_fresh(self.endpoint, exchange)
        yield from check_lifetime(self.endpoint, sent, self.endpoint.result(exchange.body))
        yield from self._repeat(sent, exchange)
        yield from self._read(sent, self.endpoint.result(exchange.body))
        yield from self._list(sent, self.endpoint.result(exchange.body))
        for target in [link.target for link in self.links if link.updates]:
            yield from self._update(target, self.endpoint.result(exchange.body))
        for link in [link for link in self.links if link.acts and self.number % 2 == 0]:
            yield from self._act(link)
        yield from self.use(exchange)
        if self.clock is not None and self.number % 2:  # what was acted on may have ended already
            yield from self._expire(self.endpoint.result(exchange.body), self.clock)
        for link in [link for link in self.links if link.deletes][:1]:
            yield from self._delete(link)

    def _create(self) -> tuple[dict[str, Any], Exchange] | None:
        """Send the examples until one is granted; odd numbers begin with other values, which are no defaults."""
        numbers = (self.number, self.number + 1, self.number + 2)  # which objects go together, no schema says
        samples = [each for n in numbers for each in Samples(self.known).inputs(self.endpoint, n, {}, method="create")]
        if self.number % 2:
            others = [Samples(self.known).changed(self.endpoint, inputs, self.number, {}) for inputs in samples]
            samples = [*others, *samples]
        for inputs in samples:
            exchange = self._send(self.endpoint, inputs, self._key)
            if exchange.is_granted:
                return inputs, exchange
        return None

    @property
    def _key(self) -> Mapping[str, str]:
        """The header by which a repeated request is known, if the operation takes one."""
        return {_KEY: self.key} if _KEY in self.endpoint.inputs else {}

    def _repeat(self, sent: Mapping[str, Any], exchange: Exchange) -> Iterator[Finding]:
        """Send the request again with its idempotency key; it must not be carried out again."""
        if self._key:
            again = self._send(self.endpoint, sent, self._key)
            if again.content != exchange.content:
                yield Finding(self.endpoint.name, again.status or 0, "a repeat is not known by its idempotency key", "")

    def _send(
        self, endpoint: Endpoint, inputs: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Exchange:
        exchange = self.server.send(endpoint, inputs, headers)
        if exchange.is_granted:
            self.granted.add(endpoint.id)
        return exchange

    def _read(self, sent: Mapping[str, Any], shown: Any) -> Iterator[Finding]:
        for link in self._reads():
            row = yield from self._found(link)
            if row is None:
                continue
            for name in lost_fields(_fields(self.endpoint, sent), row, _properties(link.target)):
                yield Finding(link.target.name, 200, "a field is not as it was sent", name)
            for name in _differing(shown, row):
                yield Finding(link.target.name, 200, "a field is not as it was shown", name)

    def _reads(self) -> Iterator[Link]:
        """Yield the links that read the object itself."""
        for link in self.links:
            is_own = link.target.resource == self.endpoint.resource and link.target.method_names[0] in ("get", "list")
            if link.target.reads and is_own:
                yield link

    def _found(self, link: Link) -> Generator[Finding, None, Any]:
        """Read what a link leads to; yield a finding if it is not there, and return it."""
        exchange = self._send(link.target, link.inputs)
        found = link.target.result(exchange.body) if exchange.is_granted else None
        if exchange.is_granted and link.target.page is not None:
            found = next(iter(link.target.page.rows(exchange.body)), None)
        if found is None:
            yield Finding(link.target.name, exchange.status or 0, "what was created is not found", "")
        return found

    def _list(self, sent: Mapping[str, Any], shown: Any) -> Iterator[Finding]:
        """Look for the object in the list of its resource."""
        for each in self.endpoints.values():
            required = {name for name, item in each.inputs.items() if item.required and item.location != "header"}
            is_own = each.resource == self.endpoint.resource and each.method_names[0] == "list"
            if not is_own or each.page is None or not required <= sent.keys() or not isinstance(shown, dict):
                continue
            key = key_of(shown, each.page)
            found = iterate(each, self.server, {name: sent[name] for name in required}, pages=3)
            keys = {key_of(row, each.page) for row in found.rows}
            if found.is_granted and isinstance(key, tuple) and found.is_whole and key not in keys:
                yield Finding(each.name, 200, "what was created is not listed", "")

    def _update(self, target: Endpoint, shown: Any) -> Iterator[Finding]:
        samples, number = Samples(self.known), self.number + 1
        given = self._given_to(target)
        for example in samples.inputs(target, number, given, method="update"):
            given = self._given_to(target)
            inputs = samples.changed(target, {**example, **given}, number, given)
            exchange = self._send(target, inputs)
            if not exchange.is_granted:
                continue
            self.links = [
                *follow_links(self.endpoints, target, exchange, inputs)
            ] or self.links  # a change may change identifiers
            yield from compare(target, inputs, exchange)
            after = target.result(exchange.body)
            yield from self._find_unasked(target, inputs, shown, after)
            shown = after if isinstance(after, dict) else shown
            for read in self._reads():
                row = yield from self._found(read)
                for name in lost_fields(_fields(target, inputs), row, _properties(read.target)):
                    yield Finding(read.target.name, 200, "a change is not kept", name)

    def _given_to(self, target: Endpoint) -> Mapping[str, Any]:
        """Return what names the object for an operation, by now."""
        return next((link.inputs for link in self.links if link.target is target), {})

    def _find_unasked(self, target: Endpoint, inputs: Mapping[str, Any], shown: Any, after: Any) -> Iterator[Finding]:
        """Yield the fields that an update changed though they were not sent."""
        for name in _differing(shown, after):
            each = target.inputs.get(name)
            if each and name not in inputs and not each.is_deprecated and isinstance(after[name], (str, int)):
                yield Finding(target.name, 200, "a field changed that was not sent", name)

    def _act(self, link: Link) -> Iterator[Finding]:
        """Do what else can be done with the object: close it, open it again, add something to it."""
        for inputs in Samples(self.known).inputs(link.target, self.number, link.inputs, link.target.method_names[0]):
            exchange = self._send(link.target, inputs)
            if exchange.is_granted:
                yield from compare(link.target, inputs, exchange)
                return

    def _expire(self, shown: Any, clock: Clock) -> Iterator[Finding]:
        for link in [*self._reads()][:1]:

            def read(link: Link = link) -> Any:
                return link.target.result(self._send(link.target, link.inputs).body)

            yield from check_expiry(self.endpoint, shown, read, clock)

    def _delete(self, link: Link) -> Iterator[Finding]:
        if not self._send(link.target, link.inputs).is_granted:
            return
        self.known.forget(link.inputs.values())
        for read in self._reads():
            exchange = self.server.send(read.target, read.inputs)
            rows = read.target.page.rows(exchange.body) if read.target.page else [exchange.body]
            if exchange.is_granted and rows:
                yield Finding(link.target.name, 200, "what was deleted is still there", "")


def compare(endpoint: Endpoint, sent: Mapping[str, Any], exchange: Exchange) -> Iterator[Finding]:
    """Yield the fields that a response shows otherwise than they were sent."""
    for name in lost_fields(_fields(endpoint, sent), endpoint.result(exchange.body), _properties(endpoint)):
        yield Finding(endpoint.name, exchange.status or 0, "a field is not as it was sent", name)


def _fields(endpoint: Endpoint, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a body that was sent, but for lists of rows whose columns are declared elsewhere."""
    found: dict[str, Any] = {}
    for name, value in sent.items():
        each = endpoint.inputs[name]
        items = endpoint.description.resolve(each.schema.get("items", {}))
        if each.location == "body" and items.get("additionalProperties") is not True:
            found[name] = value
    return found


def _properties(endpoint: Endpoint) -> Mapping[str, Any]:
    """Return the properties of what an operation returns, or of its rows."""
    schema: Mapping[str, Any] = endpoint.row_schema
    name = endpoint.node["x-sdk"].get("unwrap")
    if name:
        schema = endpoint.description.resolve(schema.get("properties", {}).get(name, {}))
    found: Mapping[str, Any] = schema.get("properties", {})
    return found


def _differing(shown: Any, row: Any) -> Iterator[str]:
    """Yield the fields that both have with different values, but for those that change by themselves."""
    if isinstance(shown, dict) and isinstance(row, dict):
        for name in shown.keys() & row.keys():
            if not _CHANGING.search(name) and not is_same(shown[name], row[name]):
                yield name
