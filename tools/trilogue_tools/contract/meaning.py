"""What the inputs of a list mean for its rows, as far as names, schemas and the words of the description say it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from attrs import frozen

from trilogue_tools.drift.endpoints import Endpoint, Input

_LOWER = re.compile(r"(?:(?P<prefix>[a-z]+)_?)??(after|afterDate|since|from|From|Start)$")
_UPPER = re.compile(r"(?:(?P<prefix>[a-z]+)_?)??(before|beforeDate|until|Until|End)$")
_COMPARED = (
    re.compile(r"`before` and `after` compare `(\w+)`"),
    re.compile(r"by `(\w+)`, which `before` and `after` compare"),
    re.compile(r"`afterDate` and `beforeDate` apply to `(\w+)`"),
)
_SORTED = (
    re.compile(r"[Ss]orted by `(\w+)`, newest first"),
    re.compile(r"newest first by `(\w+)`"),
)
_CREATED = ("created_on", "created_at", "createdAt", "timestamp", "recordedAt", "minute", "date")
_DIRECTIONS = ("order", "sortDirection", "direction", "orderDirection")
_REFERENCE = re.compile(r"(_id|Id|Ids|_uuid)$")


@frozen
class Bound:
    """An input that leaves out the rows before or after a value of a property."""

    name: str
    side: Literal["lower", "upper"]
    prop: str
    is_inclusive: bool


def properties(endpoint: Endpoint) -> Mapping[str, Any]:
    """Return the properties of the rows of a list."""
    found: Mapping[str, Any] = endpoint.row_schema.get("properties", {})
    return found


def bounds(endpoint: Endpoint) -> Iterator[Bound]:
    """Yield the inputs of a list that bound a property."""
    is_inclusive = "inclusive" in endpoint.text
    for each in endpoint.inputs.values():
        for pattern, side in ((_LOWER, "lower"), (_UPPER, "upper")):
            found = pattern.match(each.name)
            if found and (prop := _bounded_property(endpoint, found["prefix"] or "")):
                yield Bound(each.name, "lower" if side == "lower" else "upper", prop, is_inclusive)


def _bounded_property(endpoint: Endpoint, prefix: str) -> str | None:
    said = (found[1] for pattern in _COMPARED if (found := pattern.search(endpoint.text)))
    candidates = [f"{prefix}_at", prefix] if prefix not in ("", "time") else [*said, "createdAt", "timestamp"]
    return next((name for name in candidates if name in properties(endpoint)), None)


def sorted_by(endpoint: Endpoint) -> str | None:
    """Return the property by which a list has the newest row first, None if the description does not say it."""
    for pattern in _SORTED:
        if found := pattern.search(endpoint.text):
            return found[1] if found[1] in properties(endpoint) else None
    if "newest first" not in endpoint.text:
        return None
    return next((name for name in _CREATED if name in properties(endpoint)), None)


def ascending(endpoint: Endpoint) -> dict[str, Any] | None:
    """Return the input that puts the oldest row first, None if there is none."""
    if "reverse" in endpoint.inputs and "oldest" in endpoint.text:
        return {"reverse": True}
    name = next((name for name in _DIRECTIONS if "asc" in _choices(endpoint, name)), None)
    return {name: "asc"} if name else None


def _choices(endpoint: Endpoint, name: str) -> Sequence[Any]:
    each = endpoint.inputs.get(name)
    choices: Sequence[Any] = each.schema.get("enum", ()) if each else ()
    return choices


def filters(endpoint: Endpoint) -> Iterator[Input]:
    """Yield the inputs of a list that may leave out rows, but for bounds."""
    page = endpoint.page
    assert page is not None
    others = {page.parameter, page.limit, "limit", "pageSize", "offset", "reverse", *_DIRECTIONS}
    others |= {bound.name for bound in bounds(endpoint)}
    for each in endpoint.inputs.values():
        if each.name not in others and not each.required and each.location in ("query", "body"):
            yield each


def values_in(row: Any, name: str) -> list[Any]:
    """Return what a row has for a filter: of the property of that name, within a reference or a list too."""
    wanted = _names(name)
    return [value for found in _find(row, wanted, 3) for value in _scalars(found)]


def _names(name: str) -> tuple[str, ...]:
    """Return the names that the property of a filter may have: for `contact_id` also `contact`."""
    base = _REFERENCE.sub("", name)
    plurals = [name[: -len(ending)] for ending in ("s", "es") if name.endswith(ending)]
    return tuple(dict.fromkeys((name, *plurals, f"{name}s", base, f"{base}s")))


def _find(value: Any, names: Sequence[str], depth: int) -> Iterator[Any]:
    """Yield what stands under the first of the names that the value has, or that the objects within it have."""
    if isinstance(value, dict):
        name = next((name for name in names if name in value), None)
        if name is not None:
            yield value[name]
        elif depth:
            for item in value.values():
                yield from _find(item, names, depth - 1)
    elif isinstance(value, list) and depth:
        for item in value:
            yield from _find(item, names, depth - 1)


def _scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from (item for item in value.values() if isinstance(item, (str, int)))
    elif isinstance(value, list):
        for item in value:
            yield from _scalars(item)
    elif value is not None:
        yield value


def comparable(value: Any) -> Any:
    """Return a value that sorts as it is meant: a timestamp as a datetime; None for what cannot be sorted."""
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value).timestamp()
        except ValueError:
            return None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
