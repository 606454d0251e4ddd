"""What is used of what may be used."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from trilogue_sandbox.botpress.usages import USAGE_TYPES

from tests.sandbox.botpress.caller import Caller
from tests.sandbox.botpress.test_tables import make_table

USAGES = "/v1/admin/usages"


def workspace(api: Caller) -> str:
    """Return the path of the workspace."""
    return f"/v1/admin/workspaces/{api.headers['x-workspace-id']}"


def used(api: Caller, owner_id: str, usage_type: str, **query: Any) -> Any:
    """Return how much was used."""
    return api.get(f"{USAGES}/{owner_id}", type=usage_type, **query)["usage"]["value"]


@pytest.mark.parametrize("usage_type", USAGE_TYPES)
def test_each_type_of_usage_counts_for_a_workspace(api: Caller, usage_type: str) -> None:
    workspace_id = api.headers["x-workspace-id"]
    usage = api.get(f"{USAGES}/{workspace_id}", type=usage_type)["usage"]
    quota = api.get(f"{workspace(api)}/quota", type=usage_type)["quota"]

    assert usage["id"] == workspace_id
    assert usage["period"] == "2026-01"
    assert quota == {"period": "2026-01", "value": usage["quota"], "type": usage_type}


def test_what_lasts_counts_as_long_as_it_is_there(api: Caller) -> None:
    bot, workspace_id = api.headers["x-bot-id"], api.headers["x-workspace-id"]
    rows, bots = used(api, bot, "table_row_count"), used(api, workspace_id, "bot_count")
    make_table(api, factor=2)
    api.post("/v1/tables/Cities/rows", rows=[{"city": "Porto"}, {"city": "Kigali"}])
    made = api.post("/v1/admin/bots")["bot"]["id"]
    more = used(api, bot, "table_row_count"), used(api, workspace_id, "bot_count")
    api.delete("/v1/tables/Cities")
    api.delete(f"/v1/admin/bots/{made}")

    assert more == (rows + 4, bots + 1)
    assert (used(api, bot, "table_row_count"), used(api, workspace_id, "bot_count")) == (rows, bots)
    api.error("InvalidQuery", "GET", f"{USAGES}/{bot}", type="bot_count")


def test_what_happens_counts_in_its_month(api: Caller) -> None:
    bot = api.headers["x-bot-id"]
    api.control("record_usage", type="openai_spend", cents=150)
    api.sandbox.advance(timedelta(days=31))
    api.control("record_usage", type="openai_spend", cents=50)
    history = api.get(f"{USAGES}/{bot}/history", type="openai_spend")["usages"]

    assert [(usage["period"], usage["value"]) for usage in history] == [("2026-02", 0.5)]
    assert used(api, bot, "openai_spend", period="2026-01") == 1.5
    assert api.get(f"{workspace(api)}/usages", type="openai_spend", period="2026-01")["usages"][0]["value"] == 1.5
    assert api.get(f"{workspace(api)}/usages", type="openai_spend")["usages"] == [
        {**history[0], "id": api.headers["x-workspace-id"]}
    ]
    api.error("InvalidQuery", "GET", f"{USAGES}/{bot}", type="openai_spend", period="last month")


def test_each_thing_that_was_counted_is_listed_and_summed_up_by_day(api: Caller) -> None:
    bot = api.headers["x-bot-id"]
    for cents, source in ((10, "browser"), (20, "browser"), (30, "mail")):
        api.control("record_usage", type="bing_search_spend", cents=cents, source=source)
        api.sandbox.advance(timedelta(hours=9))
    activity = api.iterate(f"{USAGES}/{bot}/activity", "data", type="bing_search_spend", pageSize=2)
    path = f"{USAGES}/{bot}/daily-activity"
    days = api.get(path, type="bing_search_spend")["data"]

    assert [row["value"] for row in activity] == [0.3, 0.2, 0.1]
    assert activity[0]["metadata"]["source"] == "mail"
    until = {"timestampUntil": activity[1]["timestamp"]}
    assert api.get(f"{USAGES}/{bot}/activity", type="bing_search_spend", **until)["data"] == activity[1:]
    assert [(day["date"], round(day["value"], 2)) for day in days] == [("2026-01-02", 0.3), ("2026-01-01", 0.3)]
    assert days[1]["metadata"] == {"botId": bot, "type": "IntegrationAction", "source": "browser"}
    assert api.get(path, type="bing_search_spend", dateFrom="2026-01-02")["data"] == days[:1]
    assert api.get(path, type="bing_search_spend", dateUntil="2026-01-01")["data"] == days[1:]
    (generated,) = api.get(path, type="ai_spend")["data"]
    assert (generated["metadata"]["type"], generated["metadata"]["subtype"]) == ("IntegrationAction", "generateContent")
    api.error("InvalidQuery", "GET", path, type="ai_spend", dateFrom="today")


def test_several_usages_are_all_of_bots_or_all_of_workspaces(api: Caller) -> None:
    bot, workspace_id = api.headers["x-bot-id"], api.headers["x-workspace-id"]
    found = api.get(f"{USAGES}/multiple", types=["ai_spend", "storage_count"], ids=[bot])["usages"]
    whole = api.get(f"{USAGES}/multiple", types=["bot_count"], ids=[workspace_id])["usages"]

    assert [(usage["id"], usage["type"]) for usage in found] == [(bot, "ai_spend"), (bot, "storage_count")]
    assert whole[0]["value"] == 1
    api.error("InvalidQuery", "GET", f"{USAGES}/multiple", types=["ai_spend"], ids=[bot, workspace_id])
    api.error("InvalidQuery", "GET", f"{USAGES}/multiple", types=["bot_count"], ids=[bot])
    api.error("InvalidQuery", "GET", f"{USAGES}/multiple", types=["dreams"], ids=[bot])
    stranger = Caller.of(api.sandbox, "stranger")
    stranger.error("ResourceNotFound", "GET", f"{USAGES}/multiple", types=["ai_spend"], ids=[bot])


def test_the_usage_of_a_workspace_is_broken_down_by_bot(api: Caller) -> None:
    other = api.post("/v1/admin/bots")["bot"]["id"]
    api.control("record_usage", bot=other, cents=40)
    data = api.get(f"{workspace(api)}/usages/by-bot", type="ai_spend")["data"]

    assert {row["botId"]: row["value"] for row in data} == {api.headers["x-bot-id"]: 0.25, other: 0.4}


def test_the_fullest_quota_of_each_workspace_is_reported(api: Caller) -> None:
    api.put("/v1/admin/quotas/ai-spend", monthlySpendingLimit=0.5)
    completion = api.get("/v1/admin/workspaces/usages/quota-completion")
    quotas = {quota["type"]: quota["value"] for quota in api.get(f"{workspace(api)}/quotas")["quotas"]}
    quota = api.get(f"{workspace(api)}/quota", type="ai_spend")["quota"]

    assert completion == {api.headers["x-workspace-id"]: {"type": "ai_spend", "completion": 0.5}}
    assert quotas["ai_spend"] == quota["value"] == 0.5
    api.error("InvalidPayload", "PUT", "/v1/admin/quotas/ai-spend", {"monthlySpendingLimit": -1})


def test_billing_tells_use_and_quota_of_each_feature(api: Caller) -> None:
    quotas = api.get("/v2/billing/quotas")
    one = api.get("/v2/usage/workspace-usage", feature="ai_spend", period="2026-01")
    all_of_them = api.get("/v2/usage/workspace-usages", period="2026-01")["quotas"]

    assert one == {"usage": 0.25, "quota": 500} == all_of_them["ai_spend"]
    assert {feature: usage["quota"] for feature, usage in all_of_them.items()} == quotas
    assert api.get("/v2/usage/workspace-usage", feature="ai_spend", period="2025-12")["usage"] == 0


LIVES = (
    test_what_happens_counts_in_its_month,
    test_each_thing_that_was_counted_is_listed_and_summed_up_by_day,
    test_several_usages_are_all_of_bots_or_all_of_workspaces,
    test_the_usage_of_a_workspace_is_broken_down_by_bot,
    test_the_fullest_quota_of_each_workspace_is_reported,
    test_billing_tells_use_and_quota_of_each_feature,
)
