"""What a subscription costs, and what a change of it costs at once. All amounts are in cents.

More is had at once and paid for the rest of the period; less is had from the next period on, and nothing is given back.
A change from the free plan, or to another interval, begins a new period.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

import attrs

from trilogue_sandbox.botpress.billing_accounts import Coupon
from trilogue_sandbox.botpress.catalogue import ADDONS, FREE_PLAN, PLANS, Feature
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.periods import MONTHS, Interval
from trilogue_sandbox.kernel.http import JsonObject

ItemType: TypeAlias = Literal["plan", "addon", "proration_credit", "proration_charge", "discount"]
ChangeType: TypeAlias = Literal["upgrade", "downgrade", "same"]


@attrs.frozen
class Item:
    """One line of what is to be paid; below zero if it is given back."""

    type: ItemType
    id: str
    description: str
    cents: int
    quantity: int = 1

    def show(self) -> JsonObject:
        """Return the line as the API has it, in dollars."""
        return {
            "type": self.type,
            "id": self.id,
            "description": self.description,
            "amount": self.cents / 100,
            "quantity": self.quantity,
        }


@attrs.frozen
class Selection:
    """A plan, how often it is paid, and how many of each add-on."""

    plan_id: str
    interval: Interval
    addons: Mapping[Feature, int]

    @property
    def plan_cents(self) -> int:
        """The price of the plan for an interval.

        Raises:
            ApiError: it has none (InvalidPayload).
        """
        prices = PLANS[self.plan_id].prices
        if self.interval not in prices:
            raise ApiError("InvalidPayload", f"the plan {self.plan_id} cannot be paid by the {self.interval}")
        return prices[self.interval]

    def addon_cents(self, addon_id: Feature, quantity: int | None = None) -> int:
        """The price of an add-on for an interval, in the quantity selected unless another is given."""
        count = self.addons.get(addon_id, 0) if quantity is None else quantity
        return ADDONS[addon_id].prices[self.interval] * count


@attrs.frozen
class Change:
    """From one selection to another, with `share` of the period still to come."""

    before: Selection
    after: Selection
    share: float

    @property
    def type(self) -> ChangeType:
        """Whether the plan is larger than before: by its rank, then by how long it is paid ahead."""
        old, new = ((PLANS[each.plan_id].rank, MONTHS[each.interval]) for each in (self.before, self.after))
        return "same" if new == old else "upgrade" if new > old else "downgrade"

    @property
    def begins_anew(self) -> bool:
        """Whether a new period begins at once."""
        is_other = self.before.plan_id == FREE_PLAN or self.before.interval != self.after.interval
        return self.type == "upgrade" and is_other

    @property
    def immediate(self) -> list[Item]:
        """What is to be paid at once, without discounts."""
        items = self._anew() if self.begins_anew else self._prorated()
        return [item for item in items if item.cents]

    def _anew(self) -> Iterator[Item]:
        before = self.before.plan_cents + sum(map(self.before.addon_cents, self.before.addons))
        yield Item("proration_credit", self.before.plan_id, "What is left of the period", -self._part(before))
        yield from cycle(self.after)

    def _prorated(self) -> Iterator[Item]:
        if self.type == "upgrade":
            before, after = self.before, self.after
            yield Item("proration_credit", before.plan_id, "What is left of the plan", -self._part(before.plan_cents))
            yield Item(
                "proration_charge", after.plan_id, "The plan until the period ends", self._part(after.plan_cents)
            )
        for addon_id, quantity in self.after.addons.items():
            added = quantity - self.before.addons.get(addon_id, 0)
            if added > 0:
                cents = self._part(self.before.addon_cents(addon_id, added))
                name = f"{ADDONS[addon_id].name} until the period ends"
                yield Item("proration_charge", addon_id, name, cents, added)

    def _part(self, cents: int) -> int:
        return round(cents * self.share)


def cycle(selection: Selection) -> list[Item]:
    """Return what is to be paid for each interval, without discounts."""
    plan = PLANS[selection.plan_id]
    items = [Item("plan", plan.id, f"{plan.name} for a {selection.interval}", selection.plan_cents)]
    for addon_id, quantity in selection.addons.items():
        cents = selection.addon_cents(addon_id)
        items.append(Item("addon", addon_id, f"{ADDONS[addon_id].name} for a {selection.interval}", cents, quantity))
    return [item for item in items if item.cents]


def discounted(items: list[Item], coupons: list[Coupon]) -> list[Item]:
    """Return lines with what coupons take off; never more than there is to pay."""
    items = list(items)
    for coupon in coupons:
        due = total(items)
        off = coupon.cents_off if coupon.cents_off is not None else round(due * (coupon.percent_off or 0) / 100)
        if due > 0 and off > 0:
            items.append(Item("discount", coupon.id, coupon.name, -min(due, off)))
    return items


def total(items: list[Item]) -> int:
    """Return the sum of lines."""
    return sum(item.cents for item in items)
