"""Values as strings: of a path, a query, a header or a form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlencode

from ..errors import InvalidArgument


def to_form_value(value: Any) -> str:
    """Return a single value as it is sent in a form, a query, a path or a header."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def require_form_value(value: Any, name: str) -> str:
    """Return a single value as it is sent in a form; raises InvalidArgument for null, a list or an object."""
    if value is None or isinstance(value, (dict, list)):
        raise InvalidArgument(f"{name}: expected a single value, as it is sent in a form")
    return to_form_value(value)


def to_path_segment(value: Any, name: str) -> str:
    """Quote a value as one segment of a path; an empty one or a dot would lead to another address."""
    segment = to_form_value(value)
    if segment in ("", ".", ".."):
        raise InvalidArgument(f"{name}: expected an identifier, not {segment!r}")
    return quote(segment, safe="")


def encode_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Return pairs as a query; a space becomes %20 and a plus sign %2B."""
    return urlencode(list(pairs), quote_via=quote, safe="")


def require_encodable(string: str, name: str) -> str:
    """Return a string that can be encoded as UTF-8; raises InvalidArgument for one with a lone surrogate."""
    if not is_encodable(string):
        raise InvalidArgument(f"{name}: contains a lone surrogate; remove it, for it cannot be encoded as UTF-8")
    return string


def is_encodable(string: str) -> bool:
    """Return whether a string has no lone surrogate, which JSON can hold and UTF-8 cannot."""
    try:
        string.encode()
    except UnicodeEncodeError:
        return False
    return True


def fits_in_header(value: str) -> bool:
    """Return whether a header can have this value."""
    return value.isascii() and value.isprintable() and value == value.strip()
