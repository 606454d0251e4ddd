"""Arguments of control actions, with errors that name them."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.kernel.control_arguments import choice, count, integer, text
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import references, urns
from trilogue_sandbox.rapidpro.tenants import Tenant

__all__ = ["choice", "contact", "count", "integer", "row", "tenant", "text", "urn"]


def tenant(world: World, arguments: JsonObject) -> Tenant:
    """Return the workspace of an action, which `workspace` names by name or UUID; the main one unless given.

    Raises:
        ControlError: there is no such workspace.
    """
    wanted = text(arguments, "workspace", "")
    row = world.store.one(
        "SELECT id FROM rapidpro_workspaces WHERE ? IN (uuid, name) OR (? = '' AND id = 1)", wanted, wanted
    )
    if row is None:
        names = [row["name"] for row in world.store.all("SELECT name FROM rapidpro_workspaces ORDER BY id")]
        raise ControlError(f"there is no workspace {wanted!r}; there is: {', '.join(names)}", "workspace")
    return Tenant.load(world, row["id"])


def contact(of: Tenant, arguments: JsonObject, name: str = "contact") -> sqlite3.Row:
    """Return the contact that an argument names by UUID or URN.

    Raises:
        ControlError: there is none.
    """
    return _found(references.contact(of, text(arguments, name)), name, "contact with this UUID or URN")


def urn(of: Tenant, arguments: JsonObject) -> urns.Urn:
    """Return the argument `urn`.

    Raises:
        ControlError: it is no URN.
    """
    given = text(arguments, "urn")
    found = urns.parse(given, of.workspace.country)
    if found is None:
        raise ControlError("`urn` is not a URN such as tel:+250788123123", "urn")
    return found


def row(of: Tenant, arguments: JsonObject, name: str, table: str) -> sqlite3.Row:
    """Return the active row of `rapidpro_<table>` that an argument names by UUID or name.

    Raises:
        ControlError: there is none.
    """
    return _found(references.by_uuid_or_name(table)(of, text(arguments, name)), name, f"row of {table} with this name")


def _found(row: sqlite3.Row | None, name: str, description: str) -> sqlite3.Row:
    if row is None:
        raise ControlError(f"`{name}`: there is no {description}", name)
    return row
