"""The number of calls in 60 minutes, for each workspace and scope."""

from __future__ import annotations

from datetime import timedelta

from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.http import Response

from tests.sandbox.rapidpro.caller import Caller


def _limit(sandbox: Sandbox, limit: int, scope: str = "v2") -> None:
    sandbox.control("rapidpro", "throttle", {"scope": scope, "limit": limit})


def _calls_until_refused(api: Caller, path: str) -> tuple[int, Response]:
    for made in range(10_000):
        response = api.call("GET", path)
        if response.status == 429:
            return made, response
    raise AssertionError("never refused")


def test_the_default_is_3600_calls_in_60_minutes(api: Caller) -> None:
    made, refused = _calls_until_refused(api, "workspace")

    assert made == 3600
    assert refused.headers["Retry-After"] == "3597"  # the first of 3,600 calls, a millisecond apart, was 3.6 s ago
    assert refused.body == b'{"detail":"Request was throttled. Expected available in 3597 seconds."}'


def test_a_refused_call_may_be_made_when_the_header_says_so(sandbox: Sandbox, api: Caller) -> None:
    _limit(sandbox, 1)
    api.get("workspace")
    seconds = int(api.call("GET", "workspace").headers["Retry-After"])

    sandbox.advance(timedelta(seconds=seconds - 2))
    too_early = api.call("GET", "workspace").status
    sandbox.advance(timedelta(seconds=2))

    assert (too_early, api.call("GET", "workspace").status) == (429, 200)


def test_the_window_slides(sandbox: Sandbox, api: Caller) -> None:
    _limit(sandbox, 2)
    api.get("workspace")
    sandbox.advance(timedelta(minutes=40))
    api.get("workspace")
    sandbox.advance(timedelta(minutes=21))

    assert api.call("GET", "workspace").status == 200
    assert api.call("GET", "workspace").headers["Retry-After"] == str(39 * 60)


def test_contacts_messages_and_runs_are_counted_apart_from_the_rest(sandbox: Sandbox, api: Caller) -> None:
    for scope in ("v2", "v2.contacts", "v2.messages", "v2.runs"):
        _limit(sandbox, 1, scope)
    paths = ("labels", "contacts", "messages", "runs")

    assert [api.call("GET", path).status for path in paths] == [200] * 4
    assert [api.call("GET", path).status for path in paths] == [429] * 4
    assert api.call("GET", "groups").status == 429
    assert api.call("POST", "contact_actions", {}).status == 429


def test_all_tokens_of_a_workspace_share_a_limit_and_workspaces_do_not(sandbox: Sandbox, api: Caller) -> None:
    _limit(sandbox, 1)
    api.get("workspace")

    assert Caller.of(sandbox, "editor").call("GET", "workspace").status == 429
    assert Caller.of(sandbox, "empty").call("GET", "workspace").status == 200


def test_calls_that_were_refused_before_the_count_do_not_count(sandbox: Sandbox, api: Caller) -> None:
    _limit(sandbox, 1)
    Caller(sandbox).call("GET", "workspace")
    Caller.of(sandbox, "agent").call("GET", "workspace")
    api.call("GET", "workspace", headers={"Accept": "text/html"})
    api.call("PUT", "labels")

    assert [api.call("GET", "workspace").status for _ in range(3)] == [200, 429, 429]
    assert api.call("PUT", "labels").status == 405


def test_calls_that_fail_after_the_count_do_count(sandbox: Sandbox, api: Caller) -> None:
    _limit(sandbox, 2)
    api.error(400, "POST", "labels", {})
    api.error(404, "DELETE", "labels", uuid="00000000-0000-4000-8000-000000000000")

    assert api.call("GET", "workspace").status == 429


def test_nothing_says_how_long_to_wait_once_a_limit_was_lowered_below_what_was_used(
    sandbox: Sandbox, api: Caller
) -> None:
    for _ in range(3):
        api.get("workspace")
    _limit(sandbox, 2)
    response = api.call("GET", "workspace")

    assert (response.status, response.body) == (429, b'{"detail":"Request was throttled."}')
    assert "Retry-After" not in response.headers


def test_a_limit_of_zero_refuses_everything(sandbox: Sandbox, api: Caller) -> None:
    _limit(sandbox, 0)

    assert api.call("GET", "workspace").status == 429
