"""Rows as the API shows them, with references to others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, TypeAlias, cast

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import json_list
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.kernel.views import View
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.tables import FLOW_STARTS, URNS, USERS

_SHOWN: Mapping[Table, tuple[str, str | None, str]] = {
    USERS: ("email", "name", "item.email, TRIM(item.first_name || ' ' || item.last_name)"),
    FLOW_STARTS: ("uuid", None, "item.uuid, NULL"),
    URNS: ("scheme", "path", "item.scheme, item.path"),
}
"""The two properties of a reference and the columns they come from, where these are not `uuid` and `name`."""

_WANTED = "json_each(?) AS wanted"
"""The numbers that are looked for, each of them once; joined, as `IN` would keep them in a table before."""

_Found: TypeAlias = tuple[int, int, int, int, str, str]

Formatter: TypeAlias = Callable[[str, str], Json]


@attrs.frozen(eq=False)
class Several:
    """Rows of a table of which one row can have several, in the order of their numbers.

    The column `owner` has the number of the row they belong to. It is one of the table, or of `pairs`, which has that
    of the row in `column`. `order` comes before the numbers. `formatter` returns what shows a row from its two columns,
    if it is not shown as a reference.
    """

    table: Table
    owner: str
    pairs: Table | None = None
    column: str = ""
    order: str = "0"
    formatter: Callable[[WorkspaceContext], Formatter] | None = None

    @cached_property
    def sql(self) -> str:
        """The statement for the rows of some owners."""
        owner, owned = f"item.{self.owner}", f"{self.table.name} AS item ON item.{self.owner} = wanted.value"
        if self.pairs:
            owner = f"pair.{self.owner}"
            owned = f"{self.pairs.name} AS pair ON {owner} = wanted.value"
            owned += f" CROSS JOIN {self.table.name} AS item ON item.id = pair.{self.column}"
        shown = f"{owner}, {self.order}, item.id, {_shown(self.table)[2]}"
        return f"SELECT ?, {shown} FROM {_WANTED} CROSS JOIN {owned}"

    def format_in(self, context: WorkspaceContext) -> Formatter:
        """Return what shows a row from its two columns."""
        return self.formatter(context) if self.formatter else _reference_formatter(self.table)


@attrs.frozen(eq=False)
class ApiView(View[WorkspaceContext]):
    """A view in which `references` are shown by UUID and name, and all of a page are read in one statement.

    They are named by property, with the table and the column that holds the number of its row; or with `Several`.
    """

    references: Mapping[str, tuple[Table, str] | Several] = attrs.field(factory=dict[str, Any], kw_only=True)

    def __attrs_post_init__(self) -> None:
        columns = {name: "id" if isinstance(to, Several) else to[1] for name, to in self.references.items()}
        object.__setattr__(self, "columns", {**self.columns, **columns})  # numbers, until `show` knows what they mean

    @cached_property
    def _single(self) -> Mapping[str, tuple[Table, str]]:
        return {name: to for name, to in self.references.items() if not isinstance(to, Several)}

    @cached_property
    def _several(self) -> Mapping[str, Several]:
        return {name: to for name, to in self.references.items() if isinstance(to, Several)}

    def show(self, context: WorkspaceContext, rows: Sequence[Row]) -> list[JsonObject]:
        """Return rows as the API shows them."""
        documents = super().show(context, rows)
        single, ids = self._single, [row["id"] for row in rows]
        numbers = {name: [row[column] for row in rows] for name, (_, column) in single.items()}
        wanted: dict[Table, set[int | None]] = {}
        for name, (table, _) in single.items():
            wanted.setdefault(table, set()).update(numbers[name])
        found, owned = _read_references(context, wanted, self._several, ids)
        for name, (table, _) in single.items():
            for document, number in zip(documents, numbers[name], strict=True):
                document[name] = None if number is None else found[table, number]
        for name, gathered in owned.items():
            for document, row_id in zip(documents, ids, strict=True):
                document[name] = gathered[row_id]
        return documents


def refer_to(context: WorkspaceContext, table: Table, ids: Iterable[int | None]) -> dict[int | None, Json]:
    """Return the references to rows of a table by their numbers; None for None."""
    found, _ = _read_references(context, {table: set(ids)})
    return {None: None, **{number: reference for (_, number), reference in found.items()}}


def _read_references(
    context: WorkspaceContext,
    wanted: Mapping[Table, set[int | None]],
    several: Mapping[str, Several] = MappingProxyType({}),
    owners: Sequence[int] = (),
) -> tuple[dict[tuple[Table, int], Json], dict[str, defaultdict[int, list[Json]]]]:
    """Return the references to rows by table and number, and the lists of them by property and owner."""
    single = [table for table, ids in wanted.items() if ids - {None}]
    lists = [*several.values()] if owners else []
    parts = [*map(_select_references, single), *(each.sql for each in lists)]
    values = [json_list(wanted[table] - {None}) for table in single] + [json_list({*owners})] * len(lists)
    formatters = [*map(_reference_formatter, single), *(each.format_in(context) for each in lists)]
    found: dict[tuple[Table, int], Json] = {}
    owned = {name: defaultdict[int, list[Json]](list) for name in several}
    gathered = [*owned.values()]
    shown: dict[tuple[int, int], Json] = {}
    for place, owner, _, number, first, second in _read_all(context, parts, values):
        if (place, number) not in shown:
            shown[place, number] = formatters[place](first, second)
        if place < len(single):
            found[single[place], number] = shown[place, number]
        else:
            gathered[place - len(single)][owner].append(shown[place, number])
    return found, owned


def _read_all(context: WorkspaceContext, parts: Sequence[str], values: Sequence[str]) -> list[_Found]:
    """Return the place of its statement, the owner, the order and the number of each row, and what is shown of it."""
    placed = [value for pair in enumerate(values) for value in pair]
    rows = context.store.all(" UNION ALL ".join(parts) + " ORDER BY 1, 2, 3, 4", *placed) if parts else []
    return cast("list[_Found]", rows)


@cache
def _select_references(table: Table) -> str:
    shown = f"0, 0, item.id, {_shown(table)[2]}"
    return f"SELECT ?, {shown} FROM {_WANTED} CROSS JOIN {table.name} AS item ON item.id = wanted.value"


def _reference_formatter(table: Table) -> Formatter:
    key, name, _ = _shown(table)
    return (lambda first, second: {key: first, name: second}) if name else lambda first, _: {key: first}


def _shown(table: Table) -> tuple[str, str | None, str]:
    return _SHOWN.get(table, ("uuid", "name", "item.uuid, item.name"))
