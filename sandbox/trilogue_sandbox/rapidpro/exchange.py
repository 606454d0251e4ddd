"""A request that has been let in, and what handlers read out of it and respond with."""

from __future__ import annotations

import uuid
from typing import TypeAlias, TypeVar

import attrs

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.kernel.resource import Exchange as KernelExchange
from trilogue_sandbox.kernel.resource import Resource as KernelResource
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.rapidpro.context import Workspace, WorkspaceContext
from trilogue_sandbox.rapidpro.cursors import (
    FIRST_MODIFIED_FIRST,
    LAST_MODIFIED_FIRST,
    NEWEST_FIRST,
    Ordering,
    find_page,
    page_url,
)
from trilogue_sandbox.rapidpro.errors import api_error, invalid_together, not_found
from trilogue_sandbox.rapidpro.references import ApiView
from trilogue_sandbox.rapidpro.serializers import Serializer, parse_body, read_body

T = TypeVar("T")

_TRUE = ("true", "y", "yes", "1")
_MAX_UUIDS = 100


@attrs.frozen
class Model:
    """What the query of a POST or DELETE can name: rows of a table, called `name` in errors."""

    name: str
    table: Table
    key: str = "uuid"


@attrs.frozen
class Exchange(KernelExchange[WorkspaceContext]):
    """A request whose sender is known and may send it. Its query and body are read as the real server reads them."""

    user_id: int = attrs.field(kw_only=True)

    @property
    def workspace(self) -> Workspace:
        """The workspace the token is for."""
        return self.context.workspace

    # -- the query ------------------------------------------------------------------------------------------------

    def strings(self, name: str) -> list[str]:
        """Return every value of a parameter."""
        return [value for key, value in self.request.query if key == name]

    def string(self, name: str) -> str:
        """Return the last value of a parameter; empty if there is none."""
        return next((value for key, value in reversed(self.request.query) if key == name), "")

    def boolean(self, name: str) -> bool | None:
        """Return the truth value of a parameter; None if it is empty or not given."""
        value = self.string(name)
        return value.lower() in _TRUE if value else None

    def integer(self, name: str) -> int | None:
        """Return the integer in a parameter; None if it is empty or not given.

        Raises:
            ApiError: it is no integer.
        """
        value = self.string(name)
        if not value:
            return None
        try:
            number = int(value)
        except ValueError as error:
            raise api_error(f"Value for {name} must be an integer") from error
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
        values = self.strings(name)
        if len(values) > _MAX_UUIDS:
            raise api_error(f"Param '{name}' can have a maximum of {_MAX_UUIDS} values.")
        return [_read_uuid(name, value) for value in values]

    # -- lists ----------------------------------------------------------------------------------------------------

    @property
    def by_modification(self) -> Ordering:
        """The order of lists sorted by their last change: the latest first, or with `reverse` the earliest."""
        return FIRST_MODIFIED_FIRST if self.boolean("reverse") else LAST_MODIFIED_FIRST

    def page(self, select: Select, view: ApiView, ordering: Ordering = NEWEST_FIRST) -> JsonObject:
        """Return the page of a selection that the query asks for."""
        cursors = self.strings("cursor")
        page = find_page(select, ordering, cursors[-1] if cursors else None)
        url, query = self.request.base_url + self.request.path, self.request.query
        return {
            "next": page_url(url, query, page.next),
            "previous": page_url(url, query, page.previous),
            "results": [*view.show(self.context, page.rows)],
        }

    # -- what a POST or DELETE is about ---------------------------------------------------------------------------

    def identify(self, *names: str) -> tuple[str, str] | None:
        """Return which of some identifying parameters is given, and its value; None if none is.

        Raises:
            ApiError: more than one is, or a DELETE has none.
        """
        given = [name for name in names if self.string(name)]
        listed = ", ".join(sorted(names))
        if len(given) > 1:
            raise api_error(f"URL can only contain one of the following parameters: {listed}")
        if not given and self.request.method == "DELETE":
            raise api_error(f"URL must contain one of the following parameters: {listed}")
        return (given[0], self.string(given[0])) if given else None

    def target(self, model: Model) -> Row | None:
        """Return the active row that the query names; None if a POST names none and so is to create.

        Raises:
            ApiError: the parameter is malformed, missing (DELETE), or names nothing (404).
        """
        if model.key == "uuid":
            self.uuids("uuid")
        identified = self.identify(model.key)
        if identified is None:
            return None
        wanted = str(uuid.UUID(identified[1])) if model.key == "uuid" else identified[1]
        row = self.context.select(model.table, is_active=True).where(f"item.{model.key} = ?", wanted).first()
        if row is None:
            raise not_found(model.name)
        return row

    def deleted(self, model: Model) -> Row:
        """Return the active row that the query of a DELETE names.

        Raises:
            ApiError: as `target`.
        """
        row = self.target(model)
        assert row is not None
        return row

    # -- the body -------------------------------------------------------------------------------------------------

    def read_body(self, body_type: type[T], changed: Row | None = None, identified_by: str | None = None) -> T:
        """Read the body into its class; `changed` is the row that is being changed, found by the parameter named.

        Raises:
            ApiError: it cannot be parsed (400, 415), the workspace is suspended, or a field fails (400).
        """
        fields, is_form = parse_body(self.request)
        self.require_writable()
        return read_body(body_type, fields, Serializer(self.context, changed, identified_by, is_form))

    def require_writable(self) -> None:
        """Make sure the workspace may write.

        Raises:
            ApiError: it is suspended or flagged.
        """
        if self.workspace.is_suspended or self.workspace.is_flagged:
            state = "suspended" if self.workspace.is_suspended else "flagged"
            raise invalid_together(
                f"Sorry, your workspace is currently {state}. To re-enable starting flows and sending messages, please"
                " contact support."
            )

    # -- responses ------------------------------------------------------------------------------------------------

    def saved(self, view: ApiView, row: Row, *, is_new: bool) -> Response:
        """Return the response with a row that was created or changed."""
        return Response.json(view.show(self.context, [row])[0], 201 if is_new else 200)


Resource: TypeAlias = KernelResource[Exchange]


def no_content() -> Response:
    """Return a 204 with the JSON string `""`, as the real server responds to bulk actions where no proxy is."""
    return Response.json("", 204)


def _read_uuid(name: str, value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError as error:
        raise api_error(f"Param '{name}': {value} is not a valid UUID.") from error
