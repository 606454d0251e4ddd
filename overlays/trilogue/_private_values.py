"""Hides in a platform's message what the request said: names, texts, codes, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from trilogue_generated.runtime.model import is_array, is_object
from trilogue_generated.runtime.operation import Operation

from ._http.messages import Body, Multipart
from ._json import parse_json
from ._redaction import HIDDEN, redact

HARMLESS = re.compile(r".?|\d{1,3}|true|false|null|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.DOTALL)
"""Values that identify nobody: nothing, single characters, small numbers, UUIDs."""

WORD = re.compile(r"\w+")
CODE = re.compile(r"\d{4,}")


def hide_private(message: str, operation: Operation[Any], url: str, body: Body) -> str:
    """Return a message without what a request sent, and without addresses and phone numbers.

    Hidden are the values themselves, and of a text any two of its words in a row and any code. Values that the
    description lists as choices stay.
    """
    if not message:
        return message
    choices = {choice for parameter in operation.parameters for choice in parameter.schema.choices}
    values = {value for value in _values(operation, url, body) if not HARMLESS.fullmatch(value)} - choices
    for value in sorted(values, key=len, reverse=True):
        message = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", HIDDEN, message, flags=re.IGNORECASE)
    return redact(_hide_parts(message, values))


def _hide_parts(message: str, values: set[str]) -> str:
    texts = [[word.lower() for word in WORD.findall(value)] for value in values]
    pairs = {pair for words in texts for pair in pairwise(words)}
    codes = {word for words in texts for word in words if CODE.fullmatch(word)}
    found = list(WORD.finditer(message))
    private = {match.span() for match in found if match[0] in codes}
    for first, second in pairwise(found):
        if (first[0].lower(), second[0].lower()) in pairs:
            private |= {first.span(), second.span()}
    for start, end in sorted(private, reverse=True):
        message = message[:start] + HIDDEN + message[end:]
    return message


def _values(operation: Operation[Any], url: str, body: Body) -> Iterator[str]:
    parts = urlsplit(url)
    yield from (value for _, value in parse_qsl(parts.query))
    sent, template = reversed(parts.path.split("/")), reversed(operation.path.split("/"))
    yield from (unquote(part) for part, name in zip(sent, template, strict=False) if part != name)
    if isinstance(body, Multipart):
        yield from body.fields.values()
    elif isinstance(body, bytes) and operation.content_type is not None:
        yield from _leaves(_parse(operation.content_type, body))


def _parse(content_type: str, body: bytes) -> Any:
    if content_type.endswith("json"):
        return parse_json(body)
    return dict(parse_qsl(body.decode())) if "form" in content_type else None


def _leaves(value: Any) -> Iterator[str]:
    if is_object(value):
        for member in value.values():
            yield from _leaves(member)
    elif is_array(value):
        for member in value:
            yield from _leaves(member)
    elif value is not None:
        yield str(value)
