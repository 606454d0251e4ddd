"""Calls counted for each account, endpoint and minute."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.description import Description

from tests.sandbox.pantheon.caller import Caller, app, document


def counts(api: Caller, method: str = "apps/getApp") -> tuple[int, int, int]:
    """Call a method and return the status, the total and what remains."""
    response = api.call(method)
    return response.status, int(response.headers["x-ratelimit-total"]), int(response.headers["x-ratelimit-remaining"])


def limits(api: Caller) -> Mapping[str, int]:
    return {item["endpoint"]: item["calls_per_minute"] for item in api.ok("apps/getApp")["limits"]}


@pytest.mark.parametrize(
    ("account", "read", "write"), [("free", 120, 60), ("standard", 700, 350), ("scale", 3500, 1750)]
)
def test_the_plan_decides_the_limits(sandbox: Sandbox, account: str, read: int, write: int) -> None:
    api = Caller.of(sandbox, account)
    numbers = limits(api)

    assert numbers["contacts/getContact"] == read
    assert numbers["contacts/createContact"] == write
    assert numbers["auth/getAccessToken"] == 30
    assert api.call("contacts/listContacts").headers["x-ratelimit-total"] == str(read)


def test_there_is_a_limit_for_each_endpoint(api: Caller) -> None:
    paths = {operation.path.removeprefix("/") for operation in Description.load("pantheon").operations.values()}

    assert limits(api).keys() == paths


def test_what_remains_is_counted_down_to_an_error_and_starts_again_with_the_minute(sandbox: Sandbox) -> None:
    api = Caller.of(sandbox, "free")
    seen = [counts(api) for _ in range(121)]
    refused = api.call("apps/getApp")
    seconds = int(refused.headers["retry-after"])
    api.advance(seconds=seconds - 1)
    too_early = counts(api)
    api.advance(seconds=1)

    assert seen == [(200, 120, 120 - number) for number in range(1, 121)] + [(429, 120, 0)]
    assert document(refused, 429) == {"message": f"Too many calls, try again in {seconds} seconds."}
    assert too_early == (429, 120, 0)
    assert counts(api) == (200, 120, 119)


def test_the_minute_is_that_of_the_utc_clock(sandbox: Sandbox) -> None:
    api = Caller.of(sandbox, "free")
    api.advance(seconds=58)
    first = counts(api)
    api.advance(seconds=2)

    assert (first[2], counts(api)[2]) == (119, 119)


def test_endpoints_and_accounts_are_counted_apart_and_apps_of_one_account_together(sandbox: Sandbox) -> None:
    main, second, other = (Caller.of(sandbox, name) for name in ("scale", "scale_second", "empty"))
    remaining = [counts(api)[2] for api in (main, second, main, other)]

    assert remaining == [3499, 3498, 3497, 3499]
    assert counts(main, "apps/getUsage")[2] == 3499


def test_calls_that_are_refused_or_repeated_count(api: Caller) -> None:
    method = "contacts/createContact"
    responses = [api.call(method, {"x": 1}), api.with_key("k", method), api.with_key("k", method)]

    assert [response.headers["x-ratelimit-remaining"] for response in responses] == ["1749", "1748", "1747"]


def test_calls_without_credentials_do_not_count(sandbox: Sandbox, api: Caller) -> None:
    Caller(sandbox, "Bearer nonsense").call("apps/getApp")

    assert counts(api)[2] == 3499


def test_the_token_endpoint_has_the_same_limit_on_every_plan(sandbox: Sandbox) -> None:
    credentials = app(sandbox, "empty")
    statuses = [credentials.call("auth/getAccessToken", {"grant_type": "client_credentials"}).status for _ in range(31)]

    assert statuses == [200] * 30 + [429]


def test_a_plan_can_be_changed(api: Caller) -> None:
    api.control("set_plan", client_id="PANTHEONSCALE", plan="free")

    assert api.ok("apps/getApp")["plan"] == "free"
    assert counts(api)[1] == 120
    assert api.rejected_argument("set_plan", plan="gold") == "plan"
    assert api.rejected_argument("set_plan", plan="free", client_id="nobody") == "client_id"
