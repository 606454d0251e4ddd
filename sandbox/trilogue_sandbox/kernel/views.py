"""Rows as the API shows them, by the response schemas of the description."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Generic, TypeAlias, TypeVar

import attrs

from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.kernel.document import DescriptionError, Node
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.records import Records
from trilogue_sandbox.kernel.store import Store
from trilogue_sandbox.kernel.table import TIMESTAMP, Row, Table
from trilogue_sandbox.kernel.world import World


@attrs.frozen
class Context:
    """On whose behalf a platform acts: a workspace, a bot, an account; and the world it is in."""

    world: World

    @property
    def records(self) -> Records:
        """The rows of the platform, whomever they belong to."""
        return self.world.records

    @property
    def store(self) -> Store:
        """The database."""
        return self.world.store

    @property
    def now(self) -> int:
        """The time in microseconds since 1970."""
        return self.world.now


C = TypeVar("C", bound=Context)

Computed: TypeAlias = Callable[[C, Sequence[Row]], Sequence[Json]]
"""Returns the value of one property for each of some rows; all at once, so that what they refer to is read at once."""


def each(compute: Callable[[C, Row], Json]) -> Computed[C]:
    """Return a computed property that looks at one row at a time."""
    return lambda context, rows: [compute(context, row) for row in rows]


def constant(value: Json) -> Computed[Context]:
    """Return a property that is the same for every row."""
    return lambda context, rows: [value] * len(rows)


@attrs.frozen(eq=False)
class View(Generic[C]):
    """Shows rows of a table through a schema of the description.

    A property comes from `computed`, or from the column named in `columns`, or else from the column of the same name in
    snake_case; `selected` are columns that selections add to those of the table. A property without any is an error, so
    that none is forgotten. What is None and may neither be null nor has to be there is omitted.
    """

    schema: str
    table: Table
    computed: Mapping[str, Computed[C]] = attrs.field(factory=dict[str, Any])
    columns: Mapping[str, str] = attrs.field(factory=dict[str, str])
    selected: Sequence[str] = ()
    _plans: dict[Description, _Plan] = attrs.field(init=False, factory=dict[Description, Any], repr=False)

    def show(self, context: C, rows: Sequence[Row]) -> list[JsonObject]:
        """Return rows as the API shows them."""
        description = context.world.description
        plan = self._plans.get(description) or self._plans.setdefault(description, self._plan(description))
        columns = [values(context, rows) for values in plan.values]
        documents: list[JsonObject] = [dict(zip(plan.names, row, strict=True)) for row in zip(*columns, strict=True)]
        for name in plan.omitted:
            for document in documents:
                if document[name] is None:
                    del document[name]
        return documents

    def show_one(self, context: C, row: Row) -> JsonObject:
        """Return a row as the API shows it."""
        return self.show(context, [row])[0]

    def _plan(self, description: Description) -> _Plan:
        schema = description.root.at(f"#/components/schemas/{self.schema}")
        required = schema.child("required")
        names = required.value if required and isinstance(required.value, list) else []
        properties = dict(schema.children_of("properties"))
        omitted = [name for name, node in properties.items() if name not in names and not _is_nullable(node)]
        return _Plan(tuple(properties), tuple(map(self._values, properties)), tuple(omitted))

    def _values(self, name: str) -> Computed[C]:
        if name in self.computed:
            return self.computed[name]
        column = self.columns.get(name, snake_case(name))
        if column in self.selected:
            return _column(column)
        if column not in self.table.columns:
            raise DescriptionError(
                f"{self.schema}.{name}: nothing computes it, and {self.table.name} has no column {column!r}"
            )
        is_timestamp = self.table.columns[column].type == TIMESTAMP.type
        return _timestamps(column) if is_timestamp else _column(column)


@attrs.frozen
class _Plan:
    """The properties of a schema: their names, where their values come from, and which are left out when None."""

    names: tuple[str, ...]
    values: tuple[Computed[Any], ...]
    omitted: tuple[str, ...]


def _column(name: str) -> Computed[Context]:
    read = itemgetter(name)
    return lambda context, rows: [*map(read, rows)]


def _timestamps(column: str) -> Computed[Context]:
    def show(context: Context, rows: Sequence[Row]) -> list[Json]:
        write = context.world.timestamps.format
        return [None if (value := row[column]) is None else write(value) for row in rows]

    return show


def _is_nullable(schema: Node) -> bool:
    declared = schema.child("type")
    if declared is not None:
        return declared.value == "null" or (isinstance(declared.value, list) and "null" in declared.value)
    branches = [branch for key in ("oneOf", "anyOf") for _, branch in schema.children_of(key)]
    return any(map(_is_nullable, branches)) if branches else schema.child("enum") is None


def snake_case(name: str) -> str:
    """Return `createdAt` as `created_at`."""
    return re.sub(r"(?<=[a-z0-9])[A-Z]", lambda found: f"_{found[0]}", name).lower()
