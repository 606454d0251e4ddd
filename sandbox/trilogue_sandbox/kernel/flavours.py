"""A description as one of the servers it covers fits it."""

from __future__ import annotations

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject


@attrs.frozen
class Flavour:
    """Which of the servers of a description a platform is; `is_whole` unless it has operations of the others too."""

    name: str
    is_whole: bool = True


def restrict(document: JsonObject, flavour: Flavour) -> JsonObject:
    """Return a bundled description without what a server lacks (`x-servers`), and with its limits (`x-limits`)."""
    restricted = _Restriction(document, flavour).object(document)
    paths = restricted["paths"]
    assert isinstance(paths, dict)
    return {**restricted, "paths": {path: item for path, item in paths.items() if item}}


class _Restriction:
    def __init__(self, document: JsonObject, flavour: Flavour) -> None:
        self._document = document
        self._flavour = flavour

    def object(self, node: JsonObject) -> JsonObject:
        limits = node.get("x-limits")
        own = limits.get(self._flavour.name) if isinstance(limits, dict) else None
        merged = {**node, **own} if isinstance(own, dict) else node
        if isinstance(faults := merged.get("x-faults"), dict) and node is not self._document:
            merged = {**merged, "x-faults": {name: servers for name, servers in faults.items() if self._has(servers)}}
        return {key: self._value(value) for key, value in merged.items() if self._is_there(value)}

    def _value(self, value: Json) -> Json:
        if isinstance(value, dict):
            return self.object(value)
        return [self._value(item) for item in value if self._is_there(item)] if isinstance(value, list) else value

    def _is_there(self, node: Json) -> bool:
        """Whether the server has a part of the description, or what this refers to."""
        while isinstance(node, dict):
            if "x-servers" in node:
                return self._has(node["x-servers"]) or ("operationId" in node and not self._flavour.is_whole)
            reference = node.get("$ref")
            node = self._find(reference) if isinstance(reference, str) else None
        return True

    def _has(self, servers: Json) -> bool:
        return isinstance(servers, list) and self._flavour.name in servers

    def _find(self, reference: str) -> Json:
        node: Json = self._document
        for part in reference.removeprefix("#/").split("/"):
            node = node.get(part) if isinstance(node, dict) else None
        return node
