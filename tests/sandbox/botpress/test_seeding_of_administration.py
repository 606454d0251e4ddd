"""Seed data of the administration and of billing."""

from __future__ import annotations

from typing import Any

import pytest
from trilogue_sandbox.botpress.logs import TASK_ID
from trilogue_sandbox.kernel.platform import ControlError

from tests.sandbox.botpress.caller import Caller

SINCE = "2025-01-01T00:00:00Z"


def paths(api: Caller) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Return where the rows of each key are listed."""
    bot = f"/v1/admin/bots/{api.headers['x-bot-id']}"
    task = {"taskId": TASK_ID, "botId": api.headers["x-bot-id"]}
    return {
        "bots": ("/v1/admin/bots", "bots", {}),
        "integrations": ("/v1/admin/hub/integrations", "integrations", {}),
        "interfaces": ("/v1/admin/interfaces", "interfaces", {}),
        "plugins": ("/v1/admin/plugins", "plugins", {}),
        "workspaces": ("/v1/admin/workspaces", "workspaces", {}),
        "members": ("/v1/admin/workspace-members", "members", {}),
        "invoices": ("/v2/billing/invoices", "invoices", {}),
        "issues": (f"{bot}/issues", "issues", {}),
        "action_runs": (f"{bot}/action-runs", "data", {"integrationName": "telegram"}),
        "activities": ("/v1/admin/activities", "activities", task),
    }


def test_each_key_adds_as_many_rows_as_it_says(api: Caller) -> None:
    before = {key: len(api.iterate(path, field, **query)) for key, (path, field, query) in paths(api).items()}
    api.sandbox.seed_data("botpress", dict.fromkeys(before, 23))
    api.sandbox.seed_data("botpress", dict.fromkeys(before, 2))
    after = {key: len(api.iterate(path, field, **query)) for key, (path, field, query) in paths(api).items()}

    assert after == {key: count + 25 for key, count in before.items()}


def test_log_lines_are_added(api: Caller) -> None:
    api.sandbox.seed_data("botpress", {"logs": 5})
    logs = api.get(f"/v1/admin/bots/{api.headers['x-bot-id']}/logs", timeStart=SINCE)["logs"]

    assert len(logs) == 6


@pytest.mark.parametrize("value", [-1, "five", True])
def test_what_is_no_number_is_an_error(api: Caller, value: Any) -> None:
    with pytest.raises(ControlError, match="bots"):
        api.sandbox.seed_data("botpress", {"bots": value})


def test_every_list_holds_something_from_the_beginning(api: Caller) -> None:
    empty = [key for key, (path, field, query) in paths(api).items() if not api.get(path, **query)[field]]

    assert empty == []
