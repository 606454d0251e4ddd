"""The calling app, its rate limits, and how much of them was used.

How often an account may call an endpoint in a minute stands in the description of each operation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Literal, TypeAlias, get_args

import attrs

from trilogue_sandbox.kernel.description import Description
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.resource import Resource
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import INTEGER, TEXT, TIMESTAMP, Table
from trilogue_sandbox.kernel.timestamps import DAY, MINUTE, SECOND
from trilogue_sandbox.kernel.views import View, each
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon.accounts import ACCOUNTS, APPS, SETTINGS, Account
from trilogue_sandbox.pantheon.lists import CURSORS, Listing
from trilogue_sandbox.pantheon.operations import AppExchange, account_of

Plan: TypeAlias = Literal["free", "standard", "scale"]

PLANS: tuple[Plan, ...] = get_args(Plan)

_KEPT = 31 * DAY
_BY_PLAN = re.compile(r"Rate limit: (\d+), (\d+) or (\d+) calls a minute")
_ON_EVERY_PLAN = re.compile(r"Rate limit: (\d+) calls a minute on every plan")

USAGE = Table(
    "pantheon_usage",
    {"account_id": TEXT, "endpoint": TEXT, "minute": TIMESTAMP, "calls": INTEGER, "refused": INTEGER},
    primary_key="account_id, endpoint, minute",
)
_COUNT = f"""INSERT INTO {USAGE.name} (account_id, endpoint, minute, calls, refused) VALUES (?, ?, ?, 1, 0)
ON CONFLICT DO UPDATE SET calls = calls + 1, refused = refused + (calls >= ?) RETURNING calls
"""


@attrs.frozen
class Allowance:
    """What the limit of an endpoint still allows in this minute."""

    total: int
    remaining: int
    is_exceeded: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a response."""
        return {"X-RateLimit-Total": str(self.total), "X-RateLimit-Remaining": str(self.remaining)}


@cache
def limits_of(description: Description) -> Mapping[str, Mapping[str, int]]:
    """Return the calls a minute of each endpoint (`messages/sendMessage`) for each plan."""
    return {
        operation.path.removeprefix("/"): _read_limits(operation.node.text("description"))
        for operation in description.operations.values()
    }


def count_call(account: Account, endpoint: str) -> Allowance:
    """Count a call, also one that exceeds the limit."""
    world, total = account.world, limits_of(account.world.description)[endpoint][account.plan]
    minute = world.now // MINUTE * MINUTE
    row = world.store.one(_COUNT, account.id, endpoint, minute, total)
    assert row is not None
    return Allowance(total, max(0, total - row["calls"]), row["calls"] > total)


def seconds_to_next_minute(world: World) -> int:
    """Return the whole seconds, at least 1, after which the next minute begins."""
    left = MINUTE - world.now % MINUTE
    return -(-left // SECOND)


def _read_limits(description: str) -> Mapping[str, int]:
    if found := _ON_EVERY_PLAN.search(description):
        return dict.fromkeys(PLANS, int(found[1]))
    found = _BY_PLAN.search(description)
    assert found is not None, f"no rate limit in: {description}"
    return dict(zip(PLANS, map(int, found.groups()), strict=True))


def _show_limits(account: Account) -> Json:
    limits = limits_of(account.world.description).items()
    return [{"endpoint": endpoint, "calls_per_minute": by_plan[account.plan]} for endpoint, by_plan in limits]


APP = View[Account](
    "App",
    APPS,
    {"plan": each(lambda account, row: account.plan), "limits": each(lambda account, row: _show_limits(account))},
)
USAGE_MINUTE = View[Account]("UsageMinute", USAGE)


def _get(exchange: AppExchange) -> JsonObject:
    return APP.show_one(exchange.context, exchange.context.find(APPS, exchange.context.app_id))


def _kept_usage(account: Account, select: Select, criteria: Fields) -> Select:
    return select.where("item.minute > ?", account.now - _KEPT).where("item.endpoint NOT GLOB 'auth/*'")


def _set_plan(world: World, fields: Fields) -> object:
    """Put the account of the app `client_id` on `plan`."""
    account, plan = account_of(world, fields), fields.choice("plan", PLANS)
    world.records.select(ACCOUNTS, id=account.id).change("plan = ?", plan)
    return {"account_id": account.id, "plan": plan}


RESOURCE = Resource[AppExchange](
    tables=(SETTINGS, ACCOUNTS, APPS, USAGE, CURSORS),
    operations={
        "apps_get": _get,
        "apps_get_usage": Listing(
            USAGE_MINUTE, ("endpoint",), narrow=_kept_usage, keys=("minute", "endpoint"), time="minute"
        ),
    },
    actions={"set_plan": _set_plan},
)
