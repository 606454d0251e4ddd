"""An operation of a description, and what its findings name it by."""

from __future__ import annotations

import re

from attrs import frozen

from .documents import Node
from .findings import Finding, Level
from .vendor import python_name

Key = tuple[str, str]
"""Method and path of an operation, or location and name of a parameter."""


@frozen
class Operation:
    """An operation with the path item it is in."""

    method: str
    path: str
    node: Node
    item: Node

    @property
    def label(self) -> str:
        """What a person calls it."""
        operation_id = self.node.get("operationId")
        return f"{self.method.upper()} {self.path}" + (f" ({operation_id})" if operation_id else "")

    @property
    def python(self) -> str:
        """The method of the client, if the description names one."""
        return python_name(self.node)

    @property
    def parameters(self) -> dict[Key, Node]:
        """The parameters of the operation and of its path, by location and name."""
        found = [*self.item.child("parameters").items(), *self.node.child("parameters").items()]
        return {_parameter_key(self.path, node): node for node in found}

    def found(self, level: Level, rule: str, node: Node, words: str) -> Finding:
        """Return a finding about the operation."""
        return Finding(level, rule, node.pointer, f"{self.label} {words}", self.python)


def _parameter_key(path: str, node: Node) -> Key:
    """Return location and name; those in the path go by their position, since only that is on the wire."""
    name, location = str(node.get("name")), str(node.get("in"))
    if location == "path":
        names = re.findall(r"\{([^{}]+)\}", path)
        return location, str(names.index(name)) if name in names else name
    return location, name.lower() if location == "header" else name
