"""A description in OpenAPI 3.2 as one in 3.1, which is the newest that the parser reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .errors import GenerationError

NEW_IN_PATH_ITEMS = ("query", "additionalOperations")


def lower(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description for the parser.

    What 3.2 added beside operations describes them further, and is left out or ignored.

    Raises:
        GenerationError: it has operations that 3.1 cannot express.
    """
    if not str(document["openapi"]).startswith("3.2."):
        return dict(document)
    if problems := list(_inexpressible(document)):
        raise GenerationError("\n".join(problems))
    return {key: value for key, value in document.items() if key != "$self"} | {"openapi": "3.1.1"}


def _inexpressible(document: Mapping[str, Any]) -> Iterator[str]:
    for path, item in document.get("paths", {}).items():
        yield from (
            f"{path}: no method can be made of `{key}`; write a POST" for key in NEW_IN_PATH_ITEMS if key in item
        )
        for operation in (value for value in item.values() if isinstance(value, dict)):
            if any(parameter.get("in") == "querystring" for parameter in operation.get("parameters", ())):
                yield f"{path}: no argument can be made of a parameter in `querystring`; write those in `query`"
