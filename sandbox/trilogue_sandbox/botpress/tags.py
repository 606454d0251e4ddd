"""Tags: short texts by name. In the store they are a JSON object in the column `tags`."""

from __future__ import annotations

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select


def carrying(select: Select, tags: JsonObject) -> Select:
    """Return the rows that carry all of these tags with these values."""
    for key, value in tags.items():
        condition = "EXISTS (SELECT 1 FROM json_each(item.tags) WHERE key = ? AND value = ?)"
        select = select.where(condition, key, str(value))
    return select


def merged(tags: JsonObject, changes: JsonObject, removed_by: Json = "") -> JsonObject:
    """Return tags with changes: named ones are set, others stay, and the value `removed_by` removes one."""
    return {key: value for key, value in {**tags, **changes}.items() if value != removed_by}


def values_of(select: Select, key: str) -> Select:
    """Return the values that a tag has in the rows of a selection, each once, as the column `value`."""
    return _distinct(select.where("tag.key = ?", key), "tag.value")


def keys_of(select: Select) -> Select:
    """Return the keys of the tags in the rows of a selection, each once, as the column `value`."""
    return _distinct(select, "tag.key")


def _distinct(select: Select, column: str) -> Select:
    conditions = " AND ".join(f"({condition})" for condition in select.conditions)
    table = (
        f"(SELECT MIN(item.rowid) AS rowid, {column} AS value FROM {select.table} AS item, json_each(item.tags) AS tag"
        f" WHERE {conditions} GROUP BY {column})"
    )
    return Select(table, values=select.values)
