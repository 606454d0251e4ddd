"""The texts of a description as HTML, with the little Markdown they use."""

from __future__ import annotations

import re

from trilogue_sandbox.markup import Markup, element, join, table

_ITEM = re.compile(r"^(?:-|\d+\.) ", flags=re.MULTILINE)
_MARKED = re.compile(r"`([^`]+)`|\*\*(.+?)\*\*|\*([^\s*][^*]*)\*")
_TAGS = ("code", "strong", "em")


def prose(text: str) -> Markup:
    """Return a text as blocks; an empty line separates them."""
    return join(*(_block(block.strip()) for block in re.split(r"\n\s*\n", text) if block.strip()))


def inline(text: str) -> Markup:
    """Return a text without blocks, with code between backticks, and words between asterisks set off."""
    parts: list[str] = []
    end = 0
    for found in _MARKED.finditer(text := text.strip()):
        kind = found.lastindex or 1
        parts += [text[end : found.start()], element(_TAGS[kind - 1], found[kind])]
        end = found.end()
    return join(*parts, text[end:])


def _block(block: str) -> Markup:
    if block.startswith("#"):
        return element("h3", inline(block.lstrip("#")))
    if block.startswith("|"):
        return _table(block.splitlines())
    lead, *items = _ITEM.split(block)
    paragraph = element("p", inline(lead)) if lead else Markup()
    if not items:
        return paragraph
    kind = "ul" if "- " in block[len(lead) : len(lead) + 2] else "ol"
    return join(paragraph, element(kind, *(element("li", inline(item)) for item in items)))


def _table(lines: list[str]) -> Markup:
    rows = [[inline(cell) for cell in line.strip().strip("|").split("|")] for line in lines]
    return table(rows[0], rows[2:])
