"""One call that has been let in, and what handlers do with it."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

import attrs

from trilogue_sandbox.kernel.http import JsonObject, Request, Response
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.store import Store
from trilogue_sandbox.rapidpro import bodies, limits, timestamps
from trilogue_sandbox.rapidpro.cursors import (
    FIRST_MODIFIED_FIRST,
    LAST_MODIFIED_FIRST,
    Ordering,
    address,
    find_page,
)
from trilogue_sandbox.rapidpro.errors import invalid_together, refusal, unknown
from trilogue_sandbox.rapidpro.fields import Context, read_body
from trilogue_sandbox.rapidpro.tenants import Tenant, User, Workspace

T = TypeVar("T")

Show: TypeAlias = Callable[[Tenant, Sequence[sqlite3.Row]], Sequence[JsonObject]]
"""Turns rows into what the API shows of them; all at once, so that what they refer to is read at once too."""

_TRUE = ("true", "y", "yes", "1")
_MAX_UUIDS = 100


@attrs.frozen
class Kind:
    """A kind of object that the query of a POST or DELETE can name."""

    model: str
    table: str
    key: str = "uuid"


@attrs.frozen
class Call:
    """A request whose sender is known and may send it."""

    request: Request
    tenant: Tenant
    user: User

    @property
    def store(self) -> Store:
        """The database."""
        return self.tenant.store

    @property
    def workspace(self) -> Workspace:
        """The workspace the token is for."""
        return self.tenant.workspace

    def select(self, table: str, columns: str = "item.*") -> Select:
        """Select the rows of this workspace in a table."""
        return Select(table, columns).where("item.workspace_id = ?", self.workspace.id)

    # -- the query ------------------------------------------------------------------------------------------------

    def values(self, name: str) -> list[str]:
        """Return every value of a parameter."""
        return [value for key, value in self.request.query if key == name]

    def text(self, name: str) -> str:
        """Return the last value of a parameter; empty if there is none."""
        return (self.values(name) or [""])[-1]

    def boolean(self, name: str) -> bool | None:
        """Return the truth value of a parameter; None if it is empty or not given."""
        text = self.text(name)
        return text.lower() in _TRUE if text else None

    def integer(self, name: str) -> int | None:
        """Return the number in a parameter; None if it is empty or not given.

        Raises:
            ApiError: it is no whole number.
        """
        text = self.text(name)
        if not text:
            return None
        try:
            number = int(text)
        except ValueError as error:
            raise refusal(f"Value for {name} must be an integer") from error
        return number if abs(number) < 1 << 63 else -1

    def uuid(self, name: str) -> str | None:
        """Return the first UUID of a parameter, in lower case and with hyphens; None if it is not given.

        Raises:
            ApiError: one of its values is no UUID (an empty one is none either), or there are more than 100.
        """
        return next(iter(self.uuids(name)), None)

    def uuids(self, name: str) -> list[str]:
        """Return all UUIDs of a parameter.

        Raises:
            ApiError: as `uuid`.
        """
        values = self.values(name)
        if len(values) > _MAX_UUIDS:
            raise refusal(f"Param '{name}' can have a maximum of {_MAX_UUIDS} values.")
        return [_read_uuid(name, value) for value in values]

    def refuse_together(self, *names: str) -> None:
        """Make sure that at most one of some parameters is given.

        Raises:
            ApiError: more of them are; empty ones do not count.
        """
        if sum(bool(self.text(name)) for name in names) > 1:
            raise refusal(f"You may only specify one of the {', '.join(names)} parameters")

    def within(self, select: Select, column: str) -> Select:
        """Narrow a selection down to `before` and `after`; to nothing if one of them cannot be read."""
        column = column if "." in column else f"item.{column}"
        for name, comparison in (("before", "<="), ("after", ">=")):
            if text := self.text(name):
                moment = timestamps.read(text)
                bounded = f"{column} {comparison} ?"
                select = select.nothing() if moment is None else select.where(bounded, moment)
        return select

    def with_uuid(self, select: Select) -> Select:
        """Narrow a selection down to the UUID in the query, if there is one."""
        wanted = self.uuid("uuid")
        return select if wanted is None else select.where("item.uuid = ?", wanted)

    def with_name(self, select: Select) -> Select:
        """Narrow a selection down to the name in the query, whatever the case of its letters, if there is one."""
        wanted = self.text("name").lower()
        if not wanted:
            return select
        rows = self.store.all(select.sql(""), *select.values)
        return select.among("id", [row["id"] for row in rows if row["name"].lower() == wanted])

    @property
    def by_modification(self) -> Ordering:
        """The order of lists sorted by their last change: the latest first, or with `reverse` the earliest."""
        return FIRST_MODIFIED_FIRST if self.boolean("reverse") else LAST_MODIFIED_FIRST

    # -- what a POST or DELETE is about ---------------------------------------------------------------------------

    def identify(self, *names: str) -> tuple[str, str] | None:
        """Return which of some identifying parameters is given, and its value; None if none is.

        Raises:
            ApiError: more than one is, or a DELETE has none.
        """
        given = [name for name in names if self.text(name)]
        listed = ", ".join(sorted(names))
        if len(given) > 1:
            raise refusal(f"URL can only contain one of the following parameters: {listed}")
        if not given and self.request.method == "DELETE":
            raise refusal(f"URL must contain one of the following parameters: {listed}")
        return (given[0], self.text(given[0])) if given else None

    def target(self, kind: Kind) -> sqlite3.Row | None:
        """Return the active row that the query names; None if a POST names none and so is to create.

        Raises:
            ApiError: the parameter is malformed, missing (DELETE), or names nothing.
        """
        if kind.key == "uuid":
            self.uuids("uuid")
        identified = self.identify(kind.key)
        return self.find(kind, identified[1]) if identified else None

    def find(self, kind: Kind, value: str) -> sqlite3.Row:
        """Return the active row with this key.

        Raises:
            ApiError: there is none (404).
        """
        wanted = str(uuid.UUID(value)) if kind.key == "uuid" else value
        select = self.select(kind.table).where("item.is_active = 1").where(f"item.{kind.key} = ?", wanted)
        row = self.store.one(select.sql("LIMIT 1"), *select.values)
        if row is None:
            raise unknown(kind.model)
        return row

    # -- the body -------------------------------------------------------------------------------------------------

    def body(self, body_type: type[T], changed: sqlite3.Row | None = None, identified_by: str | None = None) -> T:
        """Read the body into its class; `changed` is the row that is being changed, found by the parameter named.

        Raises:
            ApiError: it cannot be parsed (400, 415), the workspace is suspended, or a field fails (400).
        """
        fields, is_form = bodies.parse(self.request)
        self.refuse_if_suspended()
        context = Context(self.tenant, self.user, changed, identified_by, is_form)
        return read_body(body_type, fields, context)

    def refuse_if_suspended(self) -> None:
        """Make sure the workspace may write.

        Raises:
            ApiError: it is suspended or flagged.
        """
        workspace = self.workspace
        if workspace.is_suspended or workspace.is_flagged:
            state = "suspended" if workspace.is_suspended else "flagged"
            raise invalid_together(
                f"Sorry, your workspace is currently {state}. To re-enable starting flows and sending messages, please"
                " contact support."
            )

    def check_room(self, name: str) -> None:
        """Make sure the workspace may have one more row in `rapidpro_<name>`.

        Raises:
            ApiError: it is full (409).
        """
        limits.check_room(self.tenant, name)

    # -- answers --------------------------------------------------------------------------------------------------

    def shown(self, table: str, row_id: int, show: Show) -> JsonObject:
        """Return one row as the API shows it."""
        return show(self.tenant, self.store.all(f"SELECT * FROM {table} WHERE id = ?", row_id))[0]

    def page(self, select: Select, ordering: Ordering, show: Show) -> Response:
        """Answer with the page of a selection that the query asks for."""
        cursor = self.values("cursor")
        page = find_page(self.store, select, ordering, cursor[-1] if cursor else None)
        url, query = self.request.base_url + self.request.path, self.request.query
        return Response.json(
            {
                "next": address(url, query, page.next),
                "previous": address(url, query, page.previous),
                "results": show(self.tenant, page.rows),
            }
        )


def _read_uuid(name: str, value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError as error:
        raise refusal(f"Param '{name}': {value} is not a valid UUID.") from error
