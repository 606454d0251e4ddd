"""A run: gathers what exists, checks each operation, and notes what was found and what was not tested."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from attrs import define, field

from trilogue_tools.contract.access_checks import check_anonymous
from trilogue_tools.contract.cases import Cases
from trilogue_tools.contract.filter_checks import check_filters
from trilogue_tools.contract.list_checks import (
    check_borders,
    check_bounds,
    check_iteration,
    check_order,
    check_page_size,
)
from trilogue_tools.contract.lists import GrantedList, ListCheck
from trilogue_tools.contract.object_checks import check_objects
from trilogue_tools.contract.plan import Effort
from trilogue_tools.drift.endpoints import Endpoint
from trilogue_tools.drift.findings import Finding, Report
from trilogue_tools.drift.reading import Reading
from trilogue_tools.drift.server import BudgetSpent, Server


@define(eq=False)
class Run:
    """The checks of a platform's operations against a server, reads only.

    `checked` are the operations of which all checks were made; the others count as untested.
    """

    server: Server
    endpoints: Mapping[str, Endpoint]
    effort: Effort
    report: Report
    seed: int = 1
    reading: Reading = field(init=False)
    checked: set[str] = field(factory=set[str])

    def __attrs_post_init__(self) -> None:
        """Compare each response with its description, whatever it is asked for."""
        self.reading = Reading(self.server, self.endpoints)
        self.server.listeners.append(self.report.add)

    def steps(self) -> Iterator[str]:
        """Make the checks, and yield the name of each operation when it was read and when it was checked."""
        for endpoint in self.reading.run():
            yield endpoint.name
        try:
            for endpoint in (self.endpoints[operation] for operation in self.reading.granted):
                self._check(endpoint)
                self.checked.add(endpoint.id)
                yield endpoint.name
        except BudgetSpent:
            pass
        self.report.untested = self._untested()

    def _check(self, endpoint: Endpoint) -> None:
        values = self.reading.granted[endpoint.id]
        if endpoint.page is not None:
            found = GrantedList.read(endpoint, self.server, values, self.effort.pages)
            for check in self._list_checks(endpoint):
                self._note(_confirmed(check, found))
        if self.effort.is_anonymous:
            self._note(check_anonymous(endpoint, self.server, values))
        if self.effort.cases:
            for inputs in Cases(self.report.platform, self.reading.known, self.seed).inputs(
                endpoint, self.effort.cases
            ):
                self.server.send(endpoint, inputs)

    def _list_checks(self, endpoint: Endpoint) -> Sequence[ListCheck]:
        known = partial(self.reading.known.values, endpoint)
        effort, flavour = self.effort, self.report.flavour
        checks: list[ListCheck] = [check_iteration, check_page_size, check_order]
        checks.append(lambda found: check_objects(found, self.endpoints, effort.objects))
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
        writes = {each.name: "it writes" for each in self.endpoints.values() if not each.reads}
        return {**writes, **self.reading.untested, **granted}


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
