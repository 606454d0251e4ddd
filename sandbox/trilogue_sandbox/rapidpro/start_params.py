"""The old parameters of flow starts (`extra`), which are rewritten before a flow sees them."""

from __future__ import annotations

import re

from trilogue_sandbox.kernel.http import Json, JsonObject

_LONGEST_KEY = 255
_LONGEST_TEXT = 640
_MOST_VALUES = 256


def normalise(extra: JsonObject) -> JsonObject:
    """Return the parameters with plain keys, short texts, no lists and no nulls, and at most 256 values."""
    return _Normaliser().map(extra)


class _Normaliser:
    def __init__(self) -> None:
        self._room = _MOST_VALUES

    def map(self, given: JsonObject) -> JsonObject:
        kept: JsonObject = {}
        for key, value in given.items():
            if self._room == 0:
                break
            kept[re.sub("[^A-Za-z0-9_]", "_", key)[:_LONGEST_KEY]] = self._value(value)
        return kept

    def _value(self, value: Json) -> Json:
        if isinstance(value, dict):
            return self.map(value)
        if isinstance(value, list):
            return self.map({str(place): item for place, item in enumerate(value)})
        self._room -= 1
        if value is None:
            return ""
        return value[:_LONGEST_TEXT] if isinstance(value, str) else value
