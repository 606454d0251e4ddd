"""What may differ from the real servers, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import attrs
import yaml

from tests.captures.replay.comparing import Difference
from tests.captures.replay.script import Step

_FILE = Path(__file__).parent / "rules.yaml"


@attrs.frozen
class Rule:
    """A JSON pointer, as a shell pattern, into responses of an endpoint; differences there are excused."""

    pointer: str
    reason: str
    endpoint: str = "*"
    method: str = "*"

    def excuses(self, step: Step, difference: Difference) -> bool:
        """Whether a difference is excused."""
        name = step.endpoint.removeprefix("/api/v2/").removesuffix(".json")
        patterns = ((name, self.endpoint), (step.method, self.method), (difference.pointer, self.pointer))
        return all(fnmatchcase(value, pattern) for value, pattern in patterns)


@cache
def rules() -> Sequence[Rule]:
    """Return all rules."""
    return [Rule(**rule) for rule in yaml.safe_load(_FILE.read_text(encoding="utf-8")) or ()]


def without_excused(step: Step, differences: Iterable[Difference]) -> list[Difference]:
    """Return the differences that no rule excuses."""
    return [item for item in differences if not any(rule.excuses(step, item) for rule in rules())]
