"""The columns of tables: read from a JSON schema or an example of a row, and kept as a JSON schema."""

from __future__ import annotations

from trilogue_sandbox.botpress import json_schemas
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Row

SYSTEM_COLUMNS = ("id", "createdAt", "updatedAt", "computed", "stale", "similarity")
"""What every row has beside the columns of its table."""

EMPTY: JsonObject = {"properties": {}, "required": []}
"""The schema of a table without columns."""

_KEPT = ("format", "description", "pattern", "enum", "items", "properties")
_MOST_COLUMNS = 20
_LONGEST_NAME = 30


def changed(description: Description, schema: JsonObject, given: JsonObject) -> JsonObject:
    """Return a schema with the columns that a request describes; one that is null there is removed.

    Raises:
        ApiError: the request has no JSON schema of columns (InvalidJsonSchema), a name that is not
            allowed (InvalidPayload), or too many columns (LimitExceeded).
    """
    described = given if _is_schema(given) else _by_example(given)
    wanted = Fields(described).object("properties")
    named: JsonObject = {name: column for name, column in wanted.items() if column is not None}
    json_schemas.check_schema({**described, "properties": named}, "schema")
    columns = {name: column for name, column in columns_of(schema).items() if wanted.get(name, name) is not None}
    for name, column in named.items():
        _check_name(name)
        columns[name] = _column(description, name, column, _index(columns, name))
    if len(columns) > _MOST_COLUMNS:
        raise ApiError("LimitExceeded", f"a table has at most {_MOST_COLUMNS} columns")
    required = Fields(described if "required" in described else schema).strings("required")
    return schema_of(columns, [name for name in required if name in columns])


def schema_of(columns: dict[str, JsonObject], required: list[str]) -> JsonObject:
    """Return the schema of a table with these columns."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {**columns},
        "required": [*required],
        "additionalProperties": True,
    }


def columns_of(schema: JsonObject) -> dict[str, JsonObject]:
    """Return the columns of a schema by name."""
    return {name: Fields.of(column).values for name, column in Fields(schema).object("properties").items()}


def searchable(table: Row) -> list[str]:
    """Return the columns of a table by whose meaning rows are found."""
    return [name for name, column in columns_of(table["schema"]).items() if options(column).boolean("searchable")]


def options(column: JsonObject) -> Fields:
    """Return what the platform knows of a column beyond its type."""
    return Fields(column).nested("x-zui")


def _is_schema(given: JsonObject) -> bool:
    """Return whether this is a JSON schema, which need not say that it is one of objects, rather than an example."""
    return given.get("type", "object") == "object" and isinstance(given.get("properties"), dict)


def _by_example(row: JsonObject) -> JsonObject:
    return {"type": "object", "properties": {name: _type_of(value) for name, value in row.items()}}


def _type_of(value: Json) -> Json:
    if value is None:
        return None
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int | float):
        return {"type": "number"}
    if isinstance(value, list):
        return {"type": "array", **({"items": _type_of(value[0])} if value and value[0] is not None else {})}
    if isinstance(value, dict):
        parts: JsonObject = {name: _type_of(part) for name, part in value.items() if part is not None}
        return {"type": "object", "properties": parts}
    return {"type": "string"}


def _check_name(name: str) -> None:
    if not name or len(name) > _LONGEST_NAME:
        raise ApiError("InvalidPayload", f"schema: a column name has 1 to {_LONGEST_NAME} characters; {name!r} has not")
    if name in SYSTEM_COLUMNS:
        raise ApiError("InvalidPayload", f"schema: every table has {name!r} already; choose another name")


def _index(columns: dict[str, JsonObject], name: str) -> int:
    if name in columns:
        return options(columns[name]).integer("index")
    return 1 + max((options(column).integer("index") for column in columns.values()), default=-1)


def _column(description: Description, name: str, described: Json, index: int) -> JsonObject:
    """Return a column as the platform keeps it; raise InvalidJsonSchema for one that it cannot show."""
    location = f"schema/properties/{name}"
    if not isinstance(described, dict) or not isinstance(described.get("x-zui", {}), dict):
        raise ApiError("InvalidJsonSchema", f"{location} and its `x-zui` must be objects")
    column = _kept_column(described, index)
    for violation in description.check("TableColumn", column, location):
        raise ApiError("InvalidJsonSchema", str(violation))
    return column


def _kept_column(described: JsonObject, index: int) -> JsonObject:
    declared = described.get("type", "string")
    types: list[Json] = declared if isinstance(declared, list) else [declared]
    named = [str(item) for item in types if item != "null"] or ["null"]
    kept: JsonObject = {name: _part(described[name]) for name in _KEPT if name in described}
    if kept.get("format") != "date-time":
        kept.pop("format", None)
    return {
        "type": "number" if named[0] == "integer" else named[0],
        "nullable": described.get("nullable") is not False,
        **kept,
        "x-zui": {"index": index, **options(described).values},
    }


def _part(value: Json) -> Json:
    """Return a part of a column, in which integers are numbers."""
    if isinstance(value, dict):
        return {name: "number" if (name, part) == ("type", "integer") else _part(part) for name, part in value.items()}
    return value
