"""Plans and add-ons. Their names are those of the platform; prices and quotas are the sandbox's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

import attrs

from trilogue_sandbox.botpress.errors import ApiError, ErrorType
from trilogue_sandbox.botpress.exchange import Resource
from trilogue_sandbox.kernel.http import JsonObject

Interval: TypeAlias = Literal["month", "year"]
"""How often a plan or an add-on is paid."""

INTERVALS: tuple[Interval, ...] = get_args(Interval)
FREE_PLAN = "community"

_GIGABYTE = 1024 * 1024 * 1024


@attrs.frozen
class Offer:
    """A plan or an add-on: prices in dollars, and quotas. An interval without a price cannot be chosen."""

    id: str
    name: str
    description: str
    prices: Mapping[Interval, int]
    quotas: Mapping[str, int]


_QUOTAS: dict[str, tuple[int, int, int, int, int]] = {
    "incoming_messages_events": (500, 5_000, 50_000, 100_000, 1_000_000),
    "integration_spend": (5, 10, 50, 100, 1_000),
    "table_rows": (5_000, 100_000, 500_000, 1_000_000, 10_000_000),
    "bot_count": (20, 50, 100, 200, 1_000),
    "collaborator_count": (5, 10, 50, 100, 1_000),
    "file_storage": (_GIGABYTE, 10 * _GIGABYTE, 50 * _GIGABYTE, 100 * _GIGABYTE, 1_000 * _GIGABYTE),
    "vector_db_storage": (_GIGABYTE // 10, _GIGABYTE, 2 * _GIGABYTE, 4 * _GIGABYTE, 40 * _GIGABYTE),
    "saved_versions": (5, 20, 100, 200, 1_000),
    "indexed_file_count": (100, 1_000, 5_000, 10_000, 100_000),
    "conversation_sessions": (500, 5_000, 50_000, 100_000, 1_000_000),
    "ai_spend": (5, 100, 500, 1_000, 10_000),
}
"""The quotas of each plan, in the order of the plans. Storage is counted in bytes, spending in dollars."""
_PLANS: tuple[tuple[str, str, dict[Interval, int]], ...] = (
    ("community", "To begin with.", {"month": 0, "year": 0}),
    ("plus", "For a first bot at work.", {"month": 89, "year": 948}),
    ("team", "For several people and bots.", {"month": 495, "year": 5_340}),
    ("managed", "Built and looked after by the platform.", {"month": 1_495}),
    ("enterprise", "By agreement.", {}),
)
_ADDONS: tuple[tuple[str, str, int, int], ...] = (
    ("incoming_messages_events", "Messages", 20, 5_000),
    ("table_rows", "Table rows", 25, 100_000),
    ("bot_count", "Bots", 10, 1),
    ("collaborator_count", "Seats", 25, 1),
    ("file_storage", "File storage", 10, 10 * _GIGABYTE),
    ("vector_db_storage", "Vector storage", 20, _GIGABYTE),
)
"""The feature, the name, the price of a month and what each unit adds to the quota."""

PLANS: dict[str, Offer] = {
    plan_id: Offer(plan_id, plan_id.capitalize(), about, prices, {name: row[rank] for name, row in _QUOTAS.items()})
    for rank, (plan_id, about, prices) in enumerate(_PLANS)
}
"""From the smallest to the largest."""

ADDONS: dict[str, Offer] = {
    feature: Offer(feature, name, f"{name} beyond the plan.", {"month": price, "year": 11 * price}, {feature: added})
    for feature, name, price, added in _ADDONS
}


def find_offer(offers: Mapping[str, Offer], offer_id: str, error: ErrorType = "ReferenceNotFound") -> Offer:
    """Return one of the plans or of the add-ons."""
    if offer_id not in offers:
        nobody = "no plan has the id" if offers is PLANS else "no add-on has the id"
        raise ApiError(error, f"{nobody} {offer_id!r}")
    return offers[offer_id]


def _show_plan(plan: Offer) -> JsonObject:
    prices: JsonObject = {interval: {"amount": price, "currency": "usd"} for interval, price in plan.prices.items()}
    return {**_show(plan), "prices": prices, "features": dict(plan.quotas)}


def _show_addon(addon: Offer) -> JsonObject:
    prices: JsonObject = {
        interval: {"amount": price, "currency": "usd", "interval": interval} for interval, price in addon.prices.items()
    }
    return {**_show(addon), "prices": prices, "increments": dict(addon.quotas)}


def _show(offer: Offer) -> JsonObject:
    return {"id": offer.id, "name": offer.name, "description": offer.description, "metadata": {}}


RESOURCE = Resource(
    operations={
        "listPlans": lambda _: [*map(_show_plan, PLANS.values())],
        "getPlan": lambda exchange: _show_plan(find_offer(PLANS, exchange.path.string("planId"), "ResourceNotFound")),
        "listAddons": lambda _: [*map(_show_addon, ADDONS.values())],
        "getAddon": lambda exchange: _show_addon(
            find_offer(ADDONS, exchange.path.string("addonId"), "ResourceNotFound")
        ),
    }
)
