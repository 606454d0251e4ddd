"""Text of a description as docstrings: wrapped, and unable to end the string it stands in."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from openapi_python_client.strings import safe_for_docstring

WIDTH = 116


def docstring(text: str, indent: int = 4) -> str:
    """Return the source of a docstring whose lines after the first are indented."""
    lines = [line for paragraph in _paragraphs(text) for line in (*_wrap(paragraph, WIDTH - indent), "")][:-1]
    if len(lines) == 1 and not lines[0].endswith('"'):
        return f'"""{lines[0]}"""'
    return "\n".join(f"{' ' * indent}{line}" if line else "" for line in (*lines, '"""'))[indent:].join(('"""', ""))


def paragraphs(*texts: str) -> str:
    """Join the texts that are not empty as paragraphs."""
    return "\n\n".join(text for text in (text.strip() for text in texts) if text)


def sentence(text: str) -> str:
    """Return a one-line summary with its full stop."""
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."


def arguments(texts: Iterable[tuple[str, str]]) -> str:
    """Return the `Args:` section."""
    lines = [f"    {name}: {' '.join(text.split())}" for name, text in texts]
    return "\n".join(("Args:", *lines)) if lines else ""


def _paragraphs(text: str) -> list[str]:
    return re.split(r"\n\s*\n", safe_for_docstring(text).strip()) if text.strip() else []


def _wrap(paragraph: str, width: int) -> list[str]:
    """Wrap a paragraph; lines that are items of a list, or indented, stay apart."""
    if not any(re.match(r"\s|[-*|#>]|\d+\.|Args:", line) for line in paragraph.splitlines()):
        return _fill(" ".join(paragraph.split()), width, "")
    return [part for line in paragraph.splitlines() for part in _fill(line.rstrip(), width, _hanging(line))]


def _fill(line: str, width: int, hanging: str) -> list[str]:
    return textwrap.wrap(line, width, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False) or [""]


def _hanging(line: str) -> str:
    indented = len(line) - len(line.lstrip())
    return " " * (indented + (4 if line.startswith("    ") else 2)) if indented or line[:1] in "-*" else ""
