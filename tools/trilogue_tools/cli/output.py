"""Results as tables for people, and as JSON, JSON lines, CSV or YAML for programs."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import click
from attrs import frozen

from trilogue_tools.cli.masking import masked

Format = Literal["table", "json", "jsonl", "csv", "yaml"]
FORMATS: tuple[Format, ...] = ("table", "json", "jsonl", "csv", "yaml")

_WIDEST = 60


@frozen
class Output:
    """How results are shown.

    `fields` are the fields to show, with a dot for those within; `query` is a JMESPath expression over each result.
    Tables mask personal data if `masks`.
    """

    format: Format
    fields: tuple[str, ...] = ()
    query: str | None = None
    masks: bool = True

    def show(self, value: Any) -> None:
        """Print one result."""
        if isinstance(value, list):
            self.show_rows(value)
        elif value is not None:
            document = self._select(_plain(value))
            self._print_one(document)

    def show_rows(self, rows: Iterable[Any]) -> None:
        """Print rows, as they come where the format allows it."""
        documents = (self._select(_plain(row)) for row in rows)
        if self.format == "jsonl":
            for document in documents:
                click.echo(_json(document))
        elif self.format == "csv":
            _print_csv(documents)
        elif self.format == "json":
            _print_json_list(documents)
        elif self.format == "yaml":
            _print_yaml(list(documents))
        else:
            _print_table(masked(list(documents)) if self.masks else list(documents), self.fields)

    def _print_one(self, document: Any) -> None:
        if self.format in ("json", "jsonl"):
            click.echo(_json(document, indent=None if self.format == "jsonl" else 2))
        elif self.format == "yaml":
            _print_yaml(document)
        elif self.format == "csv":
            _print_csv(iter([document]))
        else:
            _print_details(masked(document) if self.masks else document)

    def _select(self, document: Any) -> Any:
        if self.query is not None:
            document = _search(self.query, document)
        if self.fields and isinstance(document, Mapping):
            return {field: _inner(document, field) for field in self.fields}
        return document


def default_format() -> Format:
    """Return `table` on a terminal, and `jsonl` in a pipe."""
    return "table" if sys.stdout.isatty() else "jsonl"


def _plain(value: Any) -> Any:
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


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


def _print_csv(documents: Iterator[Any]) -> None:
    writer: csv.DictWriter[str] | None = None
    for document in documents:
        row = document if isinstance(document, Mapping) else {"value": document}
        if writer is None:
            writer = csv.DictWriter(sys.stdout, [*row], extrasaction="ignore")
            writer.writeheader()
        writer.writerow({key: _cell(value) for key, value in row.items()})


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else _json(value)


def _print_table(documents: Sequence[Any], fields: Sequence[str]) -> None:
    from rich.table import Table

    if not documents:
        click.echo("Nothing found.", err=True)
        return
    rows = [document if isinstance(document, Mapping) else {"value": document} for document in documents]
    columns = list(fields) or list(dict.fromkeys(key for row in rows for key in row))
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="ellipsis", no_wrap=True, max_width=_WIDEST)
    for row in rows:
        table.add_row(*(_short(row.get(column)) for column in columns))
    _print_rich(table, len(rows))


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
        return str(value.get("name") or value.get("uuid") or value.get("id") or _json(value))
    if isinstance(value, list):
        return ", ".join(map(_short, value))
    return _cell(value).replace("\n", " ")


def _print_rich(table: Any, rows: int) -> None:
    from rich.console import Console

    is_terminal = sys.stdout.isatty()
    text = io.StringIO()
    width = os.get_terminal_size().columns if is_terminal else 200
    console = Console(file=text, width=width, no_color="NO_COLOR" in os.environ, force_terminal=is_terminal)
    console.print(table)
    printed = text.getvalue()
    if is_terminal and rows > os.get_terminal_size().lines:
        click.echo_via_pager(printed)
    else:
        click.echo(printed, nl=False)
