"""Where an export goes: a database, or files."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from getpass import getuser
from pathlib import Path
from typing import Any, Literal, Protocol, get_args
from urllib.parse import parse_qsl, unquote, urlsplit

import pyarrow as pa

from trilogue_tools.errors import ToolError, UsageError
from trilogue_tools.export.lists import ExportedList
from trilogue_tools.export.rows import json_columns, key_columns, schema_of
from trilogue_tools.folders import state_folder

FileFormat = Literal["jsonl", "csv", "parquet"]
FILE_FORMATS: tuple[FileFormat, ...] = get_args(FileFormat)
ROWS_PER_BATCH = 10_000


class Target(Protocol):
    """Where rows go. `folder` is where a run keeps what it has to remember."""

    folder: Path

    def destination(self) -> Any:
        """Return the destination for dlt."""
        ...

    def finish(self, platform: str, lists: Sequence[ExportedList]) -> None:
        """Do what is left after all rows arrived."""
        ...


class Database:
    """Tables in DuckDB or Postgres, in a schema with the name of the platform."""

    def __init__(self, address: str, destination: Callable[[], Any]) -> None:
        digest = hashlib.sha256(address.encode()).hexdigest()[:16]
        self.folder = state_folder() / "exports" / digest
        self.destination = destination

    def finish(self, platform: str, lists: Sequence[ExportedList]) -> None:
        """Nothing is left to do."""


class Files:
    """A file for each list, written as a whole from a DuckDB database beside it, in which rows are merged by key."""

    def __init__(self, paths: Callable[[str], Path], folder: Path, file_format: FileFormat) -> None:
        self._path, self.folder, self._format = paths, folder, file_format

    @property
    def _database(self) -> Path:
        return self.folder / "rows.duckdb"

    def destination(self) -> Any:
        """Return the database beside the files."""
        import dlt

        self.folder.mkdir(parents=True, exist_ok=True)
        return dlt.destinations.duckdb(str(self._database))

    def finish(self, platform: str, lists: Sequence[ExportedList]) -> None:
        """Rewrite the files; each appears when it is whole."""
        import duckdb

        with duckdb.connect(str(self._database), read_only=True) as database:
            database.execute("SET TimeZone = 'UTC'")
            for item in lists:
                self._write(database, platform, item)

    def _write(self, database: Any, platform: str, item: ExportedList) -> None:
        schema, path = schema_of(item), self._path(item.name)
        unfinished = path.with_name(f".{path.name}.unfinished")
        with _WRITERS[self._format](unfinished, schema) as write:
            for batch in _batches(database, platform, item, schema):
                write(batch)
        unfinished.replace(path)


def _batches(database: Any, platform: str, item: ExportedList, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    import duckdb

    columns, keys = (", ".join(f'"{name}"' for name in names) for names in (schema.names, key_columns(item)))
    query = f'SELECT {columns} FROM "{platform}"."{item.name}" ORDER BY {keys}'
    try:
        reader = database.sql(query).to_arrow_reader(ROWS_PER_BATCH)
    except duckdb.CatalogException:  # no row ever arrived
        return
    for batch in reader:
        yield pa.RecordBatch.from_arrays(
            [column.cast(field.type) for column, field in zip(batch, schema, strict=True)], schema=schema
        )


Write = Callable[[pa.RecordBatch], None]


@contextmanager
def _parquet(path: Path, schema: pa.Schema) -> Generator[Write]:
    from pyarrow.parquet import ParquetWriter

    with ParquetWriter(path, schema) as writer:
        yield writer.write_batch


@contextmanager
def _csv(path: Path, schema: pa.Schema) -> Generator[Write]:
    from pyarrow.csv import CSVWriter

    with CSVWriter(str(path), schema) as writer:
        yield writer.write_batch


@contextmanager
def _jsonl(path: Path, schema: pa.Schema) -> Generator[Write]:
    nested = json_columns(schema)
    with path.open("w", encoding="utf-8") as file:

        def write(batch: pa.RecordBatch) -> None:
            for row in batch.to_pylist():
                for name in nested:
                    row[name] = None if row[name] is None else json.loads(row[name])
                file.write(json.dumps(row, ensure_ascii=False, default=_to_text) + "\n")

        yield write


_WRITERS: Mapping[str, Any] = {"parquet": _parquet, "csv": _csv, "jsonl": _jsonl}


def _to_text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


def to_target(to: str, lists: Sequence[ExportedList], file_format: FileFormat | None = None) -> Target:
    """Return the target that `--to` names: duckdb:///FILE, postgresql://..., a file, or else a folder.

    Raises:
        UsageError: it names no such thing, or one file for several lists.
    """
    scheme = re.match(r"(\w+)://", to)
    if scheme is None:
        return _files(to, lists, file_format)
    if scheme[1] == "duckdb":
        return Database(to, lambda: _duckdb(to.removeprefix("duckdb:///")))
    if scheme[1] in ("postgres", "postgresql"):
        return Database(to, lambda: _postgres(to))
    raise UsageError(f"--to: {scheme[1]}:// is not known; there is: duckdb:///FILE, postgresql://..., a file, a folder")


def _duckdb(path: str) -> Any:
    import dlt

    Path(path).absolute().parent.mkdir(parents=True, exist_ok=True)
    return dlt.destinations.duckdb(str(Path(path).absolute()))


def _postgres(address: str) -> Any:
    import dlt

    parts = urlsplit(address)
    credentials = {
        "host": parts.hostname or "localhost",
        "port": parts.port or 5432,
        "database": parts.path.strip("/") or os.environ.get("PGDATABASE", "postgres"),
        "username": unquote(parts.username or os.environ.get("PGUSER", getuser())),
        "password": unquote(parts.password or os.environ.get("PGPASSWORD", "none")),  # dlt takes no empty one
        "query": dict(parse_qsl(parts.query)),
    }
    return dlt.destinations.postgres(credentials)


def _files(to: str, lists: Sequence[ExportedList], file_format: FileFormat | None) -> Target:
    path = Path(to)
    named = path.suffix[1:]
    if named not in FILE_FORMATS:
        if path.is_file():
            raise UsageError(f"--to: {path} is a file; name a folder, or a file that ends in .jsonl, .csv or .parquet")
        if named and not path.is_dir() and not to.endswith(("/", os.sep)):
            raise UsageError(f"--to: {to}: files end in .jsonl, .csv or .parquet; for a folder of this name, add a /")
        chosen = file_format or "jsonl"
        path.mkdir(parents=True, exist_ok=True)
        return Files(lambda name: path / f"{name}.{chosen}", path / ".trilogue", chosen)
    if len(lists) > 1:
        raise UsageError(f"--to: {path.name} is one file and there are {len(lists)} lists; name a folder")
    if not path.absolute().parent.is_dir():
        raise ToolError(f"--to: there is no folder {path.absolute().parent}")
    return Files(lambda _: path, path.with_name(f".{path.name}.trilogue"), named)
