"""No list and no filter looks at all rows of a large table, whatever else it has to look up."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from trilogue_sandbox import Sandbox

from tests.sandbox.rapidpro.caller import Caller

LARGE = {
    *("contacts", "urns", "memberships", "messages", "labelled_messages", "broadcasts", "broadcast_contacts"),
    *("flow_starts", "started_contacts", "runs", "tickets", "channel_events", "resthook_events", "campaign_fires"),
}
"""The tables that grow with the number of contacts and with what happens to them."""

TIME = "2025-12-01T00:00:00Z"
FILTERS: dict[str, list[dict[str, str]]] = {
    "archives": [{}, {"type": "message"}, {"period": "daily", "before": TIME}],
    "broadcasts": [{}, {"id": "1"}, {"uuid": "<broadcasts>"}, {"before": TIME, "after": TIME}],
    "campaign_events": [{}, {"campaign": "<campaigns>"}],
    "channel_events": [{}, {"id": "1"}, {"contact": "<contacts>"}, {"after": TIME}],
    "contacts": [
        *({}, {"reverse": "1"}, {"deleted": "1"}, {"uuid": "<contacts>"}, {"urn": "tel:+250788123123"}),
        *({"group": "Farmers"}, {"group": "Farmers", "reverse": "1"}, {"group": "Open Tickets", "after": TIME}),
        *({"before": TIME}, {"after": TIME, "reverse": "1"}, {"group": "Farmers", "uuid": "<contacts>"}),
    ],
    "fields": [{}, {"key": "age"}],
    "flow_starts": [{}, {"uuid": "<flow_starts>"}, {"reverse": "1", "after": TIME}],
    "flows": [{}, {"uuid": "<flows>"}],
    "groups": [{}, {"name": "farmers"}, {"manual_only": "1"}],
    "labels": [{}, {"name": "Feedback"}],
    "messages": [
        *({}, {"id": "1"}, {"uuid": "<messages>"}, {"before": TIME}, {"contact": "<contacts>"}, {"broadcast": "1"}),
        *({"folder": name} for name in ("inbox", "flows", "archived", "outbox", "sent", "failed", "nothing")),
        *({"label": "Feedback"}, {"label": "Feedback", "after": TIME}, {"folder": "inbox", "before": TIME}),
    ],
    "resthook_events": [{}, {"resthook": "new-mother"}],
    "runs": [
        *({}, {"id": "1"}, {"uuid": "<runs>"}, {"flow": "<flows>"}, {"contact": "<contacts>"}, {"after": TIME}),
        *({"responded": "1"}, {"responded": "1", "flow": "<flows>"}, {"flow": "<flows>", "reverse": "1"}),
    ],
    "statistics": [{}, {"since": "2025-12-01"}],
    "tickets": [{}, {"uuid": "<tickets>"}, {"contact": "<contacts>"}, {"reverse": "1"}],
    "topics": [{}],
}


@pytest.mark.parametrize(
    ("path", "query"), [pytest.param(path, query, id=f"{path} {query}") for path in FILTERS for query in FILTERS[path]]
)
def test_a_list_is_read_through_indexes(sandbox: Sandbox, api: Caller, path: str, query: dict[str, str]) -> None:
    named = {name: api.rows(value[1:-1])[0]["uuid"] if value[0] == "<" else value for name, value in query.items()}
    statements: list[str] = []
    sandbox._store._connection.set_trace_callback(statements.append)
    api.get(path, **named)
    sandbox._store._connection.set_trace_callback(None)

    assert [scan for sql in statements for scan in scans(sandbox, sql)] == []


def scans(sandbox: Sandbox, sql: str) -> Iterator[str]:
    """Yield what a statement does with a large table as a whole: read it, or sort or filter it to return a page."""
    if not sql.lstrip().upper().startswith("SELECT"):
        return
    tables = {alias or name: name for name, alias in re.findall(r"rapidpro_(\w+)(?: AS (\w+))?", sql)}
    plan = [row["detail"] for row in sandbox._store.all(f"EXPLAIN QUERY PLAN {sql}")]
    is_page = " LIMIT " in sql and bool(LARGE & {*tables.values()})
    for detail in plan:
        words = detail.split()
        is_scan = words[0] == "SCAN" and tables.get(words[1].removeprefix("rapidpro_")) in LARGE
        if is_scan or (is_page and ("TEMP B-TREE" in detail or words[0] == "CORRELATED")):
            yield f"{detail}: {sql}"
    for column in re.findall(r"\b(?:item|member|labelled)\.(\w+_id) = \d", sql) if is_page else ():
        if not any(f"{column}=?" in detail for detail in plan):
            yield f"no index finds {column}: {sql}"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(*) FROM rapidpro_memberships",
        "SELECT * FROM rapidpro_contacts AS item WHERE name = 'Ana'",
        "SELECT * FROM rapidpro_messages AS item WHERE workspace_id = 1 AND folder = 'inbox' ORDER BY text LIMIT 9",
        "SELECT * FROM rapidpro_contacts AS item WHERE workspace_id = 1 AND is_active = 1 AND EXISTS"
        " (SELECT 1 FROM rapidpro_memberships WHERE contact_id = item.id) LIMIT 9",
        "SELECT * FROM rapidpro_messages AS item WHERE workspace_id = 1 AND item.flow_id = 3 ORDER BY id LIMIT 9",
    ],
)
def test_a_statement_that_reads_a_whole_table_is_noticed(sandbox: Sandbox, sql: str) -> None:
    assert [*scans(sandbox, sql)]
