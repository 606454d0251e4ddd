"""The pages below `/data/`: the tables of a platform, to browse and filter."""

from __future__ import annotations

import re

import msgspec

from trilogue_sandbox.kernel.browsing import rows_of, tables_of
from trilogue_sandbox.kernel.engine import Engine
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.pages.rendering import labels, render

_ROWS = 50


def respond(engine: Engine, request: Request, found: re.Match[str]) -> Response | None:
    """Return the list of tables, or one of them; None if there is none of that name."""
    name, table = found[1], found[2]
    if name not in engine.names:
        return None
    tables = tables_of(engine, name)
    if table is None:
        return render(engine, request, "tables.html", name=name, label=labels(engine)[name], tables=tables)
    return _show(engine, request, name, table) if table in tables else None


def _show(engine: Engine, request: Request, name: str, table: str) -> Response:
    query = dict(request.query)
    column, text, page = query.get("column", ""), query.get("text", ""), query.get("page", "1")
    number = int(page) if page.isdecimal() and 0 < int(page) < 1_000_000 else 1
    columns, rows = rows_of(engine, name, table, column, text, (number - 1) * _ROWS, _ROWS + 1)
    shown = [[_cell(value) for value in row] for row in rows[:_ROWS]]
    return render(
        engine,
        request,
        "table.html",
        name=name,
        table=table,
        columns=columns,
        rows=shown,
        column=column,
        text=text,
        page=number,
        has_more=len(rows) > _ROWS,
    )


def _cell(value: object) -> str:
    """Return a value as text; bytes by their number."""
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    if value is None or isinstance(value, str):
        return value or ""
    return str(value) if isinstance(value, int | float) else msgspec.json.encode(value).decode()
