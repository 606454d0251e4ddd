"""Parts of a document together with all they refer to: what is equal in both needs no comparing."""

from __future__ import annotations

import json
import re
from typing import Any

from .documents import Node

_REFERENCE = re.compile(r'"\$ref": "([^"]*)"')


def is_unchanged(old: Node, new: Node) -> bool:
    """Whether two nodes and everything they refer to are written in the same way."""
    return _closure(old) == _closure(new)


def _closure(node: Node) -> dict[str, str]:
    """Return the JSON of a node, and of what it refers to by reference."""
    found = {"": _written(node.value)}
    references = _REFERENCE.findall(found[""])
    while references:
        reference = references.pop()
        if reference not in found:
            target = Node(node.document, "", {"$ref": reference}).resolved()
            found[reference] = _written(target.value)
            references += _REFERENCE.findall(found[reference])
    return found


def _written(value: Any) -> str:
    return json.dumps(value, default=str)
