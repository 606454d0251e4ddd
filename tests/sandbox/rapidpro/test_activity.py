"""Lists of flows, runs, tickets and all that, in numbers."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.rapidpro.caller import Caller

NEWEST_FIRST = (
    "campaign_events",
    "campaigns",
    "channel_events",
    "channels",
    "classifiers",
    "flows",
    "optins",
    "resthook_events",
    "resthook_subscribers",
    "topics",
)
BY_LAST_CHANGE = ("flow_starts", "resthooks", "runs", "templates", "tickets")
TIMESTAMP = 1_750_000_000_123_456


def set_all(sandbox: Sandbox, table: str, column: str) -> None:
    """Give all rows one time, as a bulk job in the server's database would."""
    sandbox._store.run(f"UPDATE rapidpro_{table} SET {column} = ?", TIMESTAMP)


def steps(sandbox: Sandbox, api: Caller, path: str, **query: object) -> tuple[int, int]:
    """Return what SQLite's machine does for a page, in units of ten steps, and how many rows the page has."""
    count = 0

    def tick() -> int:
        nonlocal count
        count += 1
        return 0

    connection = sandbox._store._connection  # the sandbox itself has no need of a counter
    connection.set_progress_handler(tick, 10)
    rows = api.rows(path, **query)
    connection.set_progress_handler(None, 0)
    return count, len(rows)


@pytest.mark.parametrize("name", [*NEWEST_FIRST, *BY_LAST_CHANGE])
def test_an_iteration_yields_every_row_once_and_in_order(sandbox: Sandbox, api: Caller, name: str) -> None:
    before = len(api.iterate(name))
    sandbox.seed_data("rapidpro", {name: 260})
    rows = api.iterate(name)
    column = "created_on" if name in NEWEST_FIRST else "modified_on"
    times = [datetime.fromisoformat(row[column]) for row in rows]

    assert len(rows) == len({json.dumps(row) for row in rows}) == before + 260
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("name", BY_LAST_CHANGE)
@pytest.mark.parametrize("reverse", ["true", "false"])
def test_rows_that_changed_at_one_time_are_each_yielded_once(
    sandbox: Sandbox, api: Caller, name: str, reverse: str
) -> None:
    sandbox.seed_data("rapidpro", {name: 1000})
    set_all(sandbox, name, "modified_on")
    rows = api.iterate(name, reverse=reverse)

    assert len(rows) == len({json.dumps(row) for row in rows}) >= 1000


@pytest.mark.parametrize(("reverse", "times_yielded"), [("false", 0), ("true", 2)])
def test_a_ticket_that_changes_during_an_iteration_is_lost_or_with_reverse_repeated(
    sandbox: Sandbox, api: Caller, reverse: str, times_yielded: int
) -> None:
    sandbox.seed_data("rapidpro", {"tickets": 300})
    oldest = api.rows("tickets", reverse="true")[0]["uuid"]
    page = api.get("tickets", reverse=reverse)
    api.call("POST", "ticket_actions", {"tickets": [oldest], "action": "add_note", "note": "Hurry"})
    met = [ticket["uuid"] for ticket in page["results"] + api.follow(page["next"])["results"]]

    assert met.count(oldest) == times_yielded


@pytest.mark.parametrize("name", ["runs", "tickets", "flow_starts", "channel_events"])
def test_the_last_page_costs_what_the_first_does(sandbox: Sandbox, api: Caller, name: str) -> None:
    sandbox.seed_data("rapidpro", {name: 3000})
    page: Any = api.get(name)
    cursors = []
    while page["next"]:
        cursors.append(page["next"].partition("cursor=")[2].replace("%3D", "="))
        page = api.follow(page["next"])
    first, middle = (steps(sandbox, api, name, cursor=cursor) for cursor in (cursors[0], cursors[-2]))

    assert first[1] == middle[1] == 250
    assert middle[0] < 1.2 * first[0]


