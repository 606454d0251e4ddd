"""Filters by the tags of files and knowledge bases: each key with a value, a list of values, or a condition."""

from __future__ import annotations

from trilogue_sandbox.botpress import documents
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select

_TAG = "EXISTS (SELECT 1 FROM json_each(item.tags) WHERE key = ?)"
_TAG_AMONG = "EXISTS (SELECT 1 FROM json_each(item.tags) WHERE key = ? AND value IN (SELECT value FROM json_each(?)))"


def matching(select: Select, tags: JsonObject) -> Select:
    """Return the rows whose tags are as the filter says; all of its keys must match."""
    for key, wanted in tags.items():
        condition: JsonObject = wanted if isinstance(wanted, dict) else {"in": wanted}
        select = _narrowed(select, key, condition)
    return select


def _narrowed(select: Select, key: str, condition: JsonObject) -> Select:
    if "exists" in condition:
        select = select.where(_TAG if condition["exists"] else f"NOT {_TAG}", key)
    if "in" in condition:
        select = select.where(_TAG_AMONG, key, _listed(condition["in"]))
    if "not" in condition:
        select = select.where(f"NOT {_TAG_AMONG}", key, _listed(condition["not"]))
    return select


def _listed(value: Json) -> str:
    return documents.encode(value if isinstance(value, list) else [value])
