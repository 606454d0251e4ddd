"""Types of tables and columns."""

from __future__ import annotations

from collections.abc import Sequence

from trilogue_sandbox.kernel.table import BOOLEAN, CREATED, INTEGER, KEY, TEXT, UUID, Column, Table


def plain_table(
    name: str,
    /,
    *,
    indexes: Sequence[str] = (),
    unique: Sequence[str] = (),
    primary_key: str = "",
    triggers: Sequence[str] = (),
    **columns: Column,
) -> Table:
    """Return a table that is named after the platform."""
    return Table(
        f"rapidpro_{name}", columns, indexes=indexes, unique_indexes=unique, primary_key=primary_key, triggers=triggers
    )


def object_table(name: str, /, *, indexes: Sequence[str] = (), unique: Sequence[str] = (), **columns: Column) -> Table:
    """Return a table of objects that are listed newest first and only marked as deleted."""
    common = {"id": KEY, "uuid": UUID, "workspace_id": WORKSPACE, "is_active": YES, "created_on": CREATED}
    return Table(f"rapidpro_{name}", {**common, **columns}, indexes=[NEWEST, *indexes], unique_indexes=unique)


def pair_table(name: str, /, **columns: str) -> Table:
    """Return a table of pairs of rows, each of them once; `columns` name the tables of the rows."""
    references = {column: ref(table) for column, table in columns.items()}
    return Table(f"rapidpro_{name}", references, primary_key=", ".join(columns))


def ref(table: str) -> Column:
    """Return the column with the number of a row in another table."""
    return INTEGER.references(f"rapidpro_{table}")


WORKSPACE = ref("workspaces")
YES, NO = BOOLEAN.default(True), BOOLEAN.default(False)
UUID7 = TEXT.filled(lambda world: world.ids.uuid7()).unique()
NEWEST = "workspace_id, is_active, created_on, id"
MODIFIED = "workspace_id, is_active, modified_on, id"
NAMED = "workspace_id, lowercase(name)"
