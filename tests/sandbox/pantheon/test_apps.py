"""The calling app, and the calls it made."""

from __future__ import annotations

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.pantheon.caller import Caller


def test_an_app_is_the_one_the_token_was_issued_to(sandbox: Sandbox, api: Caller) -> None:
    first, second = api.ok("apps/getApp"), Caller.of(sandbox, "scale_second").ok("apps/getApp")

    assert (first["client_id"], first["plan"]) == ("PANTHEONSCALE", "scale")
    assert second["client_id"] == "PANTHEONSCALESECOND"
    assert first["account_id"] == second["account_id"]
    assert first["id"] != second["id"]
    assert "secret" not in str(first)


def test_usage_counts_each_endpoint_and_minute_but_not_tokens(sandbox: Sandbox) -> None:
    api = Caller.of(sandbox, "empty")
    for _ in range(3):
        api.call("contacts/listContacts")
    api.advance(minutes=1)
    api.call("contacts/listContacts", {"x": 1})

    assert api.items("apps/getUsage", order="asc") == [
        {"endpoint": "contacts/listContacts", "minute": "2026-01-01T12:00:00.000Z", "calls": 3, "refused": 0},
        {"endpoint": "apps/getUsage", "minute": "2026-01-01T12:01:00.000Z", "calls": 1, "refused": 0},
        {"endpoint": "contacts/listContacts", "minute": "2026-01-01T12:01:00.000Z", "calls": 1, "refused": 0},
    ]


def test_usage_tells_the_calls_that_were_over_the_limit(sandbox: Sandbox) -> None:
    api = Caller.of(sandbox, "free")
    for _ in range(65):
        api.call("contacts/createContact")
    (minute,) = api.items("apps/getUsage", endpoint="contacts/createContact")

    assert (minute["calls"], minute["refused"]) == (65, 5)


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_usage_is_iterated_by_minute_and_endpoint(sandbox: Sandbox, order: str) -> None:
    api = Caller.of(sandbox, "empty")
    for method in ("contacts/listContacts", "files/listFiles", "channels/listChannels") * 2:
        api.call(method)
        api.advance(seconds=31)
    pages = list(api.pages("apps/getUsage", limit=2, order=order, minute_before="2026-01-01T12:03:00.000Z"))
    seen = [(item["minute"], item["endpoint"]) for page in pages for item in page["items"]]

    assert [len(page["items"]) for page in pages] == [2, 2, 2]
    assert seen == sorted(seen, reverse=order == "desc")
    assert len(set(seen)) == 6


def test_usage_can_be_narrowed_to_some_minutes(sandbox: Sandbox) -> None:
    api = Caller.of(sandbox, "empty")
    for _ in range(3):
        api.call("contacts/listContacts")
        api.advance(minutes=1)
    found = api.items(
        "apps/getUsage",
        endpoint="contacts/listContacts",
        minute_after="2026-01-01T12:01:00Z",
        minute_before="2026-01-01T12:02:00Z",
    )

    assert [item["minute"] for item in found] == ["2026-01-01T12:01:00.000Z"]


def test_usage_is_kept_for_31_days(sandbox: Sandbox) -> None:
    api = Caller.of(sandbox, "empty")
    api.call("contacts/listContacts")
    api.advance(days=31)

    assert Caller.of(sandbox, "empty").items("apps/getUsage", endpoint="contacts/listContacts") == []


def life(api: Caller) -> None:
    """Call every method of the namespace."""
    api.ok("apps/getApp")
    api.ok("apps/getUsage")
