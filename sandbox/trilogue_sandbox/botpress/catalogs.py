"""Interfaces and plugins: how both are listed, found, created and changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from trilogue_sandbox.botpress.definitions import (
    add,
    change,
    check_new,
    find,
    find_by_name,
    find_own,
    in_hub,
    listed,
    of_version,
    published,
    require_unpublished,
)
from trilogue_sandbox.botpress.exchange import Actor, Exchange, noun
from trilogue_sandbox.botpress.pagination import paginate
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.kernel.views import View


@attrs.frozen(eq=False)
class Catalog:
    """What interfaces and plugins do alike; `values` returns the columns that a body sets in a new or an old row."""

    view: View[Actor]
    summary: View[Actor]
    values: Callable[[Exchange, Row | None], dict[str, Any]]

    @property
    def table(self) -> Table:
        """The table of the definitions."""
        return self.view.table

    def list(self, exchange: Exchange, select: Callable[[Actor, Table], Select] = listed) -> JsonObject:
        """Return the page that the query asks for."""
        rows = select(exchange.actor, self.table).equal("name", exchange.query.optional_string("name"))
        rows = of_version(rows, exchange.query.optional_string("version"))
        return paginate(exchange, f"{noun(self.table)}s", rows, self.summary.show)

    def list_in_hub(self, exchange: Exchange) -> JsonObject:
        """Return the page of the hub that the query asks for."""
        return self.list(exchange, in_hub)

    def get(self, exchange: Exchange) -> JsonObject:
        """Return the definition that the path names by id."""
        return self.show(exchange, find(exchange, self.table))

    def get_by_name(self, exchange: Exchange) -> JsonObject:
        """Return the definition that the path names by name and version."""
        return self.show(exchange, find_by_name(exchange, self.table))

    def get_published(self, exchange: Exchange) -> JsonObject:
        """Return the definition that the path names by id, if anyone can use it."""
        return self.show(exchange, find(exchange, self.table, published(exchange.actor, self.table)))

    def get_published_by_name(self, exchange: Exchange) -> JsonObject:
        """Return the definition that the path names by name and version, if anyone can use it."""
        return self.show(exchange, find_by_name(exchange, self.table, published(exchange.actor, self.table)))

    def create(self, exchange: Exchange) -> JsonObject:
        """Create a definition."""
        check_new(exchange, self.table)
        return self.show(exchange, add(exchange, self.table, self.values(exchange, None)))

    def update(self, exchange: Exchange) -> JsonObject:
        """Change a definition that nobody else can use."""
        row = find_own(exchange, self.table)
        require_unpublished(row, exchange.body)
        return self.show(exchange, change(exchange, self.table, row, self.values(exchange, row)))

    def show(self, exchange: Exchange, row: Row) -> JsonObject:
        """Return the response with a definition."""
        return {noun(self.table): self.view.show_one(exchange.actor, row)}
