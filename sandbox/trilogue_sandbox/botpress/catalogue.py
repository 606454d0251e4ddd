"""What can be bought in the sandbox: plans and add-ons. Names are those of the platform, prices are made up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

import attrs

from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.periods import Interval

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
"""What a plan gives a number of. Storage is counted in bytes, spending in dollars."""

FEATURES: tuple[Feature, ...] = get_args(Feature)

_GIGABYTE = 1024 * 1024 * 1024


@attrs.frozen
class Plan:
    """A plan. Prices are in cents; where there is none for an interval, it cannot be chosen."""

    id: str
    name: str
    description: str
    prices: Mapping[Interval, int]

    @property
    def rank(self) -> int:
        """The place among the plans, from the smallest to the largest."""
        return _PLANS.index(self)

    @property
    def features(self) -> dict[Feature, int]:
        """How much the plan gives of each feature."""
        return {feature: numbers[self.rank] for feature, numbers in _FEATURES.items()}


@attrs.frozen
class Addon:
    """An add-on. Prices are in cents; each one bought raises a feature, which has the same name, by an increment."""

    id: Feature
    name: str
    description: str
    prices: Mapping[Interval, int]
    increment: int


_PLANS = (
    Plan("community", "Community", "To begin with.", {"month": 0, "year": 0}),
    Plan("plus", "Plus", "For a first bot at work.", {"month": 89_00, "year": 948_00}),
    Plan("team", "Team", "For several people and bots.", {"month": 495_00, "year": 5_340_00}),
    Plan("managed", "Managed", "Built and looked after by the platform.", {"month": 1_495_00}),
    Plan("enterprise", "Enterprise", "By agreement.", {}),
)

_FEATURES: dict[Feature, tuple[int, int, int, int, int]] = {
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
"""How much each plan gives, in the order of the plans."""

_ADDONS = (
    Addon("incoming_messages_events", "Messages", "More messages and events.", {"month": 20_00, "year": 216_00}, 5_000),
    Addon("table_rows", "Table rows", "More rows of tables.", {"month": 25_00, "year": 270_00}, 100_000),
    Addon("bot_count", "Bots", "One more bot.", {"month": 10_00, "year": 108_00}, 1),
    Addon("collaborator_count", "Seats", "One more member.", {"month": 25_00, "year": 270_00}, 1),
    Addon("file_storage", "File storage", "More room for files.", {"month": 10_00, "year": 108_00}, 10 * _GIGABYTE),
    Addon("vector_db_storage", "Vector storage", "More to search in.", {"month": 20_00, "year": 216_00}, _GIGABYTE),
)

PLANS: dict[str, Plan] = {plan.id: plan for plan in _PLANS}
ADDONS: dict[str, Addon] = {addon.id: addon for addon in _ADDONS}

FREE_PLAN = "community"


def refer_plan(plan_id: str) -> Plan:
    """Return the plan that a body names.

    Raises:
        ApiError: there is none (ReferenceNotFound).
    """
    if plan_id not in PLANS:
        raise ApiError("ReferenceNotFound", f"no plan has the id {plan_id!r}")
    return PLANS[plan_id]


def refer_addon(addon_id: str) -> Addon:
    """Return the add-on that a body names.

    Raises:
        ApiError: there is none (ReferenceNotFound).
    """
    if addon_id not in ADDONS:
        raise ApiError("ReferenceNotFound", f"no add-on has the id {addon_id!r}")
    return ADDONS[addon_id]
