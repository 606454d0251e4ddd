"""Results as tables for people, and as JSON, JSON lines, CSV or YAML for programs."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import click
from attrs import frozen

from trilogue_tools.masking import MASK, masked, plain

Format = Literal["table", "json", "jsonl", "csv", "yaml"]
FORMATS: tuple[Format, ...] = ("table", "json", "jsonl", "csv", "yaml")

_WIDEST = 40


@frozen
class Output:
    """How results are shown.

    `fields` are the fields to show, with a dot for those within; `query` is a JMESPath expression over each result.
    Tables mask personal data if `masks`. `is_continued`: rows were printed before, with their header.
    """

    format: Format
    fields: tuple[str, ...] = ()
    query: str | None = None
    masks: bool = True
    is_continued: bool = False

    def show(self, value: Any) -> None:
        """Print one result."""
        if isinstance(value, list):
            self.show_rows(value)
        elif value is not None:
            self._show_one(self._document(value))

    def show_rows(self, rows: Iterable[Any]) -> None:
        """Print rows, as they come where the format allows it."""
        documents = (self._document(row) for row in rows)
        if self.format == "jsonl":
            for document in documents:
                click.echo(_json(document))
        elif self.format == "csv":
            _print_csv(documents, with_header=not self.is_continued)
        elif self.format == "json":
            _print_json_list(documents)
        elif self.format == "yaml":
            _print_yaml_list(documents)
        else:
            _print_table(list(documents), self.fields)

    def _show_one(self, document: Any) -> None:
        if self.format in ("json", "jsonl"):
            click.echo(_json(document, indent=None if self.format == "jsonl" else 2))
        elif self.format == "yaml":
            _print_yaml(document)
        elif self.format == "csv":
            _print_csv(iter([document]))
        else:
            _print_details(document)

    def _document(self, value: Any) -> Any:
        document = masked(value) if self.masks and self.format == "table" else plain(value)
        if self.query is not None:
            document = _search(self.query, document)
        if self.fields and isinstance(document, Mapping):
            return {field: _inner(document, field) for field in self.fields}
        return document


def default_format() -> Format:
    """Return `table` on a terminal, and `jsonl` in a pipe."""
    return "table" if sys.stdout.isatty() else "jsonl"


def _search(query: str, document: Any) -> Any:
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        return jmespath.search(query, document)
    except JMESPathError as error:
        raise click.UsageError(f"--query: {error}") from error


def _inner(document: Any, field: str) -> Any:
    for part in field.split("."):
        document = document.get(part) if isinstance(document, Mapping) else None
    return document


def _json(document: Any, indent: int | None = None) -> str:
    return json.dumps(document, ensure_ascii=False, indent=indent, default=str)


def _print_json_list(documents: Iterator[Any]) -> None:
    separator = "[\n"
    for document in documents:
        click.echo(f"{separator}{_json(document)}", nl=False)
        separator = ",\n"
    click.echo("[]" if separator == "[\n" else "\n]")


def _print_yaml(document: Any) -> None:
    import yaml

    click.echo(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), nl=False)


def _print_yaml_list(documents: Iterator[Any]) -> None:
    is_empty = True
    for document in documents:
        is_empty = False
        _print_yaml([document])
    if is_empty:
        click.echo("[]")


def _print_csv(documents: Iterator[Any], *, with_header: bool = True) -> None:
    """Print rows under the fields of the first one."""
    writer: csv.DictWriter[str] | None = None
    for document in documents:
        row = document if isinstance(document, Mapping) else {"value": document}
        if writer is None:
            writer = csv.DictWriter(sys.stdout, [*row], extrasaction="ignore", lineterminator="\n")
            if with_header:
                writer.writeheader()
        writer.writerow({key: _cell(value) for key, value in row.items()})


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else _json(value)


def _print_table(documents: Sequence[Any], fields: Sequence[str]) -> None:
    if not documents:
        click.echo("Nothing found.", err=True)
        return
    rows = [document if isinstance(document, Mapping) else {"value": document} for document in documents]
    columns = _columns(rows)
    shown = list(fields) or _fitting(columns, _size().columns)
    _print_rich(_table(rows, shown), len(rows))
    if len(shown) < len(columns):
        left_out = ", ".join(column for column in columns if column not in shown)
        click.echo(
            f"(Too wide for this terminal: {left_out}. Choose with --fields A,B or see all with -o json.)", err=True
        )


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return the width of each field that has a value in any row."""
    widths: dict[str, int] = {}
    for row in rows:
        for key, value in row.items():
            if text := _short(value):
                widths[key] = min(max(len(text), len(key), widths.get(key, 0)), _WIDEST)
    return widths


def _fitting(columns: Mapping[str, int], width: int) -> list[str]:
    """Return the fields, from the first on, that fit beside each other; at least one."""
    shown: list[str] = []
    for column, needed in columns.items():
        width -= needed + 2
        if width < -2 and shown:
            break
        shown.append(column)
    return shown


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Any:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="ellipsis", no_wrap=True, max_width=_WIDEST)
    for row in rows:
        table.add_row(*(_short(row.get(column)) for column in columns))
    return table


def _print_details(document: Any) -> None:
    from rich.table import Table

    if not isinstance(document, Mapping):
        click.echo(_cell(document))
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for key, value in document.items():
        table.add_row(key, _cell(value))
    _print_rich(table, len(document))


def _short(value: Any) -> str:
    """Return a value on one line: references by their name, lists with commas."""
    if isinstance(value, Mapping):
        names = (value.get(key) for key in ("name", "uuid", "id"))
        return next((str(name) for name in names if name not in (None, "", MASK)), _json(value))
    if isinstance(value, list):
        return ", ".join(map(_short, value))
    return _cell(value).replace("\n", " ")


def _size() -> os.terminal_size:
    return shutil.get_terminal_size((200, 50))


def _print_rich(table: Any, rows: int) -> None:
    from rich.console import Console

    is_terminal, size = sys.stdout.isatty(), _size()
    text = io.StringIO()
    is_coloured = is_terminal and not os.environ.get("NO_COLOR")
    console = Console(file=text, width=size.columns, no_color=not is_coloured, force_terminal=is_coloured)
    console.print(table)
    if is_terminal and rows > size.lines:
        click.echo_via_pager(text.getvalue())
    else:
        click.echo(text.getvalue(), nl=False)
