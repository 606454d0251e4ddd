"""The namespace apps: the calling app, its limits, and how much of them was used."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import arguments, limits, timestamps
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.exchanges import Call
from trilogue_sandbox.pantheon.fields import Fields
from trilogue_sandbox.pantheon.paging import Listing, list_page
from trilogue_sandbox.pantheon.resources import Resource

_KEPT = 31 * timestamps.DAY


def _get(call: Call) -> JsonObject:
    row = call.store.one("SELECT * FROM pantheon_apps WHERE id = ?", call.app.id)
    assert row is not None
    plan = limits.plan_of(call.world, call.account.id)
    rates: list[Json] = [
        {"endpoint": endpoint, "calls_per_minute": numbers[plan]}
        for endpoint, numbers in limits.limits_of(call.world.description).items()
    ]
    return {
        "id": row["id"],
        "account_id": row["account_id"],
        "name": row["name"],
        "client_id": row["client_id"],
        "plan": plan,
        "limits": rates,
        "created_at": timestamps.show(row["created_at"]),
    }


def _show_minute(account: Account, row: sqlite3.Row) -> JsonObject:
    return {
        "endpoint": row["endpoint"],
        "minute": timestamps.show(row["minute"]),
        "calls": row["calls"],
        "refused": row["refused"],
    }


def _counted(account: Account, select: Select, criteria: Fields) -> Select:
    kept = select.where("item.minute > ?", account.now - _KEPT)
    return kept.where("item.endpoint NOT GLOB 'auth/*'")


_USAGE = Listing(
    "pantheon_usage", _show_minute, ("endpoint",), narrow=_counted, keys=("minute", "endpoint"), moment="minute"
)


def _get_usage(call: Call) -> JsonObject:
    return list_page(call, _USAGE)


def _set_plan(world: World, given: JsonObject) -> object:
    """Put the account of the app `client_id` on `plan`."""
    account_id = arguments.account(world, given).id
    plan = arguments.choice(given, "plan", limits.PLANS)
    world.store.run("UPDATE pantheon_accounts SET plan = ? WHERE id = ?", plan, account_id)
    return {"account_id": account_id, "plan": plan}


RESOURCE: Resource = Resource(
    handlers={"apps_get": _get, "apps_get_usage": _get_usage}, actions={"set_plan": _set_plan}
)
