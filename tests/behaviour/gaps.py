"""The committed lists of what is not seen, each with its reason."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import attrs

from tests.behaviour.descriptions import Fact

FOLDER = Path(__file__).with_name("gaps")


@attrs.frozen
class Gap:
    """Facts that are not seen, for one reason: each of the names with each of the operations."""

    reason: str
    operations: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def facts(self) -> Iterator[Fact]:
        """The facts."""
        for operation, name in product(self.operations, self.names):
            kind, _, rest = name.partition(" ")
            yield Fact(operation, kind, rest)  # type: ignore[arg-type]


def load(platform: str, folder: Path = FOLDER) -> list[Gap]:
    """Read the list of a platform."""
    path = folder / f"{platform}.toml"
    with path.open("rb") as file:
        entries = tomllib.load(file).get("gap", [])
    return [Gap(entry["reason"], tuple(entry["operations"]), tuple(entry["facts"])) for entry in entries]


@attrs.frozen
class Comparison:
    """Where what was seen and the committed list disagree."""

    new: tuple[Fact, ...]
    closed: tuple[Fact, ...]

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


def compare(missing: set[Fact], gaps: list[Gap]) -> Comparison:
    """Hold what is missing against the list."""
    listed = {fact for gap in gaps for fact in gap.facts}
    return Comparison(tuple(sorted(missing - listed)), tuple(sorted(listed - missing)))


def _path(platform: str) -> str:
    return f"tests/behaviour/gaps/{platform}.toml"
