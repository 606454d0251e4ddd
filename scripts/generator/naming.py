"""Names on the wire as names in Python."""

from __future__ import annotations

import re
import unicodedata
from keyword import iskeyword

from .errors import GenerationError
from .parser_internals import snake_case

SPOILING = frozenset(
    {"bool", "bytes", "classmethod", "dict", "float", "int", "list", "property", "set", "str", "tuple"}
    | {"datetime", "self"}
)
"""Names that would hide, in a class or a signature, what stands there in annotations or as a decorator."""


def python_name(wire: str, prefix: str) -> str:
    """Return a name in snake_case; one that Python or generated code needs gets an underscore.

    `prefix` goes before what cannot begin a name.
    """
    written = unicodedata.normalize("NFKC", wire)  # as Python reads names in source code
    words = snake_case(re.sub(r"\W", "_", written))
    name = words if words.isidentifier() and not wire.startswith("_") else f"{prefix}{words}"
    return f"{name}_" if iskeyword(name) or name in SPOILING else name


def method_name(name: str) -> str:
    """Return the Python name of a method or resource; a keyword gets an underscore."""
    if not name.isidentifier():
        raise GenerationError(f"x-sdk: {name!r} cannot be a name in Python")
    return f"{name}_" if iskeyword(name) else name
