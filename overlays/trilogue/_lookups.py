"""Finds a value of a row of a list by its name, and remembers what the rows are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, TypeVar

from trilogue_generated.runtime.operation import Lookup

from ._calls import CALL_DEADLINE, MethodErrors
from ._core import Core
from ._deadline import Deadline
from ._flow import Flow
from ._locks import Release
from ._names import Names
from ._pagination.listing import Listing
from ._responses import Response
from ._sending import send
from .errors import InvalidArgument, NotFound, TimedOut

Value = TypeVar("Value")

MAX_AGE = 300.0
"""Seconds for which the names of a list are remembered."""

WAITED_FOR_LIST = "the deadline ended while another call was fetching the list; nothing was sent"


def look_up(core: Core, lookup: Lookup[Value], name: str) -> Flow[Value]:
    """Return the value of the row with a name; the list is fetched if it was not lately, or lacks the name.

    Raises:
        NotFound: there is none.
        InvalidArgument: there are several.
        RequestError: the list could not be fetched before the deadline, which is that of a single call.
    """
    with MethodErrors(core, lookup.name):
        if not isinstance(name, str) or not name:
            raise InvalidArgument(f"{lookup.by}: expected a string that is not empty")
    names = core.names.get(lookup.name) or core.names.setdefault(lookup.name, Names())
    found: list[Value] = _remembered(core, names, name) or (yield from _fetch(core, lookup, names, name))
    with MethodErrors(core, lookup.name):
        return _only(found, lookup.by, name)


def _remembered(core: Core, names: Names, name: str) -> list[Any]:
    return _find(names.values, name) if core.clock.monotonic() - names.at < MAX_AGE else []


def _fetch(core: Core, lookup: Lookup[Value], names: Names, name: str) -> Flow[list[Value]]:
    """Return the values of a name after fetching the list; of callers at the same time one fetches it for all."""
    deadline = Deadline(core.options.deadline_or(CALL_DEADLINE), core.clock)
    release: Release | None = yield names.lock.acquire(deadline.left())
    if release is None:
        raise TimedOut(WAITED_FOR_LIST, platform=core.platform.label, operation=lookup.name)
    try:
        found: list[Value] = _remembered(core, names, name)
        if not found:
            at = core.clock.monotonic()
            values, response = yield from _list(core, lookup, deadline)
            names.at, names.values, found = at, values, _find(values, name)
            if not found:
                raise _not_found(lookup, name, values, response)
        return found
    finally:
        release()


def _list(
    core: Core, lookup: Lookup[Value], deadline: Deadline
) -> Flow[tuple[Mapping[str, list[Value]], Response[Any]]]:
    """Return the values by the names of the rows, and the last response."""
    iteration = Listing(core, lookup.operation, {}).begin()
    values: defaultdict[str, list[Value]] = defaultdict(list)
    while True:
        response = yield from send(iteration.prepare_page(), core, deadline)
        iteration.read_page(response)
        for row in iteration.rest_of_page().items:
            name = getattr(row, lookup.by)
            if isinstance(name, str):
                values[name].append(getattr(row, lookup.value))
        if not iteration.has_next_page:
            return {**values}, response


def _find(values: Mapping[str, list[Value]], name: str) -> list[Value]:
    """Return the values of a name, or else of names that differ from it in case alone."""
    if name in values:
        return values[name]
    return [value for other, found in values.items() if other.casefold() == name.casefold() for value in found]


def _only(found: list[Value], by: str, name: str) -> Value:
    if len(found) > 1:
        raise InvalidArgument(f"{len(found)} have the {by} {name!r}; take one of {', '.join(map(str, found))}")
    return found[0]


def _not_found(lookup: Lookup[Any], name: str, values: Mapping[str, list[Any]], response: Response[Any]) -> NotFound:
    from difflib import get_close_matches  # here, because only a mistake needs it

    by_case = {other.casefold(): other for other in values}
    near = [repr(by_case[each]) for each in get_close_matches(name.casefold(), by_case, 3, cutoff=0.3)]
    hint = (
        f"; did you mean {' or '.join(near)}?" if near else f", nor anything like it among the {len(values)} there are"
    )
    context = response.attempt.context()
    context["operation"] = lookup.name
    return NotFound(
        f"there is none with the {lookup.by} {name!r}{hint}",
        status=response.status,
        headers=response.headers,
        body=None,
        **context,
    )
