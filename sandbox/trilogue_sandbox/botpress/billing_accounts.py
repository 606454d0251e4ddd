"""What billing knows of each workspace: its subscription, its card, its settings."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import attrs
import msgspec

from trilogue_sandbox.botpress import timestamps
from trilogue_sandbox.botpress.catalogue import FREE_PLAN, Feature
from trilogue_sandbox.botpress.periods import MONTHS, Interval, add_months
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.clock import from_microseconds
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_billing (
    workspace_id TEXT PRIMARY KEY REFERENCES botpress_workspaces ON DELETE CASCADE, document TEXT NOT NULL);
"""

PlanStatus: TypeAlias = Literal["active", "past_due"]
Duration: TypeAlias = Literal["forever", "once", "repeating"]
DURATIONS: tuple[Duration, ...] = get_args(Duration)
"""For how long a coupon can make a subscription cheaper."""


@attrs.frozen
class NextPlan:
    """The plan that follows when the current period ends."""

    plan_id: str
    interval: Interval


@attrs.frozen
class SubscribedPlan:
    """The plan now; times in microseconds."""

    plan_id: str
    interval: Interval
    period_start: int
    period_end: int
    status: PlanStatus = "active"
    cancel_at_period_end: bool = False
    next: NextPlan | None = None


@attrs.frozen
class SubscribedAddon:
    """How many of an add-on there are; `next` is how many there will be from the next period on, None if as many."""

    quantity: int
    next: int | None = None


@attrs.frozen
class Coupon:
    """What makes a subscription cheaper: a percentage, or an amount in cents."""

    id: str
    code: str
    name: str
    percent_off: float | None
    cents_off: int | None
    duration: Duration
    months: int | None = None


@attrs.frozen
class Discount:
    """A coupon that a workspace has used, and from when on and until when."""

    id: str
    coupon: Coupon
    start: int
    end: int | None


@attrs.frozen
class Card:
    """How invoices are paid. `cents_left` is what the bank still lets it pay; None is no limit."""

    id: str
    brand: str
    last_four: str
    exp_month: int
    exp_year: int
    cents_left: int | None = None


@attrs.frozen
class AutoRecharge:
    """Whether credit for a feature is bought when less than `threshold` is left."""

    enabled: bool
    threshold: float | None = None
    disabled_reason: str | None = None


@attrs.frozen
class BillingAccount:
    """All of it. Money is in cents, limits on spending are in dollars; `balance` is left of earlier payments."""

    plan: SubscribedPlan
    addons: dict[Feature, SubscribedAddon] = attrs.field(factory=dict[Feature, SubscribedAddon])
    discounts: tuple[Discount, ...] = ()
    balance: int = 0
    card: Card | None = None
    address: dict[str, str] | None = None
    auto_recharge: dict[str, AutoRecharge] = attrs.field(factory=dict[str, AutoRecharge])
    plan_readonly: bool = False
    addons_readonly: bool = False
    ai_spending_limit: float | None = None
    quotas: dict[str, float] = attrs.field(factory=dict[str, float])


def open_account(world: World, workspace_id: str) -> None:
    """Begin to bill a workspace, on the free plan."""
    now = timestamps.now(world)
    plan = SubscribedPlan(FREE_PLAN, "month", now, add_months(now, MONTHS["month"]))
    world.store.run("INSERT INTO botpress_billing VALUES (?, ?)", workspace_id, _encode(BillingAccount(plan)))
    plan_renewal(world, workspace_id, plan)


def plan_renewal(world: World, workspace_id: str, plan: SubscribedPlan) -> None:
    """Let the subscription be renewed when its period ends."""
    payload: JsonObject = {"workspace_id": workspace_id, "period_end": plan.period_end}
    world.timers.at(from_microseconds(plan.period_end), "renew_subscription", payload)


def load(world: World, workspace_id: str) -> BillingAccount:
    """Return what billing knows of a workspace."""
    row = world.store.one("SELECT document FROM botpress_billing WHERE workspace_id = ?", workspace_id)
    assert row is not None, workspace_id
    return msgspec.json.decode(row["document"], type=BillingAccount)


def save(world: World, workspace_id: str, account: BillingAccount) -> None:
    """Keep what billing knows of a workspace."""
    world.store.run("UPDATE botpress_billing SET document = ? WHERE workspace_id = ?", _encode(account), workspace_id)


def _encode(account: BillingAccount) -> str:
    return msgspec.json.encode(account).decode()


RESOURCE = Resource(schema=_SCHEMA)
