"""A request that has been let in, and what handlers read out of it and respond with."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypeVar

import attrs

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.kernel.parameters import group_by_key
from trilogue_sandbox.kernel.resource import Exchange as KernelExchange
from trilogue_sandbox.kernel.resource import Resource as KernelResource
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.rapidpro.context import Workspace, WorkspaceContext
from trilogue_sandbox.rapidpro.cursors import (
    FIRST_MODIFIED_FIRST,
    LAST_MODIFIED_FIRST,
    NEWEST_FIRST,
    MalformedPosition,
    Ordering,
    find_page,
    invalid_cursor,
    page_url,
)
from trilogue_sandbox.rapidpro.errors import api_error, invalid_together, not_found
from trilogue_sandbox.rapidpro.references import is_uuid, normal_uuid
from trilogue_sandbox.rapidpro.request_bodies import parse_body
from trilogue_sandbox.rapidpro.serializers import Serializer, read_body
from trilogue_sandbox.rapidpro.servers import Server
from trilogue_sandbox.rapidpro.views import ApiView

T = TypeVar("T")

_TRUE = ("true", "y", "yes", "1")
_MAX_UUIDS = 100
_MALFORMED_UUID = "malformed-uuid"


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
    _given: Mapping[str, Sequence[str]] = attrs.field(
        init=False, repr=False, default=attrs.Factory(lambda self: _known_query(self), takes_self=True)
    )

    @property
    def server(self) -> Server:
        """Which of the servers the sandbox is."""
        return self.context.server

    @property
    def workspace(self) -> Workspace:
        """The workspace the token is for."""
        return self.context.workspace

    # -- the query ------------------------------------------------------------------------------------------------

    def takes(self, name: str) -> bool:
        """Whether this server has a parameter."""
        return name in self.operation.query_names

    def strings(self, name: str) -> Sequence[str]:
        """Return every value of a parameter; none if this server has no such parameter."""
        values = self._given.get(name, ())
        for value in values:
            if "\0" in value:
                self.fail_as("nul", name)
        return values

    def string(self, name: str) -> str:
        """Return the last value of a parameter; empty if there is none."""
        values = self.strings(name)
        return values[-1] if values else ""

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

    def number(self, name: str) -> int | None:
        """Return the number of a row in a parameter; None if it is empty or not given.

        Raises:
            ApiError: it is no integer.
            KnownFault: it is no integer, and the server does not look.
        """
        if not re.fullmatch(r"\s*[-+]?\d*\s*", self.string(name)):
            self.fail_as("malformed-number", name)
        return self.integer(name)

    def choices(self, name: str) -> frozenset[str]:
        """Return the values that the description names for a parameter."""
        enums = [parameter.schema.child("enum") for parameter in self.operation.parameters if parameter.name == name]
        return frozenset(str(value.value) for enum in enums if enum for _, value in enum.children())

    def uuid(self, name: str) -> str | None:
        """Return the first UUID of a parameter, in the form in which it is looked for; None if it is not given.

        Raises:
            ApiError: one of its values is no UUID (an empty one is none either), or there are more than 100.
            KnownFault: it is no UUID, and the server does not look.
        """
        return next(iter(self.uuids(name)), None)

    def uuids(self, name: str) -> list[str]:
        """Return all UUIDs of a parameter.

        Raises:
            ApiError: as `uuid`.
            KnownFault: as `uuid`.
        """
        values = self.strings(name)
        if not self.server.validates(f"{self.operation.id} {name}"):
            return self.unvalidated_uuids(name)[-1:]
        if len(values) > _MAX_UUIDS:
            raise api_error(f"Param '{name}' can have a maximum of {_MAX_UUIDS} values.")
        return [self._read_uuid(name, value) for value in values]

    def unvalidated_uuids(self, name: str) -> list[str]:
        """Return all UUIDs of a parameter whose form the server does not check.

        Raises:
            KnownFault: one is malformed.
        """
        return [self._lookup_value(name, value) for value in self.strings(name) if value]

    def _read_uuid(self, name: str, value: str) -> str:
        try:
            return str(uuid.UUID(value))
        except ValueError as error:
            raise api_error(self.server.malformed_uuid.format(name=name, value=value)) from error

    def _lookup_value(self, name: str, value: str) -> str:
        """Return a UUID that the server does not check: as it is where it is kept as text, or else in normal form."""
        if not self.has_fault(_MALFORMED_UUID, name):
            return value
        if (normal := normal_uuid(value)) == value and not is_uuid(value):
            self.fail_as(_MALFORMED_UUID, name)
        return normal

    # -- lists ----------------------------------------------------------------------------------------------------

    @property
    def by_modification(self) -> Ordering:
        """The order of lists sorted by their last change: the latest first, or with `reverse` the earliest."""
        return FIRST_MODIFIED_FIRST if self.boolean("reverse") else LAST_MODIFIED_FIRST

    def page(self, select: Select, view: ApiView, ordering: Ordering = NEWEST_FIRST) -> JsonObject:
        """Return the page of a selection that the query asks for."""
        cursors = self.strings("cursor")
        try:
            page = find_page(select, ordering, cursors[-1] if cursors else None)
        except MalformedPosition as error:
            self.fail_as("cursor-position", "cursor")
            raise invalid_cursor() from error
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
            ApiError: more than one is, a UUID is malformed, or a DELETE has none.
            KnownFault: a UUID is malformed, and the server does not look.
        """
        values = {key: value for key, value in self.request.query if key in names}
        listed = ", ".join(sorted(names))
        if "uuid" in values:
            values["uuid"] = self._identifying_uuid(values["uuid"])
        if len(values) > 1:
            raise api_error(f"URL can only contain one of the following parameters: {listed}")
        if not values and self.request.method == "DELETE":
            raise api_error(f"URL must contain one of the following parameters: {listed}")
        return next(iter(values.items()), None)

    def _identifying_uuid(self, value: str) -> str:
        return self._read_uuid("uuid", value) if self.server.validates("*") else self._lookup_value("uuid", value)

    def target(self, model: Model) -> Row | None:
        """Return the active row that the query names; None if a POST names none and so is to create.

        Where objects are only created, the server looks for the row as well, and then creates another one with 200.

        Raises:
            ApiError: the parameter is malformed, missing (DELETE), or names nothing (404).
            KnownFault: the parameter is malformed, and the server does not look.
        """
        identified = self.identify(model.key)
        if identified is None:
            return None
        if "\0" in identified[1]:
            self.fail_as("nul", model.key)
        row = self.context.select(model.table).where(f"item.{model.key} = ?", identified[1]).first()
        if row is None or not ("is_active" not in model.table.columns or row["is_active"]):
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
        given, is_form = parse_body(self.request)
        self.require_writable()
        known = self.operation.body_fields
        fields = {name: value for name, value in given.items() if name in known}
        return read_body(body_type, fields, Serializer(self.context, changed, identified_by, is_form, self.fail_as))

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


def _known_query(exchange: Exchange) -> Mapping[str, Sequence[str]]:
    return group_by_key((name, value) for name, value in exchange.request.query if exchange.takes(name))


Resource: TypeAlias = KernelResource[Exchange]


def no_content() -> Response:
    """Return a 204 with the JSON string `""`, as the real server responds to bulk actions where no proxy is."""
    return Response.json("", 204)
