"""How often an account may call an endpoint in a minute; the numbers stand in the description of each method."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Literal, TypeAlias, get_args

import attrs

from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import timestamps

Plan: TypeAlias = Literal["free", "standard", "scale"]

PLANS: tuple[Plan, ...] = get_args(Plan)

_BY_PLAN = re.compile(r"Rate limit: (\d+), (\d+) or (\d+) calls a minute")
_ON_EVERY_PLAN = re.compile(r"Rate limit: (\d+) calls a minute on every plan")


@attrs.frozen
class Allowance:
    """What the limit of an endpoint still allows in this minute."""

    total: int
    remaining: int
    is_exceeded: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """The headers of an answer."""
        return {"X-RateLimit-Total": str(self.total), "X-RateLimit-Remaining": str(self.remaining)}


@cache
def limits_of(description: Description) -> Mapping[str, Mapping[Plan, int]]:
    """Return the calls a minute of each endpoint (`messages/sendMessage`) for each plan."""
    return {
        operation.path.removeprefix("/"): _read(operation.node.text("description"))
        for operation in description.operations.values()
    }


def limit(world: World, endpoint: str, plan: Plan) -> int:
    """Return the calls a minute of an endpoint."""
    return limits_of(world.description)[endpoint][plan]


def plan_of(world: World, account_id: str) -> Plan:
    """Return the plan of an account."""
    row = world.store.one("SELECT plan FROM pantheon_accounts WHERE id = ?", account_id)
    assert row is not None, account_id
    return next(plan for plan in PLANS if plan == row["plan"])


def count_call(world: World, account_id: str, endpoint: str) -> Allowance:
    """Count a call, also one that is beyond the limit."""
    total = limit(world, endpoint, plan_of(world, account_id))
    row = world.store.one(
        "INSERT INTO pantheon_usage (account_id, endpoint, minute, calls, refused) VALUES (?, ?, ?, 1, 0)"
        " ON CONFLICT DO UPDATE SET calls = calls + 1, refused = refused + (calls >= ?) RETURNING calls",
        *(account_id, endpoint, minute_of(timestamps.now(world)), total),
    )
    assert row is not None
    return Allowance(total, max(0, total - row["calls"]), row["calls"] > total)


def seconds_to_next_minute(world: World) -> int:
    """Return the whole seconds, at least 1, after which calls are counted anew."""
    left = timestamps.MINUTE - timestamps.now(world) % timestamps.MINUTE
    return -(-left // timestamps.SECOND)


def minute_of(moment: int) -> int:
    """Return when the minute of a moment began."""
    return moment // timestamps.MINUTE * timestamps.MINUTE


def _read(description: str) -> Mapping[Plan, int]:
    if found := _ON_EVERY_PLAN.search(description):
        return dict.fromkeys(PLANS, int(found[1]))
    found = _BY_PLAN.search(description)
    assert found is not None, f"no rate limit in: {description}"
    return dict(zip(PLANS, map(int, found.groups()), strict=True))
