"""Rows as files: CSV or JSON, compressed or not."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator

from trilogue_sandbox.botpress import documents, file_contents, files, row_queries
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.file_access import Owner
from trilogue_sandbox.botpress.table_models import Table
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.world import World

_FIRST_COLUMNS = ("id", "createdAt", "updatedAt")
_GZIP = b"\x1f\x8b"


class Unreadable(Exception):
    """A file of which no rows can be made."""


def write(world: World, table: Table, name: str, *, is_json: bool, is_compressed: bool) -> str:
    """Write the rows of a table into a file of the bot, and return its id."""
    columns = [*_FIRST_COLUMNS, *table.columns]
    rows = [{column: row.get(column) for column in columns} for row in row_queries.all_rows(world, table)]
    content = documents.encode([*rows]).encode() if is_json else _as_csv(columns, rows)
    content = gzip.compress(content, mtime=0) if is_compressed else content
    key = f"exports/{table.name}-{name}.{'json' if is_json else 'csv'}{'.gz' if is_compressed else ''}"
    file_id = files.put(world, table.bot_id, Owner("bot", table.bot_id), Fields({"key": key, "size": len(content)}))
    file_contents.store(world, file_id, content)
    return file_id


def read(world: World, table: Table, file_id: str) -> Iterator[JsonObject]:
    """Return the rows that stand in a file.

    Raises:
        Unreadable: the file was deleted, or holds neither CSV nor a JSON list of objects.
    """
    stored = file_contents.find(world, file_id)
    if stored is None:
        raise Unreadable("the file is gone")
    try:
        text = (gzip.decompress(stored) if stored.startswith(_GZIP) else stored).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise Unreadable(str(error)) from error
    return _of_json(text) if text.lstrip().startswith("[") else _of_csv(table, text)


def _as_csv(columns: list[str], rows: list[JsonObject]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_as_text(row[column]) for column in columns] for row in rows)
    return out.getvalue().encode()


def _as_text(value: Json) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else documents.encode(value)


def _of_json(text: str) -> Iterator[JsonObject]:
    try:
        rows = documents.decode(text)
    except ValueError as error:
        raise Unreadable(str(error)) from error
    if not isinstance(rows, list):
        raise Unreadable("it is no list of rows")
    return (_without_system_columns(row) for row in rows if isinstance(row, dict))


def _of_csv(table: Table, text: str) -> Iterator[JsonObject]:
    try:
        for row in csv.DictReader(io.StringIO(text), strict=True):
            cells: JsonObject = {
                name: _as_value(table, name, cell) for name, cell in row.items() if isinstance(cell, str)
            }
            yield _without_system_columns(cells)
    except csv.Error as error:
        raise Unreadable(str(error)) from error


def _as_value(table: Table, name: str, cell: str) -> Json:
    """Read a cell of a CSV file: an empty one is none, and one that is no text is JSON."""
    column = table.columns.get(name)
    if cell == "":
        return None
    if column is None or column["type"] == "string":
        return cell
    try:
        return documents.decode(cell)
    except ValueError:
        return cell


def _without_system_columns(row: JsonObject) -> JsonObject:
    return {name: cell for name, cell in row.items() if name not in _FIRST_COLUMNS}
