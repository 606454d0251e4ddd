"""Texts: what can be read in a file, the passages it is split into, and how well two texts fit each other."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

_WORD = re.compile(r"\w+")
_PARAGRAPHS = re.compile(r"\n\s*\n")
_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_SHOWN_IN_PDF = re.compile(rb"\(((?:[^()\\]|\\.)*)\)\s*Tj")
_HEADINGS = [f"h{level}" for level in range(1, 7)]
_CONVERTED_TAGS = [*_HEADINGS, "p", "div", "ul", "ol", "li", "table", "tr", "br", "script", "style"]

READABLE = ("text/plain", "text/markdown", "text/html", "application/pdf")


def readable_text(content_type: str, content: bytes) -> str:
    """Return the text of a file of one of the READABLE types, a web page as Markdown.

    A simulation: of a PDF only text that is not compressed is found.
    """
    if content_type == "application/pdf":
        return "\n\n".join(shown.decode("latin-1") for shown in _SHOWN_IN_PDF.findall(content))
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    if content_type != "text/html":
        return text
    from markdownify import markdownify  # loaded by those who index a web page

    return str(markdownify(text, heading_style="ATX", convert=_CONVERTED_TAGS))


def split(text: str, longest: int) -> Iterator[tuple[str, str]]:
    """Split a text into its headings and paragraphs, each with its type (`title`, `subtitle` or `paragraph`).

    No paragraph is longer than `longest` characters if its words allow it.
    """
    for block in _PARAGRAPHS.split(text):
        heading = _HEADING.fullmatch(block.strip())
        if heading:
            yield heading[2], "title" if len(heading[1]) == 1 else "subtitle"
            continue
        for part in textwrap.wrap(" ".join(block.split()), longest, break_long_words=False, break_on_hyphens=False):
            yield part, "paragraph"


def likeness(query: str, text: str) -> float:
    """Return how well a text matches a query, from 0 to 1: the share of the query's words that are in it.

    A simulation of a search by meaning.
    """
    asked = _words(query)
    return round(len(asked & _words(text)) / len(asked), 4) if asked else 0.0


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)}
