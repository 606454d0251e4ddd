"""Texts: what can be read in a file, the pieces it is cut into, and how well two texts fit each other."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

_WORD = re.compile(r"\w+")
_PARAGRAPHS = re.compile(r"\n\s*\n")
_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_SHOWN_IN_PDF = re.compile(rb"\(((?:[^()\\]|\\.)*)\)\s*Tj")
_BLOCKS = ["h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "ul", "ol", "table", "tr", "br", "div"]

READABLE = ("text/plain", "text/markdown", "text/html", "application/pdf")


@attrs.frozen
class Piece:
    """A piece of a text, and what part of it it is."""

    text: str
    kind: str = "paragraph"


def readable_text(content_type: str, content: bytes) -> str:
    """Return the text of a file of one of the READABLE types.

    A simulation: of a PDF only text that stands in it uncompressed is found.
    """
    if content_type == "application/pdf":
        return "\n\n".join(shown.decode("latin-1") for shown in _SHOWN_IN_PDF.findall(content))
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    if content_type == "text/html":
        from markdownify import markdownify  # loaded by those who index a web page

        return str(markdownify(text, heading_style="ATX", convert=_BLOCKS))
    return text


def pieces(text: str, longest: int) -> Iterator[Piece]:
    """Cut a text into its headings and paragraphs, none longer than `longest` characters if its words allow it."""
    for block in _PARAGRAPHS.split(text):
        heading = _HEADING.fullmatch(block.strip())
        if heading:
            yield Piece(heading[2], "title" if len(heading[1]) == 1 else "subtitle")
            continue
        for part in _cut(block.strip(), longest):
            yield Piece(part)


def likeness(question: str, text: str) -> float:
    """Return how well a text answers a question, from 0 to 1: the share of the question's words that stand in it.

    A simulation of a search by meaning.
    """
    asked = _words(question)
    return round(len(asked & _words(text)) / len(asked), 4) if asked else 0.0


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)}


def _cut(block: str, longest: int) -> Iterator[str]:
    part = ""
    for word in block.split():
        if part and len(part) + 1 + len(word) > longest:
            yield part
            part = word
        else:
            part = f"{part} {word}" if part else word
    if part:
        yield part
