"""Issues: problems that the platform found in a bot, occurrences of the same one together.

Nobody looks for problems here: the control action `report_issue` says that one occurred.
"""

from __future__ import annotations

import re
from typing import Any, Literal, TypeAlias, get_args

from trilogue_sandbox.botpress import bot_allowlist
from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.columns import NOTE, of
from trilogue_sandbox.botpress.credentials import BOT_ID, target
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource, require
from trilogue_sandbox.botpress.pagination import paginate
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.resource import counted
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import CREATED, JSON, TEXT, TIMESTAMP, Row, Table, prefixed_id
from trilogue_sandbox.kernel.timestamps import spaced
from trilogue_sandbox.kernel.views import View, each
from trilogue_sandbox.kernel.world import World

Category: TypeAlias = Literal["user_code", "limits", "configuration", "other"]

_ISSUES = Table(
    "botpress_issues",
    {
        "id": prefixed_id("issue"),
        "bot_id": of("bots"),
        "code": TEXT,
        "title": TEXT,
        "description": TEXT.default(""),
        "category": TEXT,
        "grouped_data": JSON.default({}),
        "resolution_link": NOTE,
        "created_at": CREATED,
        "last_seen_at": TIMESTAMP.filled(lambda world: world.now),
    },
    unique_indexes=("bot_id, code, grouped_data",),
)
_EVENTS = Table(
    "botpress_issue_events",
    {"id": prefixed_id("issevt"), "issue_id": of("issues"), "data": JSON.default({}), "created_at": CREATED},
    indexes=("issue_id, created_at",),
)
_COLUMNS = "item.*, (SELECT COUNT(*) FROM botpress_issue_events WHERE issue_id = item.id) AS events_count"


_WORDS = re.compile(r"[a-z]+(?:[A-Z_][a-z]+)+")


def _details(values: JsonObject) -> JsonObject:
    return {name: _detail(value) for name, value in values.items()}


def _detail(value: Json) -> JsonObject:
    """Return a detail; names such as `createIssue` and `user_code` are also formatted for display."""
    if not isinstance(value, str) or not _WORDS.fullmatch(value):
        return {"raw": value}
    words = re.sub(r"_|(?=[A-Z])", " ", value)
    return {"raw": value, "pretty": words.capitalize()}


_ISSUE = View[Actor](
    "BotIssue",
    _ISSUES,
    computed={"groupedData": each(lambda _, row: _details(row["grouped_data"]))},
    selected=("events_count",),
)
_EVENT = View[Actor]("BotIssueEvent", _EVENTS, computed={"data": each(lambda _, row: _details(row["data"]))})


def _list(exchange: Exchange) -> JsonObject:
    return paginate(exchange, "issues", _issues(exchange), _ISSUE.show)


def _get(exchange: Exchange) -> JsonObject:
    return {"issue": _ISSUE.show_one(exchange.actor, _find(exchange))}


def _list_events(exchange: Exchange) -> JsonObject:
    found = exchange.records.select(_EVENTS, issue_id=_find(exchange)["id"])
    rows = found.all("ORDER BY item.created_at DESC, item.rowid DESC")
    return {"issueEvents": [*_EVENT.show(exchange.actor, rows)]}


def _delete(exchange: Exchange) -> JsonObject:
    bot_allowlist.find_to_change(exchange)
    exchange.records.remove(_ISSUES, _find(exchange))
    return {}


def _issues(exchange: Exchange) -> Select:
    return exchange.records.select(_ISSUES, _COLUMNS, bot_id=bot_allowlist.find(exchange)["id"])


def _find(exchange: Exchange) -> Row:
    issue_id = exchange.path.string("issueId")
    return require(_issues(exchange).equal("id", issue_id), "issue", issue_id)


def _report(world: World, given: Fields) -> object:
    """Let a problem occur in `bot`: its `code`, `title`, `description` and `category`, and strings in `data`.

    What is in `grouped` belongs to the problem; the same code with the same strings in it is the same issue.
    """
    code = given.string("code")
    problem = {
        "code": code,
        "title": given.string("title", code),
        "description": given.string("description", ""),
        "category": given.choice("category", get_args(Category), "other"),
        "resolution_link": given.string("link", "") or None,
    }
    return {"id": _add(world, target(world, given, BOTS), problem, _strings(given, "grouped"), _strings(given, "data"))}


def _add(world: World, bot_id: str, problem: dict[str, Any], grouped: JsonObject, data: JsonObject) -> str:
    """Write down that a problem occurred; return the id of its issue."""
    same = world.records.select(_ISSUES, bot_id=bot_id, code=problem["code"]).all()
    row = next((row for row in same if row["grouped_data"] == grouped), None)
    if row is None:
        row = world.records.add(_ISSUES, {"bot_id": bot_id, "grouped_data": grouped, **problem})
    world.records.change(_ISSUES, row, last_seen_at=world.now)
    world.records.add(_EVENTS, {"issue_id": row["id"], "data": data})
    return str(row["id"])


def _strings(given: Fields, name: str) -> JsonObject:
    values = given.object(name)
    if not all(isinstance(value, str) for value in values.values()):
        raise ControlError(f"`{name}` holds strings only", name)
    return values


def _seed(world: World, number: int) -> None:
    """Let different problems occur in the first bot, once each."""
    stem = world.ids.ulid()
    for index, at in enumerate(spaced(world.now, number)):
        problem = {"code": f"made_{stem}_{index}", "title": "Made", "category": "other"}
        row = world.records.add(_ISSUES, {"bot_id": BOT_ID, **problem, "created_at": at, "last_seen_at": at})
        world.records.add(_EVENTS, {"issue_id": row["id"], "created_at": at})


def _add_default_data(world: World) -> None:
    problem = {"code": "code_failed", "title": "The code failed", "category": "user_code"}
    problem["description"] = "A line of the code raised an error."
    _add(world, BOT_ID, problem, {}, {"message": "x is not defined"})


RESOURCE = Resource(
    tables=(_ISSUES, _EVENTS),
    operations={
        "listBotIssues": _list,
        "getBotIssue": _get,
        "deleteBotIssue": _delete,
        "listBotIssueEvents": _list_events,
    },
    actions={"report_issue": _report},
    seeders={"issues": counted(_seed)},
    default_data=_add_default_data,
)
