"""Accounts: what their apps see, and nothing of any other account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.kernel.table import CREATED, TEXT, Column, Row, RowContext, Table
from trilogue_sandbox.kernel.views import Context
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon.errors import not_found

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_COUNTER_DIGITS = 6


def new_id(world: RowContext, prefix: str) -> str:
    """Return an id that was never given before: a prefix, the time, a counter and chance.

    Of two ids of the same millisecond the later one sorts later, so that a list in order of creation can be read while
    rows are added.
    """
    count = world.store.state["pantheon:ids"] = world.store.state.get("pantheon:ids", 0) + 1
    ulid = world.ids.ulid()
    digits = "".join(_DIGITS[count >> shift & 31] for shift in range(5 * _COUNTER_DIGITS - 5, -1, -5))
    return f"{prefix}_{ulid[:10]}{digits}{ulid[10 + _COUNTER_DIGITS :]}"


def resource_id(prefix: str) -> Column:
    """Return a key column with ids such as `conv_01KDX2V3...`."""
    return TEXT.key().filled(lambda world: new_id(world, prefix))


def account_table(
    name: str, prefix: str, columns: Mapping[str, Column], indexes: Iterable[str] = (), label: str = "", **more: Any
) -> Table:
    """Return a table whose rows belong to an account and are listed by the time they were added."""
    shared = {"id": resource_id(prefix), "account_id": TEXT, "created_at": CREATED}
    indexes = ("account_id, created_at, id", *indexes)
    return Table(f"pantheon_{name}", {**shared, **columns}, indexes, label=label or name.removesuffix("s"), **more)


SETTINGS = Table("pantheon_settings", {"origin": TEXT.default("http://127.0.0.1"), "signing_key": TEXT})
"""One row: the origin that was called last, for the URLs in responses, and the key that signs links to files."""

ACCOUNTS = Table("pantheon_accounts", {"id": resource_id("acct"), "plan": TEXT})
APPS = account_table("apps", "app", {"name": TEXT, "client_id": TEXT.unique(), "client_secret": TEXT})


def settings(world: World) -> Row:
    """Return the row of the settings."""
    return world.records.get(SETTINGS, 1)


@attrs.frozen
class Account(Context):
    """An account, and the app that acts for it in an exchange."""

    id: str
    app_id: str = ""
    app_name: str = ""
    plan: str = ""

    def add(self, table: Table, **values: Any) -> Row:
        """Add a row and return it."""
        return self.records.add(table, {**values, "account_id": self.id})

    def change(self, table: Table, row: Row, **values: Any) -> Row:
        """Write what differs from a row; return the row then."""
        return self.records.change(table, row, **values)

    def get(self, table: Table, row_id: str) -> Row | None:
        """Return a row, or None if there is none in this account."""
        return self.records.find(table, id=row_id, account_id=self.id)

    def find(self, table: Table, row_id: str) -> Row:
        """Return a row.

        Raises:
            ApiError: 404, there is none in this account.
        """
        row = self.get(table, row_id)
        if row is None:
            raise not_found(table.label)
        return row

    def select(self, table: Table, **values: SqlValue) -> Select:
        """Select the rows of this account with some values."""
        return self.records.select(table, account_id=self.id, **values)
