"""Names what was probably meant."""

from __future__ import annotations


def nearest(wrong: str, names: list[str]) -> str:
    """Return the end of a message that names what was probably meant, or all that there is."""
    import difflib  # here, because only a mistake needs it

    found = difflib.get_close_matches(wrong, names, 2)
    if found:
        return f"; did you mean {' or '.join(found)}?"
    return f"; there is: {', '.join(names)}"
