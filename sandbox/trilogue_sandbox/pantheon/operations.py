"""What the handlers, actions and jobs of all resources share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.resource import Action, Exchange, Handler, control_error
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.kernel.views import View
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon.accounts import APPS, Account

AppExchange: TypeAlias = Exchange[Account]

Change: TypeAlias = Callable[[Account, Row, Fields], Row]
"""Does something with a row, as a body or arguments ask; returns the row to be shown."""


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


def updating(view: View[Account], field: str, *names: str) -> Handler[AppExchange]:
    """Return the handler that writes those of some fields of the body that are given into a row, and shows it."""
    return changing(view, field, lambda account, row, body: account.change(view.table, row, **body.given(*names)))


def changing(view: View[Account], field: str, change: Change) -> Handler[AppExchange]:
    """Return the handler that does something with the row whose id is in a field of the body, and shows the result."""

    def change_named(exchange: AppExchange) -> JsonObject:
        row = find_named(exchange, view.table, field)
        return view.show_one(exchange.context, change(exchange.context, row, exchange.body))

    return change_named


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


def find_argument(
    world: World, fields: Fields, table: Table, name: str, statuses: Sequence[str] = ()
) -> tuple[Account, Row]:
    """Return the row that an argument of a control action names by its id, and the account it belongs to.

    Raises:
        ControlError: it names nothing, or the row has none of these statuses.
    """
    row = world.records.find(table, id=fields.string(name))
    if row is None:
        raise control_error(name, f"names no {table.label}")
    if statuses and row["status"] not in statuses:
        raise ControlError(f"the {table.label} is {row['status']}, not {' or '.join(statuses)}", name)
    return Account(world, row["account_id"]), row


def acting(view: View[Account], name: str, change: Change, *names: str, statuses: Sequence[str] = ()) -> Action:
    """Return the action that does something with the row that an argument names, and shows the result.

    `names` are its further arguments; the row must have one of the statuses, if there are any.
    """

    def act(world: World, fields: Fields) -> JsonObject:
        fields.only(name, *names)
        account, row = find_argument(world, fields, view.table, name, statuses)
        return view.show_one(account, change(account, row, fields))

    act.__doc__ = change.__doc__
    return act


def job(table: Table, run: Callable[[Account, Row], object]) -> Action:
    """Return a job about the row whose id it was scheduled with; nothing happens if that was deleted meanwhile."""

    def run_if_there(world: World, fields: Fields) -> None:
        row = world.records.find(table, id=fields.string("id"))
        if row is not None:
            run(Account(world, row["account_id"]), row)

    run_if_there.__doc__ = run.__doc__
    return run_if_there
