"""Coupons: codes that make a subscription cheaper. `WELCOME10` is there from the beginning."""

from __future__ import annotations

import msgspec

from trilogue_sandbox.botpress import arguments
from trilogue_sandbox.botpress.billing_accounts import DURATIONS, Coupon, Discount, Duration
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.timestamps import show, show_optional
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_coupons (code TEXT PRIMARY KEY, document TEXT NOT NULL);
"""


def refer(call: Call) -> Coupon | None:
    """Return the coupon whose code the body has; None where it has none.

    Raises:
        ApiError: there is no such code (ReferenceNotFound).
    """
    code = call.body.optional_text("couponCode")
    if code is None:
        return None
    row = call.store.one("SELECT document FROM botpress_coupons WHERE code = ?", code)
    if row is None:
        raise ApiError("ReferenceNotFound", f"no coupon has the code {code!r}")
    return msgspec.json.decode(row["document"], type=Coupon)


def show_discount(discount: Discount) -> JsonObject:
    """Return a discount as the API has it."""
    coupon = discount.coupon
    return {
        "id": discount.id,
        "couponId": coupon.id,
        "promotionCode": coupon.code,
        "name": coupon.name,
        "percentOff": coupon.percent_off,
        "amountOff": None if coupon.cents_off is None else coupon.cents_off / 100,
        "currency": None if coupon.cents_off is None else "usd",
        "duration": coupon.duration,
        "durationInMonths": coupon.months,
        "start": show(discount.start),
        "end": show_optional(discount.end),
    }


def _add(world: World, given: JsonObject) -> object:
    """Make a coupon with a `code`, a `duration`, `months` if that is repeating, and `percent_off` or `amount_off`.

    The amount is in dollars.
    """
    code = arguments.text(given, "code")
    duration: Duration = arguments.choice(given, "duration", DURATIONS, "once")
    percent = arguments.integer(given, "percent_off") if "percent_off" in given else None
    cents = arguments.integer(given, "amount_off") * 100 if percent is None else None
    months = arguments.integer(given, "months") if duration == "repeating" else None
    if world.store.one("SELECT 1 FROM botpress_coupons WHERE code = ?", code):
        raise ControlError("there is a coupon with this code", "code")
    coupon = Coupon(world.ids.prefixed("coupon"), code, f"Coupon {code}", percent, cents, duration, months)
    world.store.run("INSERT INTO botpress_coupons VALUES (?, ?)", code, msgspec.json.encode(coupon).decode())
    return {"id": coupon.id}


def _furnish(world: World) -> None:
    _add(world, {"code": "WELCOME10", "percent_off": 10, "duration": "once"})


RESOURCE = Resource(schema=_SCHEMA, actions={"add_coupon": _add}, furnish=_furnish)