def test_the_runs_of_a_rare_flow_are_found_without_looking_at_all_others(sandbox: Sandbox, api: Caller) -> None:
    sandbox.seed_data("rapidpro", {"runs": 3000})
    sandbox.control("rapidpro", "add_flow", {"name": "Rare"})
    flow = sandbox.control("rapidpro", "run_flow", {"flow": "Rare", "contact": api.rows("contacts")[0]["urns"][0]})
    assert isinstance(flow, dict)
    rare = steps(sandbox, api, "runs", flow=json.loads(json.dumps(flow["flow"]))["uuid"])
    all_of_them = steps(sandbox, api, "runs")

    assert rare[1] == 1
    assert rare[0] < all_of_them[0] / 2


def test_a_page_of_broadcasts_costs_the_same_however_many_there_are(sandbox: Sandbox, api: Caller) -> None:
    contact = api.rows("contacts")[0]["uuid"]
    api.create("broadcasts", text="Tea?", contacts=[contact])
    add_broadcasts(sandbox, 300)
    few = steps(sandbox, api, "broadcasts")
    add_broadcasts(sandbox, 5000)
    many = steps(sandbox, api, "broadcasts")

    assert few[1] == many[1] == 250
    assert many[0] < 1.2 * few[0]


def add_broadcasts(sandbox: Sandbox, count: int) -> None:
    """Copy the last broadcast, without those it is for: to send as many would take too long."""
    columns = "workspace_id, translations, base_language, created_on, modified_on"
    sandbox._store.run_many(
        f"INSERT INTO rapidpro_broadcasts (uuid, {columns}) SELECT ?, {columns} FROM rapidpro_broadcasts"
        " WHERE id = (SELECT MAX(id) FROM rapidpro_broadcasts)",
        ((str(uuid4()),) for _ in range(count)),
    )


def test_the_statistics_of_a_day_cost_the_same_however_many_messages_there_are(sandbox: Sandbox, api: Caller) -> None:
    today = sandbox.now().date().isoformat()
    few = steps(sandbox, api, "statistics", since=today)
    sandbox.seed_data("rapidpro", {"messages": 10_000})  # one a minute, so of a week
    many = steps(sandbox, api, "statistics", since=today)

    assert few[1] == many[1] == 1
    assert many[0] < 1.5 * few[0]


def test_runs_that_are_made_up_are_consistent(sandbox: Sandbox, api: Caller) -> None:
    sandbox.seed_data("rapidpro", {"contacts": 100, "flows": 3, "runs": 500})
    runs = api.iterate("runs")
    waiting = [(run["contact"]["uuid"], run["flow"]["uuid"]) for run in runs if run["exited_on"] is None]
    in_a_flow = {contact["uuid"]: contact["flow"]["uuid"] for contact in api.iterate("contacts") if contact["flow"]}

    assert {run["exit_type"] for run in runs} == {"completed", "interrupted", "expired", "failed", None}
    assert dict(waiting) == in_a_flow
    for run in runs:
        assert run["responded"] == bool(run["values"])
        assert {value["node"] for value in run["values"].values()} <= {step["node"] for step in run["path"]}
        assert run["created_on"] <= run["modified_on"]


def test_tickets_that_are_made_up_are_consistent(sandbox: Sandbox, api: Caller) -> None:
    sandbox.seed_data("rapidpro", {"tickets": 30})
    tickets = api.iterate("tickets")
    in_need = {ticket["contact"]["uuid"] for ticket in tickets if ticket["status"] == "open"}

    assert {contact["uuid"] for contact in api.iterate("contacts", group="Open Tickets")} == in_need
    assert all((ticket["closed_on"] is None) == (ticket["status"] == "open") for ticket in tickets)


def test_a_made_up_start_has_led_to_a_run(api: Caller) -> None:
    started = {run["start"]["uuid"] for run in api.rows("runs") if run["start"]}

    assert started == {start["uuid"] for start in api.rows("flow_starts")}


def test_what_has_nothing_to_stand_on_is_not_made_up(sandbox: Sandbox) -> None:
    types = ("runs", "flow_starts", "tickets", "channel_events", "resthook_events", "resthook_subscribers")
    sandbox.seed_data("rapidpro", {"workspace": "empty", **dict.fromkeys(types, 3)})
    api = Caller.of(sandbox, "empty")

    assert {name: api.rows(name) for name in types} == {name: [] for name in types}
