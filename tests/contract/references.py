"""What cases that are meant to be valid need besides the right form: names of what exists, and nothing too much."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, TypeAlias

from schemathesis import Case
from schemathesis.generation.meta import TestPhase

Find: TypeAlias = Callable[[], Any]
"""Returns the name of something that exists, or None if there is nothing."""


def leave_one_of_each_group(case: Case) -> None:
    """Leave out what excludes each other: `x-sdk` says so, and no schema of OpenAPI can."""
    rules = case.operation.definition.raw["x-sdk"]
    for way in (rules, *rules.get("methods", ())):
        for group in (*way.get("at_most_one", ()), *way.get("exactly_one", ())):
            given = [part for name in group for part in (case.query, case.body) if _has(part, name)]
            for name in [name for name in group if _has(case.query, name) or _has(case.body, name)][1:]:
                for part in given:
                    part.pop(name, None)


def _has(part: object, name: str) -> bool:
    return isinstance(part, MutableMapping) and name in part


def refer(container: Any, finders: Mapping[str, Find]) -> None:
    """Put what exists in the place of what was made up, in the fields that have a finder."""
    for name in container.keys() & finders.keys():
        found = finders[name]()
        if found is not None:
            container[name] = _in_place_of(container[name], found)


def _in_place_of(value: Any, found: Any) -> Any:
    """Return what was found, in as many copies and as deep as the value was."""
    if isinstance(value, dict):
        return {key: _in_place_of(item, found) for key, item in value.items()}
    if isinstance(value, list):
        return [found for _ in value]
    return found


def follows_links(case: Case) -> bool:
    """Whether the query may come from an earlier answer."""
    return case.meta is not None and case.meta.phase.name == TestPhase.STATEFUL
