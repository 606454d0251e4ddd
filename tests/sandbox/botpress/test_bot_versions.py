"""Saved versions of bots, and their sources."""

from __future__ import annotations

import json

from trilogue_sandbox.kernel.http import Request

from tests.sandbox.botpress.caller import Caller
from tests.sandbox.botpress.test_bots import BOTS, make_bot

ACTION = {"input": {"schema": {}}, "output": {"schema": {}}}


def test_a_version_is_saved_downloaded_and_deployed_again(api: Caller) -> None:
    made = make_bot(api, name="Desk", actions={"first": ACTION}, secrets={"KEY": "1"})
    path = f"{BOTS}/{made['id']}"
    version = api.post(f"{path}/versions", name="v1", description="The first.")["version"]
    api.put(path, actions={"first": None, "second": ACTION})
    url = api.get(f"{path}/versions/{version['id']}")["url"]
    archive = json.loads(api.sandbox.respond(Request("GET", url.removeprefix("http://127.0.0.1"))).body)
    api.post(f"{path}/versions/deploy", versionId=version["id"])
    bot = api.get(path)["bot"]

    assert api.get(f"{path}/versions") == {"versions": [version]}
    assert version == {"id": version["id"], "name": "v1", "description": "The first."}
    assert archive["bot"]["actions"] == {"first": ACTION}
    assert "KEY" not in archive["bot"]
    assert (set(bot["actions"]), bot["secrets"]) == ({"first"}, ["KEY"])
    assert bot["deployedAt"]
    api.error("ReferenceNotFound", "POST", f"{path}/versions/deploy", {"versionId": "botver_none"})
    api.error("ResourceNotFound", "GET", f"{path}/versions/botver_none")


def test_the_sources_of_one_bot_can_be_deployed_in_another(api: Caller) -> None:
    event = {"schedule": {"cron": "0 9 * * 1"}, "type": "report", "payload": {}}
    one = make_bot(api, name="One", states={"order": {"type": "user", "schema": {}}}, recurringEvents={"weekly": event})
    other = make_bot(api, name="Other", events={"paid": {"schema": {}}})
    sources = api.get(f"{BOTS}/{one['id']}/bot-json")
    outcome = api.post(f"{BOTS}/{other['id']}/publish-from-bot-json", botJson=sources)
    bot = api.get(f"{BOTS}/{other['id']}")["bot"]

    assert outcome["botId"] == other["id"]
    assert (set(bot["states"]), bot["events"]) == ({"order"}, {})
    assert bot["recurringEvents"]["weekly"]["schedule"] == {"cron": "0 9 * * 1"}
    assert api.get(f"{BOTS}/{other['id']}/bot-json")["bot"]["states"] == sources["bot"]["states"]


def test_what_sources_lack_is_gone_once_they_are_deployed(api: Caller) -> None:
    made = make_bot(api, events={"paid": {"schema": {}}}, actions={"sell": ACTION})
    api.post(f"{BOTS}/{made['id']}/publish-from-bot-json", botJson={"bot": {"actions": {"sell": ACTION}}})
    bot = api.get(f"{BOTS}/{made['id']}")["bot"]

    assert (bot["actions"], bot["events"]) == (made["actions"], {})


def test_sources_that_are_none_are_errors(api: Caller) -> None:
    path = f"{BOTS}/{api.headers['x-bot-id']}/publish-from-bot-json"
    before = api.get(f"{BOTS}/{api.headers['x-bot-id']}")

    api.error("InvalidPayload", "POST", path, {"botJson": {}})
    error = api.error("InvalidPayload", "POST", path, {"botJson": {"bot": {"states": {"order": {"type": "task"}}}}})
    assert error["message"].startswith("body/botJson/bot/states/order")
    api.error("InvalidIdentifier", "POST", path, {"botJson": {"bot": {"actions": {"No-": ACTION}}}})
    assert api.get(f"{BOTS}/{api.headers['x-bot-id']}") == before


def test_the_quota_of_saved_versions_can_be_used_up(api: Caller) -> None:
    path = f"{BOTS}/{api.headers['x-bot-id']}/versions"
    api.control("set_quota", feature="saved_versions", value=2)
    api.post(path, name="second")

    api.error("QuotaExceeded", "POST", path, {"name": "third"})


LIVES = (
    test_a_version_is_saved_downloaded_and_deployed_again,
    test_the_sources_of_one_bot_can_be_deployed_in_another,
)
