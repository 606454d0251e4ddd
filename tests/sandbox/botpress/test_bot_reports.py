"""What is known of the work of a bot: logs, issues, calls of actions, numbers, activities, and its webchat."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from trilogue_sandbox.botpress.logs import TASK_ID
from trilogue_sandbox.kernel.http import Request

from tests.sandbox.botpress.caller import Caller
from tests.sandbox.botpress.test_messages import make_parties

BOTS = "/v1/admin/bots"
SINCE = "2026-01-01T00:00:00Z"


def bot_path(api: Caller) -> str:
    """Return the path of the bot."""
    return f"{BOTS}/{api.headers['x-bot-id']}"


def test_logs_are_read_by_time_level_and_text_the_newest_first(api: Caller) -> None:
    for number in range(25):
        api.control("log", message=f"Line {number}", level="warn" if number % 5 else "error", user="user_1")
    api.control("log", message="from outside", is_integration=True)
    api.sandbox.advance(timedelta(minutes=1))
    api.control("log", message="later")
    path = f"{bot_path(api)}/logs"
    first = api.get(path, timeStart=SINCE, timeEnd="2026-01-01T12:00:59Z", userId="user_1")
    second = api.get(
        path, timeStart=SINCE, timeEnd="2026-01-01T12:00:59Z", userId="user_1", nextToken=first["nextToken"]
    )
    errors = api.get(path, timeStart=SINCE, level="error", messageContains="Line 1")["logs"]
    (line,) = api.get(path, timeStart="2026-01-01T12:00:59Z")["logs"]
    integration = next(iter(api.get(bot_path(api))["bot"]["integrations"]))
    outside = api.get(f"/v1/admin/integrations/{integration}/logs", timeStart=SINCE)["logs"]

    messages = [row["message"] for row in (*first["logs"], *second["logs"])]
    assert messages == [f"Line {number}" for number in range(24, -1, -1)]
    assert "nextToken" not in second
    assert [row["message"] for row in errors] == ["Line 15", "Line 10"]
    assert line == {"timestamp": line["timestamp"], "level": "info", "message": "later"}
    assert [row["message"] for row in outside] == ["from outside", "The integration is ready."]
    api.error("InvalidQuery", "GET", path)


def test_a_line_of_a_log_names_what_it_is_about(api: Caller) -> None:
    about = {"conversation": "conv_1", "user": "user_1", "workflow": "wrkflow_1"}
    shown = {"conversationId": "conv_1", "userId": "user_1", "workflowId": "wrkflow_1"}
    integration = next(iter(api.get(bot_path(api))["bot"]["integrations"]))
    api.sandbox.advance(timedelta(minutes=1))
    for is_integration in (False, True):
        for number in range(21):
            api.control("log", message=f"Line {number}", is_integration=is_integration, **about)
    for path in (f"{bot_path(api)}/logs", f"/v1/admin/integrations/{integration}/logs"):
        page = api.get(path, timeStart=SINCE)
        older = api.get(path, timeStart=SINCE, nextToken=page["nextToken"])["logs"]
        before = api.get(path, timeStart=SINCE, timeEnd="2026-01-01T12:00:30Z")["logs"]

        assert page["logs"][0] == {**shown, **page["logs"][0]}
        assert [row["message"] for row in older][:1] == ["Line 0"]
        assert not any("conversationId" in row for row in before)


def test_the_same_problem_met_again_is_one_more_event_of_its_issue(api: Caller) -> None:
    path = f"{bot_path(api)}/issues"
    known = {"code": "rate_limited", "category": "limits", "title": "Too fast", "grouped": {"service": "mail"}}
    first = api.control("report_issue", **known, data={"attempt": "1"})["id"]
    again = api.control("report_issue", **known, data={"attempt": "2"})["id"]
    other = api.control("report_issue", **{**known, "grouped": {"service": "fax"}})["id"]
    listed = [issue["id"] for issue in api.iterate(path, "issues", pageSize=1)]
    issue = api.get(f"{path}/{first}")["issue"]
    events = api.get(f"{path}/{first}/events")["issueEvents"]
    api.delete(f"{path}/{first}")

    assert first == again != other
    assert listed[:2] == [other, first]
    assert (issue["eventsCount"], issue["groupedData"]) == (2, {"service": {"raw": "mail"}})
    assert issue["lastSeenAt"] >= issue["createdAt"]
    assert [event["data"] for event in events] == [{"attempt": {"raw": "2"}}, {"attempt": {"raw": "1"}}]
    api.error("ResourceNotFound", "GET", f"{path}/{first}")


def test_an_issue_says_where_it_can_be_resolved_and_formats_names_for_display(api: Caller) -> None:
    path, details = f"{bot_path(api)}/issues", {"action": "createIssue", "reason": "no access"}
    link = "https://example.com/limits"
    id = api.control("report_issue", code="action_failed", link=link, grouped=details, data=details)["id"]
    issue = api.get(f"{path}/{id}")["issue"]
    (event,) = api.get(f"{path}/{id}/events")["issueEvents"]

    shown = {"action": {"raw": "createIssue", "pretty": "Create issue"}, "reason": {"raw": "no access"}}
    assert (issue["resolutionLink"], issue["groupedData"], event["data"]) == (link, shown, shown)
    assert issue in api.get(path)["issues"]


def test_calls_of_actions_are_listed_with_what_went_in_and_out(api: Caller) -> None:
    path = f"{bot_path(api)}/action-runs"
    api.post("/v1/chat/actions", type="telegram:startTyping", input={"text": "x" * 200_000})
    api.control("set_action", type="telegram:startTyping", error="no such chat")
    api.error("Runtime", "POST", "/v1/chat/actions", {"type": "telegram:startTyping", "input": {"chat": 1}})
    failed, done, *_ = api.iterate(path, "data", integrationName="telegram")

    assert (failed["status"], failed["output"], failed["errorMessage"]) == ("FAILURE", None, "no such chat")
    assert (done["status"], done["errorMessage"], done["inputTruncated"]) == ("SUCCESS", None, True)
    assert failed["input"] == {"chat": 1}
    assert api.get(path, integrationName="linear") == {"data": [], "meta": {}}
    assert api.get(path, integrationName="telegram", timestampFrom="2027-01-01T00:00:00Z")["data"] == []
    until = api.get(path, integrationName="telegram", timestampUntil=done["timestamp"])["data"]
    assert done in until
    assert failed not in until


def say(api: Caller, parties: dict[str, str], text: str) -> Any:
    """Let the person of a conversation say something."""
    integration = api.with_headers(x_integration_id=Caller.of(api.sandbox, "iak").headers["x-integration-id"])
    said = {**parties, "type": "text", "payload": {"text": text}, "tags": {}}
    return integration.create("/v1/chat/messages", **said)["message"]


def test_analytics_count_what_happened_day_by_day(api: Caller) -> None:
    parties = make_parties(api)
    api.sandbox.advance(timedelta(days=1))
    say(api, parties, "Hello")
    say(api, parties, "Hello?")
    api.create("/v1/chat/messages", **parties, type="text", payload={"text": "Yes?"}, tags={})
    api.post("/v1/chat/analytics", name="greeting", count=3)
    before, day = api.get(f"{bot_path(api)}/analytics", startDate=SINCE, endDate="2027-01-01T00:00:00Z")["records"]

    assert before["newUsers"] >= 1
    assert day["startDateTimeUtc"] == "2026-01-02T00:00:00.000Z"
    counted = ("newUsers", "returningUsers", "sessions", "messages", "userMessages", "botMessages")
    assert {name: day[name] for name in counted} == dict(zip(counted, (0, 1, 0, 2, 2, 1), strict=True))
    assert day["customEvents"] == {"greeting": 3}
    assert day["eventTypes"]["message_created"] == 2
    assert day["llm"]["calls"] == day["llm"]["cost"]["sum"] == 0
    query = {"startDate": "2026-02-01T00:00:00Z", "endDate": SINCE}
    api.error("InvalidQuery", "GET", f"{bot_path(api)}/analytics", **query)


def test_analytics_count_a_scheduled_message_once_it_is_sent(api: Caller) -> None:
    later = {"type": "text", "payload": {"text": "Later"}, "tags": {}, "schedule": {"delay": 60_000}}
    window = {"startDate": "2026-01-01T00:00:00Z", "endDate": "2026-01-01T23:59:59Z"}

    def counted() -> int:
        (day,) = api.get(f"{bot_path(api)}/analytics", **window)["records"]
        return int(day["botMessages"])

    before = counted()
    api.create("/v1/chat/messages", **make_parties(api), **later)
    scheduled = counted()
    api.sandbox.advance(timedelta(minutes=2))

    assert (scheduled, counted()) == (before, before + 1)


def test_activities_belong_to_a_task_of_a_bot(api: Caller) -> None:
    query = {"taskId": TASK_ID, "botId": api.headers["x-bot-id"]}
    (activity,) = api.get("/v1/admin/activities", **query)["activities"]

    assert (activity["description"], activity["category"]) == ("The task was completed.", "task_status")
    assert api.get("/v1/admin/activities", **{**query, "taskId": "task_2"})["activities"] == []
    Caller.of(api.sandbox, "stranger").error("ResourceNotFound", "GET", "/v1/admin/activities", **query)


def test_the_code_of_a_webchat_leads_to_the_sandbox(api: Caller) -> None:
    path = f"{bot_path(api)}/webchat"
    codes = {
        code_type: api.get(path, type=code_type)["code"]
        for code_type in ("preconfigured", "configurable", "fullscreen")
    }
    url = api.get(path, type="sharableUrl")["code"]
    page = api.sandbox.respond(Request("GET", url.removeprefix("http://127.0.0.1")))
    script = api.sandbox.respond(Request("GET", f"{url.removeprefix('http://127.0.0.1')}/inject.js"))

    assert all(url in code for code in codes.values())
    assert (page.status, script.status) == (200, 200)
    assert b"Helper" in page.body
    assert api.sandbox.respond(Request("GET", "/botpress/webchat/nobody")).status == 404


LIVES = (
    test_logs_are_read_by_time_level_and_text_the_newest_first,
    test_the_same_problem_met_again_is_one_more_event_of_its_issue,
    test_calls_of_actions_are_listed_with_what_went_in_and_out,
    test_analytics_count_what_happened_day_by_day,
    test_activities_belong_to_a_task_of_a_bot,
    test_the_code_of_a_webchat_leads_to_the_sandbox,
)
