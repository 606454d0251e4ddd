"""Plans and add-ons. Their names are those of the platform; prices and quotas are the sandbox's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

import attrs

from trilogue_sandbox.botpress.errors import ApiError, ErrorType
from trilogue_sandbox.botpress.exchange import Exchange, Resource
from trilogue_sandbox.kernel.http import Json, JsonObject

Interval: TypeAlias = Literal["month", "year"]
"""How often a plan or an add-on is paid."""

Feature: TypeAlias = Literal[
    "incoming_messages_events",
    "integration_spend",
    "table_rows",
    "bot_count",
    "collaborator_count",
    "file_storage",
    "vector_db_storage",
    "saved_versions",
    "indexed_file_count",
    "conversation_sessions",
    "ai_spend",
]
"""What a plan has a quota of. Storage is counted in bytes, spending in dollars."""

FEATURES: tuple[Feature, ...] = get_args(Feature)
FREE_PLAN = "community"

_GIGABYTE = 1024 * 1024 * 1024


@attrs.frozen
class Plan:
    """A plan. Prices are in cents; an interval without a price cannot be chosen."""

    id: str
    name: str
    description: str
    prices: Mapping[Interval, int]

    @property
    def rank(self) -> int:
        """The position among the plans, from the smallest to the largest."""
        return list(PLANS).index(self.id)

    @property
    def features(self) -> dict[Feature, int]:
        """The quota of each feature."""
        return {feature: quotas[self.rank] for feature, quotas in _QUOTAS.items()}

    def price(self, interval: Interval) -> int:
        """Return the price for an interval, in cents; raise InvalidPayload if there is none."""
        if interval not in self.prices:
            raise ApiError("InvalidPayload", f"the plan {self.id} cannot be paid by the {interval}")
        return self.prices[interval]

    def show(self) -> JsonObject:
        """Return the plan as the API shows it."""
        prices: JsonObject = {
            interval: {"amount": cents / 100, "currency": "usd"} for interval, cents in self.prices.items()
        }
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "prices": prices,
            "features": dict(self.features.items()),
            "metadata": {},
        }


@attrs.frozen
class Addon:
    """An add-on. Each unit raises the quota of the feature of the same name by an increment. Prices are in cents."""

    id: Feature
    name: str
    description: str
    prices: Mapping[Interval, int]
    increment: int

    def show(self) -> JsonObject:
        """Return the add-on as the API shows it."""
        prices: JsonObject = {
            f"{interval}ly": {"amount": cents / 100, "currency": "usd", "interval": interval}
            for interval, cents in self.prices.items()
        }
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "prices": prices,
            "metadata": {},
            "increments": {self.id: self.increment},
        }


_PLANS = (
    Plan("community", "Community", "To begin with.", {"month": 0, "year": 0}),
    Plan("plus", "Plus", "For a first bot at work.", {"month": 89_00, "year": 948_00}),
    Plan("team", "Team", "For several people and bots.", {"month": 495_00, "year": 5_340_00}),
    Plan("managed", "Managed", "Built and looked after by the platform.", {"month": 1_495_00}),
    Plan("enterprise", "Enterprise", "By agreement.", {}),
)
_ADDONS = (
    Addon("incoming_messages_events", "Messages", "More messages and events.", {"month": 20_00, "year": 216_00}, 5_000),
    Addon("table_rows", "Table rows", "More rows of tables.", {"month": 25_00, "year": 270_00}, 100_000),
    Addon("bot_count", "Bots", "One more bot.", {"month": 10_00, "year": 108_00}, 1),
    Addon("collaborator_count", "Seats", "One more member.", {"month": 25_00, "year": 270_00}, 1),
    Addon("file_storage", "File storage", "More room for files.", {"month": 10_00, "year": 108_00}, 10 * _GIGABYTE),
    Addon("vector_db_storage", "Vector storage", "More to search in.", {"month": 20_00, "year": 216_00}, _GIGABYTE),
)
_QUOTAS: dict[Feature, tuple[int, int, int, int, int]] = {
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
"""The quotas of each plan, in the order of the plans."""

PLANS: dict[str, Plan] = {plan.id: plan for plan in _PLANS}
ADDONS: dict[str, Addon] = {addon.id: addon for addon in _ADDONS}


def find_plan(plan_id: str, error: ErrorType = "ReferenceNotFound") -> Plan:
    """Return a plan."""
    if plan_id not in PLANS:
        raise ApiError(error, f"no plan has the id {plan_id!r}")
    return PLANS[plan_id]


def find_addon(addon_id: str, error: ErrorType = "ReferenceNotFound") -> Addon:
    """Return an add-on."""
    if addon_id not in ADDONS:
        raise ApiError(error, f"no add-on has the id {addon_id!r}")
    return ADDONS[addon_id]


def _list_plans(_: Exchange) -> list[Json]:
    return [plan.show() for plan in PLANS.values()]


def _get_plan(exchange: Exchange) -> JsonObject:
    return find_plan(exchange.path.string("planId"), "ResourceNotFound").show()


def _list_addons(_: Exchange) -> list[Json]:
    return [addon.show() for addon in ADDONS.values()]


def _get_addon(exchange: Exchange) -> JsonObject:
    return find_addon(exchange.path.string("addonId"), "ResourceNotFound").show()


RESOURCE = Resource(
    operations={"listPlans": _list_plans, "getPlan": _get_plan, "listAddons": _list_addons, "getAddon": _get_addon}
)
