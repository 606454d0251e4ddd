"""Counts agree with what is counted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from trilogue_tools.contract.lists import GrantedList, iterate
from trilogue_tools.contract.meaning import properties
from trilogue_tools.drift.endpoints import Endpoint
from trilogue_tools.drift.findings import Finding

ROWS = 2
"""How many rows of a list have their counts compared."""

_COUNT = re.compile(r"count|(?P<noun>[a-z]+)(?:_c|C)ount")


def check_counts(found: GrantedList, endpoints: Mapping[str, Endpoint]) -> Iterator[Finding]:
    """Compare the number that a list has of all its rows, and the counts in rows, with the rows there are."""
    yield from _check_total(found)
    for prop in properties(found.endpoint):
        counted = _counted(found, prop, endpoints)
        if counted is None:
            continue
        endpoint, name = counted
        rows = [row for row in found.rows if isinstance(row, dict) and isinstance(row.get(prop), int)]
        for row in sorted(rows, key=lambda row: -row[prop])[:ROWS]:
            key = next(row[each] for each in ("uuid", "id") if each in row)
            shown = iterate(endpoint, found.server, {name: key}, found.pages)
            if shown.is_granted and shown.is_whole and len(shown.rows) != row[prop]:
                yield found.finding("a count is not what is counted", prop)
                return


def _check_total(found: GrantedList) -> Iterator[Finding]:
    if not found.page.total or not found.first.is_whole:
        return
    body = found.server.send(found.endpoint, found.values).body
    if isinstance(body, dict) and body.get(found.page.total) != len(found.rows):
        yield found.finding("a count is not what is counted", found.page.total)


def _counted(found: GrantedList, prop: str, endpoints: Mapping[str, Endpoint]) -> tuple[Endpoint, str] | None:
    """Return the list of what a property counts, and its filter for the row; None if not just one list has one."""
    match = _COUNT.fullmatch(prop)
    if match is None:
        return None
    owner = found.endpoint.resource.removesuffix("s")
    candidates = [
        (each, name)
        for each in endpoints.values()
        if each.page is not None and each.id != found.endpoint.id and _is_of(each, match["noun"])
        for name in (owner, f"{owner}_id", f"{owner}Id")
        if name in each.inputs and not each.inputs[name].is_deprecated
    ]
    return candidates[0] if len(candidates) == 1 else None


def _is_of(endpoint: Endpoint, noun: Any) -> bool:
    return noun is None or endpoint.resource.lower() == f"{noun.lower()}s"
