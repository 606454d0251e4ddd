"""Arguments of control actions and seed data, with errors that name them."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.kernel.control_arguments import choice
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.resource_types import Kind

__all__ = ["account", "choice", "count", "due", "mapping", "only", "optional_text", "text", "thing"]


def text(given: JsonObject, name: str, default: str | None = None, longest: int = 10_000) -> str:
    """Return a text argument of 1 to `longest` characters.

    Raises:
        ControlError: it is missing and there is no default, or it is no text, or not of that length.
    """
    value = given.get(name, default)
    if not isinstance(value, str):
        raise ControlError(f"`{name}` is a text" + (" and must be given" if value is None else ""), name)
    if not 1 <= len(value) <= longest:
        raise ControlError(f"`{name}` has 1 to {longest} characters", name)
    return value


def optional_text(given: JsonObject, name: str, longest: int = 10_000) -> str | None:
    """Return a text argument of 1 to `longest` characters, or None where it is missing or null.

    Raises:
        ControlError: it is no text, or not of that length.
    """
    return None if given.get(name) is None else text(given, name, longest=longest)


def mapping(given: JsonObject, name: str) -> JsonObject:
    """Return an argument that is an object.

    Raises:
        ControlError: it is missing, or no object.
    """
    value = given.get(name)
    if not isinstance(value, dict):
        raise ControlError(f"`{name}` is an object", name)
    return value


def count(value: Json, name: str) -> int:
    """Return how many of something the seed data asks for.

    Raises:
        ControlError: it is no number of things.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 100_000:
        raise ControlError(f"`{name}` is a whole number from 0 to 100000", name)
    return value


def account(world: World, given: JsonObject) -> Account:
    """Return the account of the app that `client_id` names; the first one without.

    Raises:
        ControlError: there is no such app.
    """
    client_id = optional_text(given, "client_id")
    row = world.store.one(
        "SELECT account_id FROM pantheon_apps WHERE client_id = COALESCE(?, client_id) ORDER BY rowid LIMIT 1",
        client_id,
    )
    if row is None:
        raise ControlError("there is no app with this `client_id`", "client_id")
    return Account(world, row["account_id"])


def thing(world: World, given: JsonObject, kind: Kind, name: str) -> tuple[Account, sqlite3.Row]:
    """Return the row that an argument names by its id, and the account it belongs to.

    Raises:
        ControlError: it names nothing.
    """
    row = world.store.one(f"SELECT * FROM {kind.table} WHERE id = ?", text(given, name))
    if row is None:
        raise ControlError(f"`{name}` names no {kind.label}", name)
    return Account(world, row["account_id"]), row


def due(world: World, given: JsonObject, kind: Kind) -> tuple[Account, sqlite3.Row] | None:
    """Return the row that a timer was planted for, and its account; None if it was deleted meanwhile."""
    row = world.store.one(f"SELECT * FROM {kind.table} WHERE id = ?", text(given, "id"))
    return None if row is None else (Account(world, row["account_id"]), row)


def only(given: JsonObject, *names: str) -> None:
    """Refuse arguments of another name.

    Raises:
        ControlError: there is one.
    """
    for name in given:
        if name not in names:
            raise ControlError(f"there is no argument `{name}`; there is: {', '.join(names) or 'none'}", name)
