"""What a rule is, and what it says when it is broken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

Subject = TypeVar("Subject")
Faults: TypeAlias = Iterator[tuple[str, str]]
"""Where something is wrong, and what to do about it."""


@dataclass(frozen=True)
class Failure:
    """One breach of one rule."""

    where: str
    rule: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.remedy} (rule: {self.rule})"


@dataclass(frozen=True)
class Rule(Generic[Subject]):
    """A rule about operations, about schemas or about whole descriptions, named as its function."""

    check: Callable[[Subject], Faults]
    concerns: Callable[[Subject], bool] = bool
    """Tells whether a subject has anything that could break the rule."""

    @property
    def name(self) -> str:
        return self.check.__name__

    def failures(self, subject: Subject) -> list[Failure]:
        return [Failure(where, self.name, remedy) for where, remedy in self.check(subject)]


def snake_case(name: str) -> str:
    """Return a name as Python has it; names that become the same cannot stand side by side."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+", "_", name)
    return words.strip("_").lower()


def repeated(names: list[str]) -> set[str]:
    """Return the names that stand more than once in a list once they are written in Python's way."""
    plain = [snake_case(name) for name in names]
    return {name for name in names if plain.count(snake_case(name)) > 1}
