"""A platform's OpenAPI document, as the package has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from .._json import parse_json

JsonObject = Mapping[str, Any]

METHODS = ("get", "put", "post", "delete", "patch")


class Description:
    """A document, with its operations by id."""

    def __init__(self, document: JsonObject) -> None:
        """Read a bundled document, whose references are all local."""
        self.document = document

    @cached_property
    def operations(self) -> Mapping[str, JsonObject]:
        """The operations by `operationId`."""
        return {node["operationId"]: node for _, _, node in self.endpoints()}

    def endpoints(self) -> Iterator[tuple[str, str, JsonObject]]:
        """Yield method, path and operation, in the order of the document."""
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield method.upper(), path, item[method]

    def resolve(self, node: JsonObject) -> JsonObject:
        """Return what a node refers to, or the node itself."""
        while "$ref" in node:
            node = self._at(node["$ref"])
        return node

    def _at(self, reference: str) -> JsonObject:
        found: Any = self.document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        target: JsonObject = found
        return target


@cache
def describe(platform: str) -> Description:
    """Return the description of a platform."""
    return Description(parse_json((files("trilogue_generated") / platform / "openapi.json").read_bytes()))
