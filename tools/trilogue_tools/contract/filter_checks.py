"""Lists mean what was asked: each row meets the filters, no row that meets them is left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from trilogue_tools.contract.lists import GrantedList, Rows
from trilogue_tools.contract.meaning import filters, properties, values_in
from trilogue_tools.drift.endpoints import Input
from trilogue_tools.drift.findings import Finding

Values = Callable[[Input], Sequence[Any]]
"""Returns values that an input may have."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def check_filters(found: GrantedList, known: Values, flavour: str, tries: int) -> Iterator[Finding]:
    """Ask for rows with `tries` values of each filter, and for rows that cannot exist."""
    for each in (each for each in filters(found.endpoint) if each.is_read_by(flavour)):
        if each.name == "tags" and "tags" in properties(found.endpoint):
            yield from _check_tags(found, each)
        elif "boolean" in each.types:
            yield from _check_flag(found, each)
        elif not {"object", "null"} & set(each.types):
            yield from _check_filter(found, each, known, tries)


def _check_filter(found: GrantedList, each: Input, known: Values, tries: int) -> Iterator[Finding]:
    shown = Counter(value for row in found.rows for value in values_in(row, each.name) if _may_be(each, value))
    for value in sorted(shown, key=lambda value: (shown[value], str(value)))[:tries]:
        again = found.again({each.name: _as_input(each, value)})
        if again.is_granted:
            yield from _compare(found, each, value, again)
    if not shown and len(found.rows) > 1:
        yield from _ask_for_nothing(found, each, known)


def _compare(found: GrantedList, each: Input, value: Any, again: Rows) -> Iterator[Finding]:
    others = [row for row in again.rows if not any(_is_like(item, value) for item in values_in(row, each.name))]
    if others:
        yield found.finding("a filter is ignored", each.name)
        return
    keys = set(found.keys(again.rows))
    expected = [row for row in found.rows if value in values_in(row, each.name)]
    if again.is_whole and not keys.issuperset(found.keys(expected)):
        yield found.finding("a row is missing", each.name, "one that meets the filter")
    yield from _compare_rows(found, each.name, again.rows)


def _compare_rows(found: GrantedList, name: str, rows: Sequence[Any]) -> Iterator[Finding]:
    """Compare the rows with how the list showed them at first."""
    first = {found.key(row): row for row in found.rows}
    for row in rows:
        before = first.get(found.key(row), row)
        if isinstance(row, dict) and isinstance(before, dict) and before.keys() != row.keys():
            yield found.finding("a row has other fields", name)
            return


def _check_flag(found: GrantedList, each: Input) -> Iterator[Finding]:
    """A boolean filter that is named as a property keeps the rows that have its value."""
    if "boolean" not in properties(found.endpoint).get(each.name, {}).get("type", ()):
        return
    for value in (True, False):
        again = found.again({each.name: value})
        is_optional = not value and f"`{each.name}`" not in found.endpoint.text
        if again.is_granted and not is_optional and any(row.get(each.name) is not value for row in again.rows):
            yield found.finding("a filter is ignored", each.name)
            return


def _check_tags(found: GrantedList, each: Input) -> Iterator[Finding]:
    pair = next(((name, value) for row in found.rows for name, value in (row.get("tags") or {}).items()), None)
    if pair is None or not isinstance(pair[1], str):
        return
    again = found.again({each.name: dict([pair])})
    if again.is_granted and any((row.get("tags") or {}).get(pair[0]) != pair[1] for row in again.rows):
        yield found.finding("a filter is ignored", each.name)
    expected = [row for row in found.rows if (row.get("tags") or {}).get(pair[0]) == pair[1]]
    if again.is_whole and not set(found.keys(again.rows)).issuperset(found.keys(expected)):
        yield found.finding("a row is missing", each.name, "one that meets the filter")


def _ask_for_nothing(found: GrantedList, each: Input, known: Values) -> Iterator[Finding]:
    """Ask for what belongs to something that does not exist; there is nothing, or an error."""
    if "enum" in each.schema or not (values := known(each)):
        return
    again = found.again({each.name: _missing(values[0])}, pages=1)
    if again.is_granted and again.rows:
        yield found.finding("a filter is ignored", each.name, "it names nothing that exists")


def _missing(value: Any) -> Any:
    """Return an identifier that looks like another and names nothing."""
    if isinstance(value, list):
        return [_missing(item) for item in value]
    if isinstance(value, int):
        return 2_000_000_000 + value
    try:
        return str(UUID(int=UUID(value).int ^ 0xFFFF))
    except ValueError:
        return value[:-4] + "".join("0" if letter != "0" else "1" for letter in value[-4:])


def _may_be(each: Input, value: Any) -> bool:
    choices = each.schema.get("enum") or each.schema.get("items", {}).get("enum")
    if choices:
        return value in choices
    if "integer" in each.types:
        return isinstance(value, int) and not isinstance(value, bool)
    return (
        isinstance(value, str)
        and value != ""
        and (each.schema.get("format") != "uuid" or _UUID.fullmatch(value) is not None)
    )


def _as_input(each: Input, value: Any) -> Any:
    return [value] if "array" in each.types else value


def _is_like(item: Any, value: Any) -> bool:
    """Whether a row has what was asked for; texts may be found by a part of them."""
    return str(value).casefold() in str(item).casefold()
