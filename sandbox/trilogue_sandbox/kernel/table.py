"""Tables, declared column by column."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol, TypeAlias

import attrs
import msgspec

from trilogue_sandbox.kernel.ids import Ids
from trilogue_sandbox.kernel.store import SqlValue, Store

Row: TypeAlias = sqlite3.Row
"""A row of a table: values by column name, JSON decoded, booleans as `bool`, timestamps as microseconds since 1970."""

_UNSET: Any = object()
_JSON, _BOOLEAN, _TIMESTAMP = "JSON_TEXT", "BOOLEAN_INT", "TIMESTAMP_INT"  # the ending decides how SQLite keeps them

sqlite3.register_converter(_JSON, msgspec.json.decode)
sqlite3.register_converter(_BOOLEAN, lambda value: value != b"0")


class RowContext(Protocol):
    """Where rows are kept, and where the values come from that are filled in."""

    @property
    def store(self) -> Store:
        """The database."""
        ...

    @property
    def ids(self) -> Ids:
        """New ids."""
        ...

    @property
    def now(self) -> int:
        """The time in microseconds since 1970."""
        ...


@attrs.frozen
class Column:
    """A column: its type, whether it may be null, and where a value comes from that a new row does not give."""

    type: str
    is_nullable: bool = False
    is_key: bool = False
    is_unique: bool = False
    referenced: str = ""
    fallback: Any = _UNSET
    fill: Callable[[RowContext], SqlValue] | None = None
    is_refreshed: bool = False
    expression: str = ""

    def nullable(self) -> Column:
        """Return the column with null allowed, which is what a row has that gives no value."""
        return attrs.evolve(self, is_nullable=True)

    def default(self, value: Any) -> Column:
        """Return the column with a value for rows that give none."""
        return attrs.evolve(self, fallback=value)

    def filled(self, fill: Callable[[RowContext], SqlValue]) -> Column:
        """Return the column with values made when a row is added."""
        return attrs.evolve(self, fill=fill)

    def key(self) -> Column:
        """Return the column as the key of its table."""
        return attrs.evolve(self, is_key=True)

    def unique(self) -> Column:
        """Return the column with each value once at most."""
        return attrs.evolve(self, is_unique=True)

    def references(self, table: str) -> Column:
        """Return the column as a foreign key: `contacts`, or with its rule `contacts ON DELETE CASCADE`."""
        return attrs.evolve(self, referenced=table)

    def computed(self, expression: str) -> Column:
        """Return the column as one that SQLite computes from others."""
        return attrs.evolve(self, expression=expression)

    def encode(self, value: Any) -> SqlValue:
        """Return a value as the database keeps it."""
        if self.type != _JSON or (value is None and self.is_nullable):
            stored: SqlValue = value
            return stored
        return msgspec.json.encode(value).decode()

    def definition(self, name: str) -> str:
        """Return the column as `CREATE TABLE` has it."""
        words = [f'"{name}"', self.type]
        if self.expression:
            return " ".join([*words, f"AS ({self.expression}) VIRTUAL"])
        words += ["PRIMARY KEY"] if self.is_key else [] if self.is_nullable else ["NOT NULL"]
        words += ["UNIQUE"] if self.is_unique else []
        words += [f"REFERENCES {self.referenced}"] if self.referenced else []
        words += [f"DEFAULT {_literal(self.encode(self.fallback))}"] if self.fallback is not _UNSET else []
        return " ".join(words)


TEXT = Column("TEXT")
INTEGER = Column("INTEGER")
REAL = Column("REAL")
BLOB = Column("BLOB")
BOOLEAN = Column(_BOOLEAN)
JSON = Column(_JSON)
TIMESTAMP = Column(_TIMESTAMP)
KEY = INTEGER.key()
UUID = TEXT.filled(lambda world: world.ids.uuid4()).unique()
CREATED = TIMESTAMP.filled(lambda world: world.now)
CHANGED = attrs.evolve(CREATED, is_refreshed=True)
"""A timestamp that is set when the row is added, and again whenever it is changed."""


def prefixed_id(prefix: str) -> Column:
    """Return a key such as `conv_01KDX2V3...`."""
    return TEXT.key().filled(lambda world: world.ids.prefixed(prefix))


@attrs.frozen(eq=False)
class Table:
    """A table, named after its platform (`rapidpro_labels`), since all platforms share one database.

    `indexes` are lists of columns, each with an optional condition: `workspace_id, name WHERE is_active`. `constraints`
    are further lines of `CREATE TABLE`. A table without a key of one column names its columns in `primary_key`.
    `triggers` are whole statements, by which a change here keeps another table in step. `label` is what messages call
    one of its rows: `one-time password`.
    """

    name: str
    columns: Mapping[str, Column]
    indexes: Sequence[str] = ()
    unique_indexes: Sequence[str] = ()
    constraints: Sequence[str] = ()
    primary_key: str = ""
    label: str = ""
    triggers: Sequence[str] = ()

    @property
    def key(self) -> str:
        """The name of the key column; `rowid` where no column is the key."""
        return next((name for name, column in self.columns.items() if column.is_key), "rowid")

    @property
    def refreshed(self) -> str | None:
        """The name of the column with the time of the last change, if there is one."""
        return next((name for name, column in self.columns.items() if column.is_refreshed), None)

    def statements(self) -> list[str]:
        """Return the statements that create the table, its indexes and its triggers."""
        lines = [column.definition(name) for name, column in self.columns.items()]
        lines += [*self.constraints, *([f"PRIMARY KEY ({self.primary_key})"] if self.primary_key else [])]
        ending = " WITHOUT ROWID" if self.primary_key else ""
        created = [f"CREATE TABLE {self.name} ({', '.join(lines)}){ending}"]
        indexes = [
            f"CREATE {unique}INDEX {self.name}_{unique.strip().lower()}{number} ON {self.name} {_indexed(columns)}"
            for unique, listed in (("", self.indexes), ("UNIQUE ", self.unique_indexes))
            for number, columns in enumerate(listed, 1)
        ]
        return [*created, *indexes, *self.triggers]

    def complete(self, world: RowContext, values: Mapping[str, Any]) -> dict[str, SqlValue]:
        """Return the values of a new row as the database keeps them, with those that are made here."""
        made = {name: fill(world) for name, fill in _fills(self).items() if name not in values}
        return {**made, **{name: self.columns[name].encode(value) for name, value in values.items()}}


@cache
def _fills(table: Table) -> dict[str, Callable[[RowContext], SqlValue]]:
    return {name: column.fill for name, column in table.columns.items() if column.fill}


def _indexed(columns: str) -> str:
    listed, where, condition = columns.partition(" WHERE ")
    return f"({listed}){where}{condition}"


def _literal(value: SqlValue) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "NULL" if value is None else str(int(value) if isinstance(value, bool) else value)


def create_tables(store: Store, tables: Sequence[Table]) -> None:
    """Create some tables, empty, whatever was there before; each after those that it refers to."""
    store.run("PRAGMA defer_foreign_keys = ON")
    for table in reversed(tables):
        store.run(f"DROP TABLE IF EXISTS {table.name}")
    for table in tables:
        for statement in table.statements():
            store.run(statement)
