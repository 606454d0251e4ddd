"""The limits of a value in words, for those that its text does not say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

Schema = Mapping[str, Any]


@frozen
class _Range:
    """Two keywords of JSON Schema that bound one thing, and what is counted."""

    least: str
    most: str
    counted: str


_RANGES = (
    _Range("minLength", "maxLength", " characters"),
    _Range("minimum", "maximum", ""),
    _Range("minItems", "maxItems", " items"),
    _Range("minProperties", "maxProperties", " keys"),
)


def with_limits(text: str, schema: Schema) -> str:
    """Return the text with a sentence for each limit of the schema whose number it does not have."""
    if schema.get("format") == "binary":
        return text
    said = set(re.findall(r"\d+", text.replace(",", "")))
    return " ".join((text, *_sentences(schema, said)))


def _sentences(schema: Schema, said: set[str]) -> Iterator[str]:
    for bounds in _RANGES:
        least, most = schema.get(bounds.least), schema.get(bounds.most)
        least = least if least is not None and least > 1 else None  # that there is at least one goes without saying
        if {str(limit) for limit in (least, most) if limit is not None} - said:
            yield _sentence(least, most, bounds.counted)


def _sentence(least: int | None, most: int | None, counted: str) -> str:
    if least is None:
        return f"At most {most}{counted}."
    if most is None:
        return f"At least {least}{counted}."
    return f"{least}{counted}." if least == most else f"{least} to {most}{counted}."
