"""The committed lists of what is not seen, each with its reason."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import product
from pathlib import Path

import attrs

from tests.behaviour.descriptions import Fact

FOLDER = Path(__file__).with_name("gaps")


@attrs.frozen
class Gap:
    """What is not seen for one reason: facts that fit one of the operations and one of the names, both patterns.

    What is not possible does not count, as what the platform promises elsewhere rules it out.
    """

    reason: str
    operations: tuple[str, ...]
    names: tuple[str, ...]
    is_possible: bool = True

    @property
    def pairs(self) -> Iterator[tuple[str, str]]:
        """Each of the operations with each of the names."""
        return product(self.operations, self.names)


def fits(fact: Fact, operation: str, name: str) -> bool:
    """Whether a fact is what an operation and a name of a list stand for."""
    return fnmatchcase(fact.operation, operation) and fnmatchcase(f"{fact.type} {fact.name}", name)


def listed(facts: Iterable[Fact], gaps: Sequence[Gap]) -> set[Fact]:
    """Return the facts that a list holds."""
    pairs = [pair for gap in gaps for pair in gap.pairs]
    return {fact for fact in facts if any(fits(fact, *pair) for pair in pairs)}


def load(platform: str, folder: Path = FOLDER) -> list[Gap]:
    """Read the list of a platform; it is empty where there is none."""
    path = folder / f"{platform}.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return [
        Gap(entry["reason"], tuple(entry["operations"]), tuple(entry["facts"]), is_possible=name == "gap")
        for name in ("impossible", "gap")
        for entry in tables.get(name, ())
    ]


@attrs.frozen
class Comparison:
    """Where what was seen and the committed list disagree."""

    new: tuple[Fact, ...]
    closed: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether the list is right."""
        return not self.new and not self.closed

    def lines(self, platform: str) -> Iterator[str]:
        """Say what to do."""
        if self.new:
            yield f"{platform}: not seen, not listed; bring it about in a test, or give a reason in {_path(platform)}:"
            yield from (f"    {fact}" for fact in self.new)
        if self.closed:
            yield f"{platform}: listed, but seen or no longer described; take it out of {_path(platform)}:"
            yield from (f"    {fact}" for fact in self.closed)


def compare(missing: set[Fact], gaps: Sequence[Gap]) -> Comparison:
    """Hold what is missing against the list."""
    idle = (pair for gap in gaps for pair in gap.pairs if not any(fits(fact, *pair) for fact in missing))
    return Comparison(tuple(sorted(missing - listed(missing, gaps))), tuple(sorted(map(" ".join, idle))))


def _path(platform: str) -> str:
    return f"tests/behaviour/gaps/{platform}.toml"
