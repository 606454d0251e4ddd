"""Counts that the API shows, kept by triggers, so that no request counts rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from trilogue_sandbox.kernel.records import Records
from trilogue_sandbox.kernel.table import INTEGER, TEXT, Table

COUNTS = Table(
    "rapidpro_counts", {"counted": TEXT, "id": INTEGER, "name": TEXT, "count": INTEGER}, primary_key="counted, id, name"
)

_ADD = (
    "INSERT INTO rapidpro_counts SELECT '{counted}', new.{id}, {new_name}, 0 WHERE new.{id} IS NOT NULL"
    " ON CONFLICT DO NOTHING;"
    " UPDATE rapidpro_counts SET count = count + 1 WHERE counted = '{counted}' AND id = new.{id} AND name = {new_name};"
)
"""An upsert would do in one statement, in a third more time; it runs for each row of a million."""

_SUBTRACT = (
    "UPDATE rapidpro_counts SET count = count - 1 WHERE counted = '{counted}' AND id = old.{id} AND name = {old_name};"
)


def counted(rows: str, by: str, owner: str, name: str = "''", changing: str = "") -> tuple[str, ...]:
    """Return the triggers that count the rows of a table for what `by` refers to, a row of the table `owner`.

    There is a count for each `name`, an expression over `{row}`. `changing` lists the columns whose change moves a row
    from one count to another.
    """
    parts = {"counted": owner, "id": by, "new_name": name.format(row="new"), "old_name": name.format(row="old")}
    add, subtract = _ADD.format(**parts), _SUBTRACT.format(**parts)
    events = {"INSERT": add, "DELETE": subtract, **({f"UPDATE OF {changing}": subtract + add} if changing else {})}
    return tuple(
        f"CREATE TRIGGER rapidpro_{rows}_counted{number} AFTER {event} ON rapidpro_{rows} BEGIN {statements} END"
        for number, (event, statements) in enumerate(events.items(), 1)
    )


def read_counts(records: Records, owner: Table, ids: Iterable[int]) -> Mapping[tuple[int, str], int]:
    """Return the counts of some rows, by the rows' numbers and the names of the counts."""
    rows = records.select(COUNTS, counted=owner.name.removeprefix("rapidpro_")).among("id", ids).all()
    return defaultdict(int, {(row["id"], row["name"]): row["count"] for row in rows})
