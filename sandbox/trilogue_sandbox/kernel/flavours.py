"""A description as one of the servers it covers fits it."""

from __future__ import annotations

from trilogue_sandbox.kernel.http import Json, JsonObject


def restrict(document: JsonObject, flavour: str) -> JsonObject:
    """Return a bundled description without what a server lacks (`x-servers`), and with its limits (`x-limits`)."""
    restricted = _Restriction(document, flavour).object(document)
    paths = restricted["paths"]
    return (
        {**restricted, "paths": {path: item for path, item in paths.items() if item}} if isinstance(paths, dict) else {}
    )


class _Restriction:
    def __init__(self, document: JsonObject, flavour: str) -> None:
        self._document = document
        self._flavour = flavour

    def object(self, node: JsonObject) -> JsonObject:
        limits = node.get("x-limits")
        own = limits.get(self._flavour) if isinstance(limits, dict) else None
        merged = {**node, **own} if isinstance(own, dict) else node
        if isinstance(faults := merged.get("x-faults"), dict) and node is not self._document:
            merged = {**merged, "x-faults": self._faults(faults)}
        return {key: self._value(value) for key, value in merged.items() if self._is_there(value)}

    def _faults(self, faults: JsonObject) -> JsonObject:
        return {
            name: servers for name, servers in faults.items() if isinstance(servers, list) and self._flavour in servers
        }

    def _value(self, value: Json) -> Json:
        if isinstance(value, dict):
            return self.object(value)
        return [self._value(item) for item in value if self._is_there(item)] if isinstance(value, list) else value

    def _is_there(self, node: Json) -> bool:
        """Whether the server has a part of the description, or what this refers to."""
        while isinstance(node, dict):
            if "x-servers" in node:
                servers = node["x-servers"]
                return isinstance(servers, list) and self._flavour in servers
            reference = node.get("$ref")
            node = self._find(reference) if isinstance(reference, str) else None
        return True

    def _find(self, reference: str) -> Json:
        node: Json = self._document
        for part in reference.removeprefix("#/").split("/"):
            node = node.get(part) if isinstance(node, dict) else None
        return node
