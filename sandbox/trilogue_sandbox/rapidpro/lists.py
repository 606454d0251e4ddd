"""Lists: one handler for all of them, and the filters of their queries."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.rapidpro.cursors import NEWEST_FIRST, Ordering, read_timestamp
from trilogue_sandbox.rapidpro.errors import api_error
from trilogue_sandbox.rapidpro.exchange import Exchange
from trilogue_sandbox.rapidpro.references import Lookup
from trilogue_sandbox.rapidpro.views import ApiView

Filter: TypeAlias = Callable[[Exchange, Select], Select]
"""Narrows a selection down to what a parameter of the query asks for."""


def listing(
    view: ApiView, *filters: Filter, by_modification: bool = False, ordering: Ordering = NEWEST_FIRST
) -> Callable[[Exchange], JsonObject]:
    """Return the handler that lists the rows of a view's table, without those that are marked as deleted.

    The filters are applied in their order. `by_modification` is the order that `reverse` turns.
    """

    def handle(exchange: Exchange) -> JsonObject:
        select = exchange.context.select(view.table)
        if "is_active" in view.table.columns:
            select = select.where("item.is_active = 1")
        for narrow in filters:
            select = narrow(exchange, select)
        return exchange.page(select, view, exchange.by_modification if by_modification else ordering)

    return handle


def by_uuid(exchange: Exchange, select: Select) -> Select:
    """Filter by `uuid`."""
    return select.equal("uuid", exchange.uuid("uuid"))


def by_any_uuid(exchange: Exchange, select: Select) -> Select:
    """Filter by `uuid`, whose form no server checks."""
    return select.equal("uuid", next(iter(exchange.unvalidated_uuids("uuid")[-1:]), None))


def by_id(exchange: Exchange, select: Select) -> Select:
    """Filter by `id`."""
    return select.equal("id", exchange.integer("id"))


def by_name(exchange: Exchange, select: Select) -> Select:
    """Filter by `name`, ignoring case."""
    name = exchange.string("name").lower()
    return select.where("lowercase(item.name) = ?", name) if name else select


def by_string(name: str) -> Filter:
    """Return the filter by a column of the same name."""
    return lambda exchange, select: select.equal(name, exchange.string(name) or None)


def by_reference(name: str, column: str, find: Lookup[Row]) -> Filter:
    """Return the filter by what a column refers to, found by its look-up; an unknown one finds nothing."""

    def narrow(exchange: Exchange, select: Select) -> Select:
        if not (value := exchange.string(name)):
            return select
        found = find(exchange.context, value)
        return select.where(f"item.{column} = ?", found["id"]) if found else select.nothing()

    return narrow


def within(column: str, table: str = "item") -> Filter:
    """Return the filter by `before` and `after`; a time that cannot be read finds nothing."""

    def narrow(exchange: Exchange, select: Select) -> Select:
        for name, comparison in (("before", "<="), ("after", ">=")):
            if value := exchange.string(name):
                time = read_timestamp(value)
                bounded = f"{table}.{column} {comparison} ?"
                select = select.nothing() if time is None else select.where(bounded, time)
        return select

    return narrow


def at_most_one_of(*names: str) -> Filter:
    """Return the check that at most one of some parameters is given; empty ones do not count."""

    def check(exchange: Exchange, select: Select) -> Select:
        if sum(bool(exchange.string(name)) for name in names) > 1:
            raise api_error(f"You may only specify one of the {', '.join(names)} parameters")
        return select

    return check


def where(condition: str) -> Filter:
    """Return the filter by a condition that does not depend on the query."""
    return lambda exchange, select: select.where(condition)
