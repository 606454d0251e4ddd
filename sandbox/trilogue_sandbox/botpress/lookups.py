"""Rows that a request names."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress.errors import ApiError, ErrorType
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.store import Store


def find(store: Store, select: Select, name: str, value: str, column: str = "id") -> sqlite3.Row:
    """Return the row that the path or a filter names; `name` says what it is: `conversation`.

    Raises:
        ApiError: there is none (ResourceNotFound).
    """
    return _found(optional(store, select, value, column), "ResourceNotFound", name, column, value)


def refer(store: Store, select: Select, name: str, value: str, column: str = "id") -> sqlite3.Row:
    """Return the row that a field of the body names.

    Raises:
        ApiError: there is none (ReferenceNotFound).
    """
    return _found(optional(store, select, value, column), "ReferenceNotFound", name, column, value)


def optional(store: Store, select: Select, value: str, column: str = "id") -> sqlite3.Row | None:
    """Return the row of a selection with this value, or None."""
    select = select.equal(column, value)
    return store.one(select.sql("LIMIT 1"), *select.values)


def _found(row: sqlite3.Row | None, error_type: ErrorType, name: str, column: str, value: str) -> sqlite3.Row:
    if row is None:
        raise ApiError(error_type, f"no {name} has the {column} {value!r}")
    return row
