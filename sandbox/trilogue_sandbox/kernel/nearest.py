"""The name that somebody who mistyped one probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest_hint(name: str, names: Iterable[str]) -> str:
    """Return `; the nearest is ...` for a name that there is not, or what there is if nothing is near."""
    from difflib import get_close_matches  # here, because only a mistake needs it

    known = list(names)
    near = get_close_matches(name, known, 1)
    return f"; the nearest is {near[0]!r}" if near else f"; there is: {', '.join(known) or 'none'}"
