"""Actions: what bots and integrations can be asked to do, and the runs of actions in a bot.

No bot and no integration runs in the sandbox. What an action gives is set by the control action `set_action`; until it
is, an action gives back its input, unless that has a word of `magic_inputs` in it. An action whose definition is
`cacheable` gives what it gave before for the same input.
"""

from __future__ import annotations

import random
from typing import Any

import msgspec

from trilogue_sandbox.botpress import bot_allowlist, json_schemas
from trilogue_sandbox.botpress.columns import NOTE, NUMBER, of
from trilogue_sandbox.botpress.credentials import BOT_ID
from trilogue_sandbox.botpress.declarations import Declarations
from trilogue_sandbox.botpress.errors import ApiError, PartialError
from trilogue_sandbox.botpress.exchange import Actor, Exchange, Resource
from trilogue_sandbox.botpress.magic_inputs import FAILS, TIMES_OUT, has_string
from trilogue_sandbox.botpress.pagination import paginate
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.resource import counted
from trilogue_sandbox.kernel.table import BOOLEAN, CREATED, JSON, TEXT, Row, Table, prefixed_id
from trilogue_sandbox.kernel.timestamps import spaced
from trilogue_sandbox.kernel.views import View, each
from trilogue_sandbox.kernel.world import World

_RESULTS = Table(
    "botpress_action_results",
    {"bot_id": of("bots"), "type": TEXT, "output": JSON.nullable(), "error": NOTE, "is_timeout": BOOLEAN},
    primary_key="bot_id, type",
)
_CACHE = Table(
    "botpress_action_cache",
    {"bot_id": of("bots"), "type": TEXT, "input": TEXT, "output": JSON},
    primary_key="bot_id, type, input",
)
_RUNS = Table(
    "botpress_action_runs",
    {
        "id": prefixed_id("run"),
        "bot_id": of("bots"),
        "integration_name": NOTE,
        "action_type": TEXT,
        "input": JSON,
        "output": JSON.nullable(),
        "duration_ms": NUMBER.default(1),
        "cached": BOOLEAN.default(False),
        "error_message": NOTE,
        "created_at": CREATED,
    },
    indexes=("bot_id, created_at",),
)
_SHOWN_BYTES = 190 * 1024


def _is_long(value: Json) -> bool:
    return value is not None and len(msgspec.json.encode(value).decode()) > _SHOWN_BYTES


def _shortened(value: Json) -> Json:
    """Return what a run was given or gave; what is longer than 190 KB as the beginning of its JSON."""
    return {"truncated": msgspec.json.encode(value).decode()[:_SHOWN_BYTES]} if _is_long(value) else value


_RUN = View[Actor](
    "ActionRun",
    _RUNS,
    computed={
        "input": each(lambda _, row: _shortened(row["input"])),
        "inputTruncated": each(lambda _, row: _is_long(row["input"]) or None),
        "output": each(lambda _, row: _shortened(row["output"])),
        "outputTruncated": each(lambda _, row: _is_long(row["output"]) or None),
        "status": each(lambda _, row: "FAILURE" if row["output"] is None else "SUCCESS"),
    },
    columns={"timestamp": "created_at"},
)


def _call(exchange: Exchange) -> JsonObject:
    action_type, given = exchange.actor.qualify(exchange.body.string("type")), exchange.body.object("input")
    declared = Declarations.of(exchange.actor).find("actions", action_type)
    if declared is None:
        raise ApiError("ResourceNotFound", f"neither the bot nor its integrations have an action {action_type!r}")
    json_schemas.check_data(declared.nested("input").object("schema"), given, "input")
    if not declared.boolean("cacheable"):
        return _result(exchange, action_type, given, _run(exchange, action_type, given, declared))
    key = {"bot_id": exchange.bot_id, "type": action_type, "input": msgspec.json.encode(given).decode()}
    cached = exchange.records.find(_CACHE, **key)
    if cached:
        return _result(exchange, action_type, given, cached["output"], is_cached=True)
    output = _run(exchange, action_type, given, declared)
    exchange.records.add(_CACHE, {**key, "output": output})
    return _result(exchange, action_type, given, output)


