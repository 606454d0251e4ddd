"""A run: gathers what exists, checks each operation, and notes what was found and what was not tested."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from attrs import define, field

from trilogue_tools.contract.access_checks import (
    check_anonymous,
    check_isolation,
    check_limited,
    check_refused,
    check_schemes,
)
from trilogue_tools.contract.cases import Cases
from trilogue_tools.contract.count_checks import check_counts
from trilogue_tools.contract.filter_checks import check_filters
from trilogue_tools.contract.list_checks import (
    check_borders,
    check_bounds,
    check_iteration,
    check_order,
    check_page_size,
    check_previous,
)
from trilogue_tools.contract.lists import GrantedList, ListCheck
from trilogue_tools.contract.object_checks import check_objects
from trilogue_tools.contract.plan import Effort
from trilogue_tools.contract.summary import WRITES
from trilogue_tools.contract.time_checks import Clock, RequestCount, check_token
from trilogue_tools.contract.unlinked import UNSAFE, Unlinked, is_lasting, is_unlinked, linked_operations
from trilogue_tools.contract.write_checks import Lifecycle, creates
from trilogue_tools.drift.endpoints import Endpoint
from trilogue_tools.drift.findings import Finding, Report
from trilogue_tools.drift.reading import Reading
from trilogue_tools.drift.server import BudgetSpent, Server


@define(eq=False)
class Run:
    """The checks of a platform's operations against a server; reads only, unless the server may be written to.

    `others` are clients of other accounts, which must see nothing of this one; `refused` are clients that must not be
    let in, `limited` those that may only call operations with a header; with a `clock` that can be moved, ends of
    lifetimes are waited for.

    `checked` are the operations of which all checks were made; the others count as untested.
    """

    server: Server
    endpoints: Mapping[str, Endpoint]
    effort: Effort
    report: Report
    seed: int = 1
    others: Sequence[Any] = ()
    refused: Sequence[Any] = ()
    limited: Sequence[tuple[Any, str]] = ()
    clock: Clock | None = None
    reading: Reading = field(init=False)
    checked: set[str] = field(factory=set[str])
    written: set[str] = field(factory=set[str])
    private: set[str] = field(factory=set[str])
    unlinked: Unlinked = field(init=False)
    requests: RequestCount = field(init=False, factory=RequestCount)

    def __attrs_post_init__(self) -> None:
        """Compare each response with its description, whatever it is asked for."""
        self.reading = Reading(self.server, self.endpoints)
        self.unlinked = Unlinked(self.server, self.reading.known, {})
        self.server.listeners += [self.report.add, self.requests.note]

    @property
    def count(self) -> int:
        """How many steps there are at most."""
        writes = sum(creates(each) for each in self.endpoints.values()) if self.server.writes else 0
        return 2 * sum(each.reads for each in self.endpoints.values()) + writes

    def steps(self) -> Iterator[str]:
        """Make the checks, and yield the name of each operation when it was read and when it was checked."""
        for endpoint in self.reading.run():
            yield endpoint.name
        try:
            for endpoint in (self.endpoints[operation] for operation in self.reading.granted):
                self._check(endpoint)
                self.checked.add(endpoint.id)
                yield endpoint.name
            self._check_budget()
            if self.server.writes:
                yield from self._write()
            self._check_token()
        except BudgetSpent:
            pass
        self.report.untested = self._untested()

    def _check_budget(self) -> None:
        operation = next(iter(self.reading.granted), None)
        if operation is not None:
            values = self.reading.granted[operation]
            self._note(self.requests.check(self.endpoints[operation], self.server, values))

    def _check_token(self) -> None:
        operation = next(iter(self.reading.granted), None)
        if self.clock is not None and operation is not None:
            values = self.reading.granted[operation]
            self.server.send(self.endpoints[operation], values)  # with a token that is valid by now
            self._note(check_token(self.endpoints[operation], self.server, values, self.clock))

    def _write(self) -> Iterator[str]:
        """Let objects be created, read, changed and deleted, two of each, which refer to different objects."""
        known, numbers = self.reading.known, (6 * self.seed, 6 * self.seed + 3)  # an update takes the next one
        self.unlinked.left = self._not_linked()
        for endpoint in [each for each in self.endpoints.values() if creates(each)]:
            for number in numbers:
                use = partial(self.unlinked.use, endpoints=self.endpoints, number=number)
                lifecycle = Lifecycle(self.server, self.endpoints, known, endpoint, number, self.clock, use)
                self._note(lifecycle.findings())
                self.written |= lifecycle.granted
            yield endpoint.name
        self._note(self.unlinked.use_alone(numbers[0]))
        self.written |= self.unlinked.granted

    def _not_linked(self) -> dict[str, Endpoint]:
        """Return the operations that no link leads to, and those that nothing was known for when it was read."""
        linked = linked_operations(self.endpoints)
        return {
            each.id: each
            for each in self.endpoints.values()
            if is_unlinked(each, linked) or (each.reads and each.id not in self.reading.granted)
        }

    def _check(self, endpoint: Endpoint) -> None:
        values = self.reading.granted[endpoint.id]
        if endpoint.page is not None:
            found = GrantedList.read(endpoint, self.server, values, self.effort.pages)
            for check in self._list_checks(endpoint):
                self._note(_confirmed(check, found))
        if self.effort.is_anonymous:
            self._note(check_anonymous(endpoint, self.server, values))
            self._note(check_schemes(endpoint, self.server, values))
        self._check_accounts(endpoint, values)
        if self.effort.cases:
            for inputs in Cases(self.report.platform, self.reading.known, self.seed).inputs(
                endpoint, self.effort.cases
            ):
                self.server.send(endpoint, inputs)

    def _check_accounts(self, endpoint: Endpoint, values: Mapping[str, Any]) -> None:
        for client in self.refused:
            self._note(check_refused(endpoint, self.server.as_account(client), values))
        for client, header in self.limited:
            self._note(check_limited(endpoint, self.server.as_account(client), values, header))
        for client in self.others:
            rows = self.reading.rows.get(endpoint.id, ())
            self._note(check_isolation(endpoint, self.server.as_account(client), values, rows, self.private))

    def _list_checks(self, endpoint: Endpoint) -> Sequence[ListCheck]:
        known = partial(self.reading.known.values, endpoint)
        effort, flavour = self.effort, self.report.flavour
        checks: list[ListCheck] = [check_iteration, check_page_size, check_previous, check_order]
        checks.append(lambda found: check_objects(found, self.endpoints, effort.objects))
        checks.append(lambda found: check_counts(found, self.endpoints))
        if effort.filter_values:
            checks += [check_bounds, check_borders]
            checks.append(lambda found: check_filters(found, known, flavour, effort.filter_values))
        return checks

    def _note(self, findings: Iterable[Finding]) -> None:
        for found in findings:
            self.report.counts[found] += 1

    def _untested(self) -> dict[str, str]:
        granted = {
            self.endpoints[each].name: "no request was left" for each in self.reading.granted.keys() - self.checked
        }
        reads = {name: why for name, why in self.reading.untested.items() if name not in self._written_names}
        left = [each for each in self.endpoints.values() if not each.reads and each.id not in self.written]
        return {**{each.name: self._reason(each) for each in left}, **reads, **granted}

    @property
    def _written_names(self) -> set[str]:
        return {self.endpoints[each].name for each in self.written}

    def _reason(self, endpoint: Endpoint) -> str:
        """Return why an operation that writes was not granted."""
        if not self.server.writes:
            return WRITES
        if is_lasting(endpoint):
            return UNSAFE
        return self.unlinked.outcomes.get(endpoint.id, "nothing could be made for it to change")


def _confirmed(check: ListCheck, found: GrantedList) -> set[Finding]:
    """Return what a check finds twice: on a live server, rows may change while they are read."""
    first = set(check(found))
    if not first:
        return first
    again = GrantedList.read(found.endpoint, found.server, found.values, found.pages)
    return first & set(check(again))


def choose(endpoints: Mapping[str, Endpoint], resources: Iterable[str]) -> Mapping[str, Endpoint]:
    """Return the operations of resources; all if none is named."""
    names = set(resources)
    return {each.id: each for each in endpoints.values() if not names or each.resource in names}
