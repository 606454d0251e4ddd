"""Two releases of an official client compared by their type declarations."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

_DECLARATION = re.compile(
    r"^(?:export )?(?:declare )?(?:interface|type) (\w+).*?^(?=\S)(?!})", re.MULTILINE | re.DOTALL
)
_OPERATION = re.compile(r"^\s+(?:readonly )?(\w+): \(input", re.MULTILINE)


def operations(declarations: str) -> set[str]:
    """Return the names of the methods that send a request."""
    return set(_OPERATION.findall(declarations))


def changes(old: str, new: str) -> Iterator[str]:
    """Yield a line for each operation that came or went, then for each type, with the lines that changed."""
    before, after = operations(old), operations(new)
    yield from (f"operation {name} is new" for name in sorted(after - before))
    yield from (f"operation {name} is gone" for name in sorted(before - after))
    old_types, new_types = _types(old), _types(new)
    yield from (f"type {name} is new" for name in sorted(new_types.keys() - old_types.keys()))
    yield from (f"type {name} is gone" for name in sorted(old_types.keys() - new_types.keys()))
    for name in sorted(old_types.keys() & new_types.keys()):
        if old_types[name] != new_types[name]:
            yield f"type {name} changed:\n{_difference(old_types[name], new_types[name])}"


def against_description(declarations: str, described: set[str]) -> Iterator[str]:
    """Yield a line for each operation that the package has and the description has not."""
    yield from (f"operation {name} is not described" for name in sorted(operations(declarations) - described))


def _types(declarations: str) -> dict[str, str]:
    """Return the text of each declaration by its name; bundlers number names that occur twice, in any order."""
    found: dict[str, str] = {}
    for match in _DECLARATION.finditer(declarations + "\n;"):
        found[match[1]] = found.get(match[1], "") + match[0]
    return found


def _difference(old: str, new: str) -> str:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
    return "\n".join(f"  {line}" for line in list(lines)[2:] if not line.startswith("@@"))
