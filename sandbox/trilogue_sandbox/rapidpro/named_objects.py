"""Objects of which nothing but the name can be written: groups, labels and topics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from trilogue_sandbox.kernel.http import Response
from trilogue_sandbox.rapidpro.access import check_room
from trilogue_sandbox.rapidpro.errors import api_error
from trilogue_sandbox.rapidpro.exchange import Exchange, Model
from trilogue_sandbox.rapidpro.views import ApiView


class NameBody(Protocol):
    """A body with a name."""

    @property
    def name(self) -> str:
        """The name, unlike that of any other."""
        ...


def saving(view: ApiView, model: Model, body_type: type[NameBody]) -> Callable[[Exchange], Response]:
    """Return the handler that creates an object, or renames the one that the query names unless it is the system's."""

    def handle(exchange: Exchange) -> Response:
        row = exchange.target(model)
        if row and "is_system" in model.table.columns and row["is_system"]:
            raise api_error("Cannot modify system object.", 403)
        if row is None:
            check_room(exchange.context, model.table)
        name = exchange.read_body(body_type, row).name
        if row is None:
            return exchange.saved(view, exchange.context.add(model.table, name=name), is_new=True)
        return exchange.saved(view, exchange.records.change(model.table, row, name=name), is_new=False)

    return handle
