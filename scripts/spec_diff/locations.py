"""Where two schemas are compared, and the findings about it."""

from __future__ import annotations

from attrs import evolve, field, frozen

from .directions import Direction
from .documents import Node
from .findings import Finding, Level


@frozen
class Location:
    """Where two schemas are compared: which way their values travel, what a person calls it, and how it is written."""

    direction: Direction
    label: str
    is_text: bool = False
    """Whether values travel as text, as those of parameters do: then every number is a string too."""
    is_repeatable: bool = False
    """Whether one value is a list of one, as in a query."""
    python: str = ""
    seen: set[tuple[str, str, str]] = field(factory=set[tuple[str, str, str]], eq=False, repr=False)

    def below(self, name: str) -> Location:
        """Return the location of a property or an item."""
        python = f"{self.python}.{name}" if self.python and name.isidentifier() else self.python
        return evolve(self, label=f"{self.label}.{name}" if name != "[]" else f"{self.label}[]", python=python)

    def narrowed(self, rule: str, node: Node, sentence: str, **levels: Level) -> Finding:
        """Return the finding that fewer values are allowed."""
        return self.found(levels.get(self.direction.name, self.direction.narrowed), rule, node, sentence)

    def widened(self, rule: str, node: Node, sentence: str, **levels: Level) -> Finding:
        """Return the finding that more values are allowed."""
        return self.found(levels.get(self.direction.name, self.direction.widened), rule, node, sentence)

    def found(self, level: Level, rule: str, node: Node, sentence: str) -> Finding:
        """Return a finding about this location."""
        message = f"{self.label} {sentence}"
        return Finding(level, f"{self.direction.name}-{rule}", node.pointer, message, self.python)