def _result(
    exchange: Exchange, action_type: str, given: JsonObject, output: JsonObject, *, is_cached: bool = False
) -> JsonObject:
    took: dict[str, Any] = {"cached": True, "duration_ms": 0} if is_cached else {}
    _record(exchange.world, exchange.bot_id, action_type, given, output=output, **took)
    return {"output": output, "meta": {"cached": is_cached}}


def _run(exchange: Exchange, action_type: str, given: JsonObject, declared: Fields) -> JsonObject:
    """Return what an action gives.

    Raises:
        PartialError: it fails (Runtime) or takes too long (OperationTimeout); the run is recorded all the same.
        ApiError: it was set to return what its definition does not allow (InvalidDataFormat).
    """
    result = exchange.records.find(_RESULTS, bot_id=exchange.bot_id, type=action_type)
    if failure := _failure(result, given):
        _record(exchange.world, exchange.bot_id, action_type, given, error_message=str(failure))
        raise failure
    if result is None:
        return given
    output: JsonObject = result["output"]
    json_schemas.check_data(declared.nested("output").object("schema"), output, "output")
    return output


def _failure(result: Row | None, given: JsonObject) -> PartialError | None:
    """Return the error of an action that is to fail, because of what was set or of a word in its input."""
    if has_string(given, TIMES_OUT) or (result and result["is_timeout"]):
        return PartialError("OperationTimeout", "the action took too long")
    if has_string(given, FAILS):
        return PartialError("Runtime", "the action failed")
    return PartialError("Runtime", result["error"]) if result and result["error"] else None


def _record(world: World, bot_id: str, action_type: str, given: JsonObject, **values: Any) -> None:
    alias, _, name = action_type.rpartition(":")
    run = {"bot_id": bot_id, "integration_name": alias or None, "action_type": name, "input": given}
    world.records.add(_RUNS, {**run, **values})


def _list_runs(exchange: Exchange) -> JsonObject:
    bot, name, query = bot_allowlist.find(exchange), exchange.query.string("integrationName"), exchange.query
    aliases = "SELECT ? UNION SELECT installation.alias FROM botpress_installations AS installation"
    aliases += " JOIN botpress_integrations AS integration ON integration.id = installation.integration_id"
    aliases += " WHERE installation.bot_id = item.bot_id AND integration.name = ?"
    select = exchange.records.select(_RUNS, bot_id=bot["id"])
    select = select.where(f"item.integration_name IN ({aliases})", name, name)
    first, last = query.optional_timestamp("timestampFrom"), query.optional_timestamp("timestampUntil")
    return paginate(exchange, "data", select.between("created_at", first, last), _RUN.show)


def _set_action(world: World, given: Fields) -> object:
    """Set what the action `type` of `bot` gives: an `output`, the message of an `error`, or a `timeout` (true)."""
    result = {
        "bot_id": given.string("bot", BOT_ID),
        "type": given.string("type"),
        "output": given.optional_object("output"),
        "error": given.optional_string("error"),
        "is_timeout": given.boolean("timeout"),
    }
    if [result["output"] is not None, result["error"] is not None, result["is_timeout"]].count(True) != 1:
        raise ControlError("give one of `output`, `error` and `timeout`")
    world.records.set(_RESULTS, result)
    return {}


def _seed_runs(world: World, number: int) -> None:
    """Record as many calls of the first integration as the number says."""
    draws, base = random.Random(0), {"bot_id": BOT_ID, "integration_name": "telegram", "action_type": "startTyping"}
    rows: list[dict[str, Any]] = [
        {**base, "input": {}, "output": {}, "duration_ms": draws.randint(5, 500), "created_at": at}
        for at in spaced(world.now, number)
    ]
    world.records.add_many(_RUNS, rows)


def _add_default_data(world: World) -> None:
    _record(world, BOT_ID, "telegram:startTyping", {"conversationId": "1"}, output={}, duration_ms=35)


RESOURCE = Resource(
    tables=(_RESULTS, _CACHE, _RUNS),
    operations={"callAction": _call, "listActionRuns": _list_runs},
    actions={"set_action": _set_action},
    seeders={"action_runs": counted(_seed_runs)},
    default_data=_add_default_data,
)
