"""Results as tables for people, and as JSON, JSON lines, CSV or YAML for programs."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import click
from attrs import frozen
from trilogue_generated.runtime.mapping_model import MappingModel
from trilogue_generated.runtime.model import Model

from trilogue_tools.cli.tables import print_details, print_table, to_cell
from trilogue_tools.masking import masked, plain
from trilogue_tools.nearest import nearest

Format = Literal["table", "json", "jsonl", "csv", "yaml"]
FORMATS: tuple[Format, ...] = ("table", "json", "jsonl", "csv", "yaml")


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
        documents = (self._document(self._checked(row)) for row in rows)
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
            found = list(documents)
            if found or getattr(rows, "stopped", None) is None:
                print_table(found, self.fields)

    def _show_one(self, document: Any) -> None:
        if self.format in ("json", "jsonl"):
            click.echo(_json(document, indent=None if self.format == "jsonl" else 2))
        elif self.format == "yaml":
            _print_yaml(document)
        elif self.format == "csv":
            _print_csv(iter([document]))
        else:
            print_details(document)

    def _checked(self, row: Any) -> Any:
        """Return a row; raise UsageError where `fields` names one that it cannot have."""
        if self.query is None and isinstance(row, Model) and not isinstance(row, MappingModel):
            names = [field.wire for field in row.FIELDS]
            for name in (field.partition(".")[0] for field in self.fields):
                if name not in names and name not in row.to_dict():
                    raise click.UsageError(f"--fields: there is no field {name!r}{nearest(name, names)}")
        return row

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
        writer.writerow({key: to_cell(value) for key, value in row.items()})
