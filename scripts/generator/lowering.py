"""A description as its parser reads one: in OpenAPI 3.1, and with JSON where a stream of it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from .errors import GenerationError

NEW_IN_PATH_ITEMS = ("query", "additionalOperations")


def lower(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description for the parser.

    What 3.2 added beside operations describes them further, and is left out or ignored.

    Raises:
        GenerationError: it has operations that 3.1 cannot express.
    """
    document = dict(document, paths=_without_streams(document.get("paths", {})))
    if not str(document["openapi"]).startswith("3.2."):
        return document
    if problems := list(_inexpressible(document)):
        raise GenerationError("\n".join(problems))
    return {key: value for key, value in document.items() if key != "$self"} | {"openapi": "3.1.1"}


def _without_streams(node: Any) -> Any:
    """Return a node in which each stream of server-sent events is the JSON of one of them."""
    match node:
        case {"content": {"text/event-stream": media}}:
            return {**node, "content": {"application/json": media}}
        case dict():
            return {key: _without_streams(value) for key, value in cast("dict[str, Any]", node).items()}
        case _:
            return node


def _inexpressible(document: Mapping[str, Any]) -> Iterator[str]:
    for path, item in document.get("paths", {}).items():
        yield from (
            f"{path}: no method can be made of `{key}`; write a POST" for key in NEW_IN_PATH_ITEMS if key in item
        )
        operations: list[dict[str, Any]] = [value for value in item.values() if isinstance(value, dict)]
        for operation in operations:
            if any(parameter.get("in") == "querystring" for parameter in operation.get("parameters", ())):
                yield f"{path}: no argument can be made of a parameter in `querystring`; write those in `query`"
