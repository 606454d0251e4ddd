"""Tables for a terminal, quick enough for many thousand rows."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import click

from trilogue_tools.masking import MASK

WIDEST = 40
"""Columns of the terminal that a field takes at most, in a table of several."""

_GAP = "  "


def print_table(documents: Sequence[Any], fields: Sequence[str]) -> None:
    """Print rows under the names of their fields: those that are asked for, or else those that fit."""
    if not documents:
        click.echo("Nothing found.", err=True)
        return
    rows = [document if isinstance(document, Mapping) else {"value": document} for document in documents]
    columns = _columns(rows)
    shown = list(fields) or _fitting(columns, _size().columns)
    widths = {name: columns.get(name, len(name)) for name in shown}
    _print(_lines(rows, widths), len(rows))
    if left_out := [name for name in columns if name not in shown]:
        hint = f"(Too wide for this terminal: {', '.join(left_out)}. Choose with --fields A,B or see all with -o json.)"
        click.echo(hint, err=True)
    _explain_mask(row.get(name) for row in rows for name in shown)


def print_details(document: Any) -> None:
    """Print one result, a field a line."""
    if not isinstance(document, Mapping):
        click.echo(to_cell(document))
        return
    width = max(map(len, document), default=0)
    _print((f"{_bold(key.ljust(width))}{_GAP}{to_cell(value)}" for key, value in document.items()), len(document))
    _explain_mask(document.values())


def _explain_mask(values: Iterable[Any]) -> None:
    if any(MASK in to_cell(value) for value in values):
        click.echo(f"({MASK} is personal data; see it with --show-personal-data.)", err=True)


def to_cell(value: Any) -> str:
    """Return a value as text: JSON, unless it is a string or nothing."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _lines(rows: Iterable[Mapping[str, Any]], widths: Mapping[str, int]) -> Iterator[str]:
    from rich.cells import set_cell_size

    yield _bold(_GAP.join(set_cell_size(name, width) for name, width in widths.items()).rstrip())
    for row in rows:
        cells = (_cut(_short(row.get(name)), width) for name, width in widths.items())
        yield _GAP.join(cells).rstrip()


def _cut(text: str, width: int) -> str:
    """Return a text of just this width, with an ellipsis if it is longer."""
    from rich.cells import cell_len, set_cell_size

    if cell_len(text) > width:
        return set_cell_size(text, width - 1) + "…"
    return set_cell_size(text, width)


def _columns(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return the width of each field that has a value in any row."""
    from rich.cells import cell_len

    widths: dict[str, int] = {}
    for row in rows:
        for key, value in row.items():
            if text := _short(value):
                widths[key] = min(max(cell_len(text), len(key), widths.get(key, 0)), WIDEST)
    return widths


def _fitting(columns: Mapping[str, int], width: int) -> list[str]:
    """Return the fields, from the first on, that fit beside each other; at least one."""
    shown: list[str] = []
    for column, needed in columns.items():
        width -= needed + len(_GAP)
        if width < -len(_GAP) and shown:
            break
        shown.append(column)
    return shown


def _short(value: Any) -> str:
    """Return a value on one line: references by their name, lists with commas."""
    if isinstance(value, Mapping):
        names = (value.get(key) for key in ("name", "uuid", "id"))
        return next((str(name) for name in names if name not in (None, "", MASK)), to_cell(value))
    if isinstance(value, list):
        return ", ".join(map(_short, value))
    return to_cell(value).replace("\n", " ")


def _size() -> os.terminal_size:
    return shutil.get_terminal_size((200, 50))


def _bold(text: str) -> str:
    is_coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return click.style(text, bold=True) if is_coloured else text


def _print(lines: Iterable[str], rows: int) -> None:
    if sys.stdout.isatty() and rows > _size().lines:
        click.echo_via_pager(f"{line}\n" for line in lines)
        return
    for line in lines:
        click.echo(line)
