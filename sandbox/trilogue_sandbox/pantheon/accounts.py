"""Accounts: what their apps see, and nothing of any other account."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import attrs

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.records import Records
from trilogue_sandbox.kernel.resource import Action, Exchange, Handler, control_error
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.kernel.table import CREATED, TEXT, Column, Row, Table
from trilogue_sandbox.kernel.views import View
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon.errors import not_found

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_COUNTER_DIGITS = 6


def new_id(world: World, prefix: str) -> str:
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
class Account:
    """An account, and the app that acts for it in an exchange."""

    world: World
    id: str
    app_id: str = ""
    app_name: str = ""
    plan: str = ""

    @property
    def now(self) -> int:
        """The time in microseconds since 1970."""
        return self.world.now

    @property
    def records(self) -> Records:
        """The rows of all accounts, for those that are selected by what belongs to one account anyway."""
        return self.world.records

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


AppExchange: TypeAlias = Exchange[Account]


def find_named(exchange: AppExchange, table: Table, field: str) -> Row:
    """Return the row whose id is in a field of the body.

    Raises:
        ApiError: 404, there is none.
    """
    return exchange.context.find(table, exchange.body.string(field))


def find_named_if_given(exchange: AppExchange, table: Table, field: str) -> Row | None:
    """Return the row whose id is in a field of the body, or None if the field is not there.

    Raises:
        ApiError: 404, the field names nothing.
    """
    return find_named(exchange, table, field) if field in exchange.body else None


def getting(view: View[Account], field: str) -> Handler[AppExchange]:
    """Return the handler that shows the row whose id is in a field of the body."""
    return lambda exchange: view.show_one(exchange.context, find_named(exchange, view.table, field))


def deleting(table: Table, field: str, first: Callable[[Account, Row], object] | None = None) -> Handler[AppExchange]:
    """Return the handler that deletes the row whose id is in a field of the body; `first` ends what depends on it."""

    def delete(exchange: AppExchange) -> JsonObject:
        row = find_named(exchange, table, field)
        if first:
            first(exchange.context, row)
        exchange.records.remove(table, row)
        return {"id": row["id"], "deleted_at": exchange.world.timestamps.format(exchange.now)}

    return delete


def account_of(world: World, fields: Fields) -> Account:
    """Return the account of the app that `client_id` names; the first one without.

    Raises:
        ControlError: there is no such app.
    """
    client_id = fields.optional_string("client_id")
    row = world.records.select(APPS).equal("client_id", client_id).first("ORDER BY rowid")
    if row is None:
        raise ControlError("there is no app with this `client_id`", "client_id")
    return Account(world, row["account_id"])


def find_argument(world: World, fields: Fields, table: Table, name: str) -> tuple[Account, Row]:
    """Return the row that an argument of a control action names by its id, and the account it belongs to.

    Raises:
        ControlError: it names nothing.
    """
    row = world.records.find(table, id=fields.string(name))
    if row is None:
        raise control_error(name, f"names no {table.label}")
    return Account(world, row["account_id"]), row


def job(table: Table, run: Callable[[Account, Row], object]) -> Action:
    """Return a job about the row whose id it was scheduled with; nothing happens if that was deleted meanwhile."""

    def run_if_there(world: World, fields: Fields) -> None:
        row = world.records.find(table, id=fields.string("id"))
        if row is not None:
            run(Account(world, row["account_id"]), row)

    run_if_there.__doc__ = run.__doc__
    return run_if_there
