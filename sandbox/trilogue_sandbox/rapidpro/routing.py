"""How a flow sorts what a contact has said into categories."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import attrs

from trilogue_sandbox.rapidpro.flow_definitions import Node

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@attrs.frozen
class Choice:
    """The value found in what was said, its category, and where that leads (nowhere: the flow is over)."""

    value: str
    category: str
    destination: str | None


def choose(node: Node, text: str) -> Choice:
    """Sort a text by the first case it fits, or into the default category."""
    router = node["router"]
    for case in router["cases"]:
        value = _TESTS[case["type"]](text, case["arguments"])
        if value is not None:
            return _choice(node, case["category_uuid"], value)
    return _choice(node, router["default_category_uuid"], text)


def _choice(node: Node, category_uuid: str, value: str) -> Choice:
    category = next(item for item in node["router"]["categories"] if item["uuid"] == category_uuid)
    leading = next(item for item in node["exits"] if item["uuid"] == category["exit_uuid"])
    return Choice(value, category["name"], leading.get("destination_uuid"))


def _has_any_word(text: str, arguments: Sequence[str]) -> str | None:
    wanted = {word.lower() for word in _WORD.findall(arguments[0])}
    found = [word for word in _WORD.findall(text) if word.lower() in wanted]
    return " ".join(found) or None


def _has_number(text: str, arguments: Sequence[str]) -> str | None:
    found = _NUMBER.search(text)
    return found[0] if found else None


_TESTS: Mapping[str, Callable[[str, Sequence[str]], str | None]] = {
    "has_any_word": _has_any_word,
    "has_number": _has_number,
}
