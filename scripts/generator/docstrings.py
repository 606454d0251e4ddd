"""Text of a description as docstrings: wrapped, and unable to end the string it stands in."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from .parser_internals import safe_for_docstring

WIDTH = 116

_ITEM = r"\s*([-*|#>]|\d+\.)\s|    \w"


def docstring(text: str, indent: int = 4, *, code: str = "") -> str:
    """Return the source of a docstring whose lines after the first are indented; JSON's null is `None` in Python.

    `code` is an example to end it with, which ruff wraps.
    """
    lines = [line for paragraph in _paragraphs(text) for line in (*_wrap(paragraph, WIDTH - indent), "")][:-1]
    if code:
        lines += ["", "```python", *safe_for_docstring(code).splitlines(), "```"]
    if len(lines) == 1 and not lines[0].endswith('"'):
        return f'"""{lines[0]}"""'
    body = "\n".join(f"{' ' * indent}{line}" if line else "" for line in (*lines, '"""'))
    return f'"""{body[indent:]}'


def paragraphs(*texts: str) -> str:
    """Join the texts that are not empty as paragraphs."""
    return "\n\n".join(text for text in (text.strip() for text in texts) if text)


def lead(text: str) -> str:
    """Set the first sentence apart, as docstrings begin."""
    return re.sub(r"(?<=[.!?])\s+(?=[A-Z`*])", "\n\n", text.strip(), count=1)


def sentence(text: str) -> str:
    """Return a one-line summary with its full stop."""
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."


def listed(names: Iterable[str], last: str) -> str:
    """Join names as a sentence lists them, the last one after `and` or `or`."""
    *others, final = (f"`{name}`" for name in names)
    return f"{', '.join(others)} {last} {final}" if others else final


def arguments(texts: Iterable[tuple[str, str]]) -> str:
    """Return the `Args:` section."""
    lines = [f"    {name}: {' '.join(text.split())}" for name, text in texts]
    return "\n".join(("Args:", *lines)) if lines else ""


def _with_none(text: str) -> str:
    return text if "`null`" in text else re.sub(r"\b[Nn]ull\b", "None", text)


def _paragraphs(text: str) -> list[str]:
    return re.split(r"\n\s*\n", safe_for_docstring(_with_none(text)).strip()) if text.strip() else []


def _wrap(paragraph: str, width: int) -> list[str]:
    return [line for item in _items(paragraph) for line in _fill(item, width)]


def _items(paragraph: str) -> list[str]:
    """Join the lines of a paragraph, but keep the items of a list apart."""
    items: list[str] = []
    for line in paragraph.splitlines():
        if not items or re.match(_ITEM, line):
            items.append(line.rstrip())
        else:
            items[-1] = f"{items[-1]} {line.strip()}"
    return items


def _fill(item: str, width: int) -> list[str]:
    indented = len(item) - len(item.lstrip())
    hanging = " " * (indented + 4 if indented else 2 if re.match(_ITEM, item) else 0)
    return textwrap.wrap(item, width, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)
