"""Rows as files: CSV or JSON, compressed or not."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator

import msgspec

from trilogue_sandbox.botpress import file_contents, files, row_queries, table_columns
from trilogue_sandbox.botpress.exchange import Actor
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World

_FIRST_COLUMNS = ("id", "createdAt", "updatedAt")
_GZIP = b"\x1f\x8b"


class Unreadable(Exception):
    """A file that holds no rows."""


def write(world: World, table: Row, name: str, *, is_json: bool, is_compressed: bool) -> str:
    """Write the rows of a table into a file of the bot, and return its id."""
    columns = [*_FIRST_COLUMNS, *table_columns.columns_of(table["schema"])]
    rows = [{column: row.get(column) for column in columns} for row in row_queries.all_rows(world, table)]
    content = msgspec.json.encode(rows) if is_json else _to_csv(columns, rows)
    content = gzip.compress(content, mtime=0) if is_compressed else content
    key = f"exports/{table['name']}-{name}.{'json' if is_json else 'csv'}{'.gz' if is_compressed else ''}"
    file = files.put(Actor(world, table["bot_id"]), Fields({"key": key, "size": len(content)}))
    file_contents.store(world, file["id"], content)
    return str(file["id"])


def read(world: World, table: Row, file_id: str) -> Iterator[JsonObject]:
    """Return the rows in a file.

    Raises:
        Unreadable: the file was deleted, or holds neither CSV nor a JSON list of objects.
    """
    content = file_contents.find(world, file_id)
    if content is None:
        raise Unreadable("the file was deleted")
    try:
        text = (gzip.decompress(content) if content.startswith(_GZIP) else content).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise Unreadable(str(error)) from error
    return _from_json(text) if text.lstrip().startswith("[") else _from_csv(table, text)


def _to_csv(columns: list[str], rows: list[JsonObject]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_to_cell(row[column]) for column in columns] for row in rows)
    return out.getvalue().encode()


def _to_cell(value: Json) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _from_json(text: str) -> Iterator[JsonObject]:
    try:
        rows: Json = msgspec.json.decode(text)
    except ValueError as error:
        raise Unreadable(str(error)) from error
    if not isinstance(rows, list):
        raise Unreadable("it is not a list of rows")
    return (_without_system_columns(row) for row in rows if isinstance(row, dict))


def _from_csv(table: Row, text: str) -> Iterator[JsonObject]:
    columns = table_columns.columns_of(table["schema"])
    try:
        for row in csv.DictReader(io.StringIO(text), strict=True):
            cells: JsonObject = {
                name: _from_cell(columns.get(name), cell) for name, cell in row.items() if isinstance(cell, str)
            }
            yield _without_system_columns(cells)
    except csv.Error as error:
        raise Unreadable(str(error)) from error


def _from_cell(column: JsonObject | None, cell: str) -> Json:
    """Read a cell of a CSV file: an empty one is null, and one of a column that holds no strings is JSON."""
    if cell == "":
        return None
    if column is None or column["type"] == "string":
        return cell
    try:
        value: Json = msgspec.json.decode(cell)
    except ValueError:
        return cell
    return value


def _without_system_columns(row: JsonObject) -> JsonObject:
    return {name: cell for name, cell in row.items() if name not in _FIRST_COLUMNS}
