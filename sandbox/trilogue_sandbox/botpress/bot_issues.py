"""Issues: problems that the platform found in a bot, occurrences of the same one together.

Nobody looks for problems here: the control action `report_issue` says that one was met.
"""

from __future__ import annotations

import sqlite3
from typing import Literal, TypeAlias, get_args

import attrs

from trilogue_sandbox.botpress import arguments, bot_access, documents, making, targets, timestamps
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.paging import find_page
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.seeding import BOT_ID
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_issues (
    id TEXT PRIMARY KEY, bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, code TEXT NOT NULL,
    title TEXT NOT NULL, description TEXT NOT NULL, category TEXT NOT NULL, grouped TEXT NOT NULL, link TEXT,
    created_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL, UNIQUE (bot_id, code, grouped));
CREATE TABLE botpress_issue_events (
    id TEXT PRIMARY KEY, issue_id TEXT NOT NULL REFERENCES botpress_issues ON DELETE CASCADE, data TEXT NOT NULL,
    created_at INTEGER NOT NULL);
CREATE INDEX botpress_issue_events_of_issue ON botpress_issue_events (issue_id, created_at);
"""

Category: TypeAlias = Literal["user_code", "limits", "configuration", "other"]

_TABLE = "botpress_issues"
_COLUMNS = "item.*, (SELECT COUNT(*) FROM botpress_issue_events WHERE issue_id = item.id) AS events"


@attrs.frozen
class Problem:
    """What makes an issue: the same code with the same grouped data is the same issue."""

    code: str
    title: str
    description: str
    category: Category
    grouped: JsonObject
    link: str | None = None


def report(world: World, bot_id: str, problem: Problem, data: JsonObject) -> str:
    """Write down that a problem was met; return the id of its issue."""
    grouped, now = documents.encode(problem.grouped), timestamps.now(world)
    world.store.run(
        f"INSERT INTO {_TABLE} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (bot_id, code, grouped) DO UPDATE SET last_seen_at = excluded.last_seen_at",
        *(world.ids.prefixed("issue"), bot_id, problem.code, problem.title, problem.description, problem.category),
        *(grouped, problem.link, now, now),
    )
    row = world.store.one(
        f"SELECT id FROM {_TABLE} WHERE bot_id = ? AND code = ? AND grouped = ?", bot_id, problem.code, grouped
    )
    assert row is not None
    world.store.run(
        "INSERT INTO botpress_issue_events VALUES (?, ?, ?, ?)",
        *(world.ids.prefixed("issevt"), row["id"], documents.encode(data), now),
    )
    return str(row["id"])


def _list(call: Call) -> JsonObject:
    return find_page(call, _issues(call)).show("issues", _show)


def _get(call: Call) -> JsonObject:
    return {"issue": _show(_find(call))}


def _list_events(call: Call) -> JsonObject:
    rows = call.store.all(
        "SELECT * FROM botpress_issue_events WHERE issue_id = ? ORDER BY created_at DESC, rowid DESC", _find(call)["id"]
    )
    return {"issueEvents": [_show_event(row) for row in rows]}


def _delete(call: Call) -> JsonObject:
    bot_access.find_to_change(call)
    call.store.run(f"DELETE FROM {_TABLE} WHERE id = ?", _find(call)["id"])
    return {}


def _issues(call: Call) -> Select:
    return Select(_TABLE, _COLUMNS).equal("bot_id", bot_access.find(call)["id"])


def _find(call: Call) -> sqlite3.Row:
    return call.find(_issues(call), "issue", call.path.text("issueId"))


def _show(row: sqlite3.Row) -> JsonObject:
    return {
        "id": row["id"],
        "code": row["code"],
        "createdAt": timestamps.show(row["created_at"]),
        "lastSeenAt": timestamps.show(row["last_seen_at"]),
        "title": row["title"],
        "description": row["description"],
        "groupedData": _show_data(row["grouped"]),
        "eventsCount": row["events"],
        "category": row["category"],
        "resolutionLink": row["link"],
    }


def _show_event(row: sqlite3.Row) -> JsonObject:
    return {"id": row["id"], "createdAt": timestamps.show(row["created_at"]), "data": _show_data(row["data"])}


def _show_data(text: str) -> JsonObject:
    return {name: {"raw": value} for name, value in documents.decode_object(text).items()}


def _report(world: World, given: JsonObject) -> object:
    """Let a problem be met in `bot`: its `code`, `title`, `description` and `category`, and texts in `data`.

    What is in `grouped` belongs to the problem; the same code with the same texts in it is the same issue.
    """
    code = arguments.text(given, "code")
    problem = Problem(
        code,
        arguments.text(given, "title", code),
        arguments.text(given, "description", ""),
        arguments.choice(given, "category", get_args(Category), "other"),
        _texts(given, "grouped"),
        arguments.text(given, "link", "") or None,
    )
    return {"id": report(world, targets.bot(world, given), problem, _texts(given, "data"))}


def _texts(given: JsonObject, name: str) -> JsonObject:
    values = arguments.mapping(given, name)
    if not all(isinstance(value, str) for value in values.values()):
        raise ControlError(f"`{name}` holds texts only", name)
    return values


def _make(world: World, value: Json) -> object:
    """Let as many different problems be met in the first bot, once each, as the number says."""
    rows = list(making.rows(world, "issue", arguments.count(value, "issues")))
    world.store.run_many(
        f"INSERT INTO {_TABLE} VALUES (?, ?, ?, 'Made', '', 'other', '{{}}', NULL, ?, ?)",
        ((row_id, BOT_ID, f"made_{row_id}", at, at) for _, row_id, at in rows),
    )
    world.store.run_many(
        "INSERT INTO botpress_issue_events VALUES (?, ?, '{}', ?)",
        ((f"{row_id}_event", row_id, at) for _, row_id, at in rows),
    )
    return len(rows)


def _furnish(world: World) -> None:
    problem = Problem("code_failed", "The code failed", "A line of the code raised an error.", "user_code", {})
    report(world, BOT_ID, problem, {"message": "x is not defined"})


RESOURCE = Resource(
    schema=_SCHEMA,
    handlers={
        "listBotIssues": _list,
        "getBotIssue": _get,
        "deleteBotIssue": _delete,
        "listBotIssueEvents": _list_events,
    },
    actions={"report_issue": _report},
    makers={"issues": _make},
    furnish=_furnish,
)
