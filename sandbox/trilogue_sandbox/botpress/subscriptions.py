"""Subscriptions: the plan and the add-ons of a workspace.

A change takes effect at once and is charged in full: there is no proration. A subscription that was canceled ends with
its period. There are no coupons.
"""

from __future__ import annotations

import itertools
from typing import Literal

import attrs

from trilogue_sandbox.botpress import invoices
from trilogue_sandbox.botpress.columns import of
from trilogue_sandbox.botpress.credentials import WORKSPACE_ID
from trilogue_sandbox.botpress.exchange import Resource
from trilogue_sandbox.botpress.periods import add_months
from trilogue_sandbox.botpress.plans import ADDONS, FREE_PLAN, PLANS, Interval
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import JSON, TEXT, TIMESTAMP, Table
from trilogue_sandbox.kernel.world import World

_SUBSCRIPTIONS = Table(
    "botpress_subscriptions",
    {
        "workspace_id": of("workspaces").key(),
        "plan_id": TEXT,
        "interval": TEXT,
        "addons": JSON,
        "started_at": TIMESTAMP,
        "ends_at": TIMESTAMP.nullable(),
    },
)

_SQL = """\
SELECT subscription.*, trial.trial_plan
FROM botpress_subscriptions AS subscription
LEFT JOIN botpress_trials AS trial ON trial.workspace_id = subscription.workspace_id AND trial.ends_at > ?
WHERE subscription.workspace_id = ?"""

MONTHS: dict[str, int] = {"month": 1, "year": 12}
"""The length of each interval."""


@attrs.frozen
class Line:
    """One line of an invoice."""

    type: Literal["plan", "addon"]
    id: str
    description: str
    cents: int
    quantity: int = 1

    def show(self) -> JsonObject:
        """Return the line as the API shows it, in dollars."""
        return {**attrs.asdict(self, filter=lambda field, _: field.name != "cents"), "amount": self.cents / 100}


@attrs.frozen
class Subscription:
    """A plan, how often it is paid, and how many of each add-on there are."""

    plan_id: str = FREE_PLAN
    interval: Interval = "month"
    addons: dict[str, int] = attrs.field(factory=dict[str, int])
    started_at: int = 0
    ends_at: int | None = None
    trial_plan: str | None = None

    def period_end(self, now: int) -> int:
        """Return when the current period ends."""
        ends = (add_months(self.started_at, MONTHS[self.interval] * count) for count in itertools.count(1))
        return next(end for end in ends if end > now)

    def lines(self, more_addons_than: Subscription | None = None) -> list[Line]:
        """Return what is to be paid for an interval, or only for the add-ons that another subscription has not."""
        lines: list[Line] = []
        if more_addons_than is None:
            plan = PLANS[self.plan_id]
            lines.append(Line("plan", plan.id, f"{plan.name} for a {self.interval}", plan.price(self.interval)))
        held = more_addons_than.addons if more_addons_than else {}
        for addon_id, quantity in self.addons.items():
            addon, added = ADDONS[addon_id], quantity - held.get(addon_id, 0)
            cents = max(0, added) * addon.prices[self.interval]
            lines.append(Line("addon", addon_id, f"{addon.name} for a {self.interval}", cents, added))
        return [line for line in lines if line.cents]


def total(lines: list[Line]) -> int:
    """Return the sum of lines, in cents."""
    return sum(line.cents for line in lines)


def open_subscription(world: World, workspace_id: str) -> None:
    """Subscribe a workspace to the free plan."""
    save(world, workspace_id, Subscription(started_at=world.now))


def load(world: World, workspace_id: str) -> Subscription:
    """Return the subscription of a workspace; one that has ended is the free plan again."""
    row = world.store.one(_SQL, world.now, workspace_id)
    assert row is not None
    if row["ends_at"] is not None and row["ends_at"] <= world.now:
        return Subscription(started_at=row["ends_at"], trial_plan=row["trial_plan"])
    return Subscription(**{field.name: row[field.name] for field in attrs.fields(Subscription)})


def save(world: World, workspace_id: str, subscription: Subscription) -> None:
    """Keep the subscription of a workspace."""
    values = attrs.asdict(subscription, filter=lambda field, _: field.name in _SUBSCRIPTIONS.columns)
    world.records.set(_SUBSCRIPTIONS, {"workspace_id": workspace_id, **values})


def subscribe(world: World, workspace_id: str, before: Subscription, after: Subscription) -> None:
    """Change a subscription, after what is due has been paid.

    Raises:
        ApiError: the payment method fails, or there is none (PaymentRequired).
    """
    now = world.now
    if is_other_plan(before, after):
        after = attrs.evolve(after, started_at=now)
    if due := total(lines_due(before, after)):
        end = after.period_end(now)
        reason = "Change of the subscription"
        invoices.charge(world, workspace_id, cents=due, reason=reason, period_start=after.started_at, period_end=end)
    save(world, workspace_id, after)


def is_other_plan(before: Subscription, after: Subscription) -> bool:
    """Whether a change begins a new plan, or another interval of the same."""
    return (before.plan_id, before.interval) != (after.plan_id, after.interval)


def lines_due(before: Subscription, after: Subscription) -> list[Line]:
    """Return what is to be paid at once for a change."""
    return after.lines() if is_other_plan(before, after) else after.lines(more_addons_than=before)


def _add_default_data(world: World) -> None:
    """Subscribe the first workspace to a plan that is paid, with an add-on."""
    before = load(world, WORKSPACE_ID)
    subscribe(world, WORKSPACE_ID, before, attrs.evolve(before, plan_id="team", addons={"table_rows": 1}))


RESOURCE = Resource(tables=(_SUBSCRIPTIONS,), default_data=_add_default_data)
