"""Lists mean what was asked: no more rows than a page has, each row once, sorted as stated, all of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from trilogue_tools.contract.lists import GrantedList
from trilogue_tools.contract.meaning import Bound, ascending, bounds, comparable, sorted_by
from trilogue_tools.drift.findings import Finding

SMALL = 2
"""The rows of a page in checks of pagination."""


def check_iteration(found: GrantedList) -> Iterator[Finding]:
    """An iteration ends, and yields each row once."""
    if found.first.problem:
        yield found.finding(found.first.problem)
    keys = found.keys(found.rows)
    has_keys = all(isinstance(key, tuple) for key in keys)
    if len(set(keys)) < len(keys) and has_keys and not _may_repeat(found):
        yield found.finding("a row is repeated", detail=_at_a_border(found, keys))


def _may_repeat(found: GrantedList) -> bool:
    return any(found.key(first) == found.key(second) and first != second for first, second in _equal_keys(found))


def _equal_keys(found: GrantedList) -> Iterator[tuple[Any, Any]]:
    """Yield the rows with the same key; the later one differs where it was changed during the iteration."""
    seen: dict[Hashable, Any] = {}
    for row in found.rows:
        key = found.key(row)
        if key in seen:
            yield seen[key], row
        seen[key] = row


def _at_a_border(found: GrantedList, keys: Sequence[Hashable]) -> str:
    repeated = next(index for index, key in enumerate(keys) if key in keys[:index])
    return "where a page begins" if repeated in found.first.borders else ""


def check_page_size(found: GrantedList) -> Iterator[Finding]:
    """A page has no more rows than asked for, and pages of any size lead to the same rows in the same order."""
    limit = found.page.limit
    if not limit or found.endpoint.inputs[limit].schema.get("minimum", 1) > SMALL or len(found.rows) <= SMALL:
        return
    small = found.again({limit: SMALL}, pages=min(found.pages, 4))
    sizes = [end - start for start, end in pairwise([0, *small.borders])]
    if max(sizes) > SMALL:
        yield found.finding("the page size is ignored", limit)
        return
    if small.problem:
        yield found.finding(small.problem, limit)
    yield from _compare_pages(found, small.rows, is_whole=small.is_whole)


def _compare_pages(found: GrantedList, rows: Sequence[Any], *, is_whole: bool) -> Iterator[Finding]:
    keys, expected = found.keys(rows), found.keys(found.rows)
    if is_whole and len(keys) < len(expected):
        yield found.finding("an iteration ends too early", found.page.limit)
    elif len(set(keys)) < len(keys):
        yield found.finding("a row is repeated", found.page.limit, "where a page begins")
    elif missing := [key for key in expected[: len(keys)] if key not in keys]:
        yield found.finding("a row is skipped", found.page.limit, f"{len(missing)} of the first {len(keys)}")
    elif keys != expected[: len(keys)]:
        yield found.finding("the order changes with the page size", found.page.limit)


def check_previous(found: GrantedList) -> Iterator[Finding]:
    """The second page leads back to the first, where pages have links to the one before."""
    page = found.page
    if page.next != "next" or "previous" not in found.endpoint.result_properties or len(found.first.borders) < SMALL:
        return
    first = found.server.send(found.endpoint, found.values)
    onwards = page.following(first.body)
    second = found.server.follow(found.endpoint, found.values, onwards) if onwards else None
    back = second.body.get("previous") if second and isinstance(second.body, dict) else None
    again = found.server.follow(found.endpoint, found.values, back) if isinstance(back, str) else None
    if second is not None and (again is None or found.keys(page.rows(again.body)) != found.keys(page.rows(first.body))):
        yield found.finding("the way back leads to other rows", "previous")


def check_order(found: GrantedList) -> Iterator[Finding]:
    """Rows are sorted as stated, in both directions."""
    prop = sorted_by(found.endpoint)
    if prop is None or len(found.rows) < SMALL:
        return
    if not _is_sorted([comparable(row.get(prop)) for row in found.rows], is_ascending=False):
        yield found.finding("wrong order", prop, "not newest first")
    upwards = ascending(found.endpoint)
    if upwards is None:
        return
    rows = found.again(upwards, pages=1).rows
    name = next(iter(upwards))
    if not _is_sorted([comparable(row.get(prop)) for row in rows], is_ascending=True):
        yield found.finding("wrong order", name, "not oldest first")
    elif len(rows) > SMALL and found.keys(rows) == found.keys(found.rows)[: len(rows)]:
        yield found.finding("wrong order", name, "the same in both directions")


def _is_sorted(values: Sequence[Any], *, is_ascending: bool) -> bool:
    known = [value for value in values if value is not None]
    return all(first <= second if is_ascending else first >= second for first, second in pairwise(known))


def check_bounds(found: GrantedList) -> Iterator[Finding]:
    """Bounds in time leave out what is beyond them, and nothing else."""
    for bound in bounds(found.endpoint):
        rows = [row for row in found.rows if comparable(row.get(bound.prop)) is not None]
        if len(rows) < 3:
            continue
        limit = rows[len(rows) // 2][bound.prop]
        again = found.again({bound.name: limit})
        if again.is_granted:
            yield from _compare_bound(found, bound, limit, again.rows, is_whole=again.is_whole)


def _compare_bound(
    found: GrantedList, bound: Bound, limit: Any, rows: Sequence[Any], *, is_whole: bool
) -> Iterator[Finding]:
    sign, middle = (1 if bound.side == "lower" else -1), comparable(limit)
    if any(sign * (comparable(row.get(bound.prop)) - middle) < 0 for row in rows if _has(row, bound.prop)):
        yield found.finding("a bound is ignored", bound.name)
        return
    keys = set(found.keys(rows))
    beyond = [row for row in found.rows if _has(row, bound.prop) and sign * (comparable(row[bound.prop]) - middle) > 0]
    if is_whole and not keys.issuperset(found.keys(beyond)):
        yield found.finding("a row is skipped", bound.name, "within the bound")
    on_it = [row for row in found.rows if _has(row, bound.prop) and comparable(row[bound.prop]) == middle]
    if is_whole and bound.is_inclusive and not keys.issuperset(found.keys(on_it)):
        yield found.finding("a bound is not inclusive", bound.name)
    if found.first.is_whole and not set(found.keys(found.rows)) >= keys:
        yield found.finding("an iteration ends too early", bound.name, "a bound shows rows that it left out")


def _has(row: Any, prop: str) -> bool:
    return comparable(row.get(prop)) is not None


def check_borders(found: GrantedList) -> Iterator[Finding]:
    """No row is skipped where a page ends: a window around it shows only rows that the iteration had."""
    sides = {bound.side: bound for bound in bounds(found.endpoint)}
    lower, upper, prop = sides.get("lower"), sides.get("upper"), sorted_by(found.endpoint)
    if lower is None or upper is None or lower.prop != prop or prop is None:
        return
    keys = set(found.keys(found.rows))
    for border in found.first.borders[:2]:
        window = found.rows[max(0, border - 3) : border + 3]
        times = sorted((row[prop] for row in window if _has(row, prop)), key=comparable)
        if len(window) < 3 or len(times) < 3 or (border == len(found.rows) and not found.first.is_whole):
            continue
        edges = {upper.name: times[-1]} if border == len(found.rows) else {upper.name: times[-1], lower.name: times[0]}
        shown = found.again(edges, pages=1)
        if not keys.issuperset(found.keys(shown.rows)):
            is_end = border == len(found.rows)
            yield found.finding("an iteration ends too early" if is_end else "a row is skipped", found.page.parameter)
