"""What a check prints."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import attrs

from .accepted import Acceptance, is_accepted
from .replaying import Result

_INDEX = re.compile(r"/\d+(?=/|$)")
_WIDTH = 150


@attrs.define
class Report:
    """The counts of one platform, and the differences of each operation."""

    platform: str
    acceptances: list[Acceptance]
    counts: Counter[str] = attrs.field(factory=Counter)
    different: dict[str, list[Result]] = attrs.field(factory=dict)
    diverged: dict[str, int] = attrs.field(factory=dict)

    def add(self, result: Result) -> None:
        """Count a result."""
        outcome: str = result.outcome
        if result.differences and is_accepted(self.acceptances, self.platform, result.operation, result.differences):
            outcome = "accepted"
        if outcome == "different":
            self.different.setdefault(result.operation, []).append(result)
            self.diverged.setdefault(result.session.id, result.index)
        if result.is_exchange:
            self.counts[outcome] += 1

    def lines(self, examples: int) -> Iterator[str]:
        """Return the counts, then per operation what differs; what differs first in its session is marked."""
        for operation in sorted(self.different, key=self._weight, reverse=True):
            yield from self._lines_of(operation, examples)
        counts = self.counts
        yield (
            f"{self.platform}: {counts.total()} responses: {counts['equal']} equal, {counts['renamed']} equal after"
            f" renaming, {counts['accepted']} accepted, {counts['different']} different"
        )

    def _weight(self, operation: str) -> tuple[int, int]:
        results = self.different[operation]
        return sum(map(self._is_first, results)), len(results)

    def _is_first(self, result: Result) -> bool:
        return self.diverged[result.session.id] == result.index

    def _lines_of(self, operation: str, examples: int) -> Iterator[str]:
        first, total = self._weight(operation)
        yield f"\n{self.platform} {operation}: {total} different, {first} of them the first in their session"
        groups: dict[str, list[Result]] = {}
        for result in self.different[operation]:
            pointers = sorted({_INDEX.sub("/*", difference.at) for difference in result.differences})
            if pointers == ["status"]:
                pointers = [f"status {result.status} -> {result.differences[0].replayed[:3]}"]
            groups.setdefault(", ".join(pointers), []).append(result)
        ranked = sorted(groups, key=lambda key: (any(map(self._is_first, groups[key])), len(groups[key])), reverse=True)
        for key in ranked[:examples]:
            yield f"  {len(groups[key])} x {_short(key)}"
            yield from _example(min(groups[key], key=lambda one: (not self._is_first(one), one.index)))
        if len(ranked) > examples:
            yield f"  and {len(ranked) - examples} more of them; select the operation to see them"


def _example(result: Result) -> Iterator[str]:
    yield f"      in {result.session.source}, session {result.session.id}, step {result.index}"
    request = getattr(result.session.steps[result.index], "request", None)
    if request is not None:
        query = "&".join(f"{name}={value}" for name, value in request.query)
        yield f"      {_short(f'{request.method} {request.path}?{query} {request.body}')}"
    for difference in result.differences[:3]:
        yield f"      {difference.at}: {_short(difference.recorded)} -> {_short(difference.replayed)}"


def _short(text: str) -> str:
    shown = "".join(character if character.isprintable() else "?" for character in text[:_WIDTH])
    return shown if len(text) <= _WIDTH else f"{shown}..."


def unused(acceptances: Iterable[Acceptance]) -> Iterator[str]:
    """Name the acceptances that covered nothing."""
    for acceptance in acceptances:
        if not acceptance.used:
            yield f"covers nothing: {acceptance.platform} {acceptance.operation} {acceptance.at}: {acceptance.reason}"
