"""Actions: what bots and integrations can be asked to do.

No bot and no integration runs in the sandbox. What an action gives is set by the control action `set_action`; until it
is, an action gives back its input. An action whose definition is `cacheable` gives what it gave before for the same
input.
"""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import action_runs, arguments, definitions, documents, json_schemas, seeding
from trilogue_sandbox.botpress.errors import ApiError, PartialError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_action_results (
    bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, type TEXT NOT NULL, output TEXT, error TEXT,
    is_timeout INTEGER NOT NULL, PRIMARY KEY (bot_id, type));
CREATE TABLE botpress_action_outputs (
    bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, type TEXT NOT NULL, input TEXT NOT NULL,
    output TEXT NOT NULL, PRIMARY KEY (bot_id, type, input));
"""

_MILLISECONDS = 1
"""How long a run takes here."""


def _call(call: Call) -> JsonObject:
    action_type, given = call.actor.kept(call.body.text("type")), call.body.object("input")
    declared = definitions.find(call.actor, "actions", action_type)
    if declared is None:
        raise ApiError("ResourceNotFound", f"neither the bot nor its integrations have an action {action_type!r}")
    json_schemas.check_data(declared.below("input").object("schema"), given, "input")
    is_cacheable = declared.flag("cacheable")
    kept = _find_kept(call, action_type, given) if is_cacheable else None
    output = _run(call, action_type, given, declared) if kept is None else documents.decode_object(kept["output"])
    if is_cacheable:
        _keep(call, action_type, given, output)
    _note(call, action_type, given, output, is_cached=kept is not None)
    return {"output": output, "meta": {"cached": kept is not None}}


def _run(call: Call, action_type: str, given: JsonObject, declared: Fields) -> JsonObject:
    """Return what an action gives.

    Raises:
        PartialError: it fails (Runtime) or takes too long (OperationTimeout); the run is noted all the same.
        ApiError: it was told to give what its definition does not allow (InvalidDataFormat).
    """
    result = call.store.one(
        "SELECT * FROM botpress_action_results WHERE bot_id = ? AND type = ?", call.bot_id, action_type
    )
    if result is None:
        return given
    if result["output"] is not None:
        output = documents.decode_object(result["output"])
        json_schemas.check_data(declared.below("output").object("schema"), output, "output")
        return output
    error = result["error"] or "the action took too long"
    _note(call, action_type, given, None, error=error)
    raise PartialError("OperationTimeout" if result["is_timeout"] else "Runtime", error)


def _find_kept(call: Call, action_type: str, given: JsonObject) -> sqlite3.Row | None:
    return call.store.one(
        "SELECT output FROM botpress_action_outputs WHERE bot_id = ? AND type = ? AND input = ?",
        *(call.bot_id, action_type, documents.encode(given)),
    )


def _keep(call: Call, action_type: str, given: JsonObject, output: JsonObject) -> None:
    call.store.run(
        "INSERT OR REPLACE INTO botpress_action_outputs VALUES (?, ?, ?, ?)",
        *(call.bot_id, action_type, documents.encode(given), documents.encode(output)),
    )


def _note(
    call: Call,
    action_type: str,
    given: JsonObject,
    output: JsonObject | None,
    *,
    is_cached: bool = False,
    error: str | None = None,
) -> None:
    alias, _, name = action_type.rpartition(":")
    action_runs.record(
        call.world,
        bot_id=call.bot_id,
        integration_name=alias or None,
        action_type=name,
        input=given,
        output=output,
        duration_ms=0 if is_cached else _MILLISECONDS,
        cached=is_cached,
        error_message=error,
    )


def _set_action(world: World, given: JsonObject) -> object:
    """Say what the action `type` of `bot` gives: an `output`, the message of an `error`, or a `timeout` (true)."""
    bot_id, is_timeout = arguments.text(given, "bot", seeding.BOT_ID), given.get("timeout") is True
    output = documents.encode(arguments.mapping(given, "output")) if "output" in given else None
    error = arguments.text(given, "error") if "error" in given else None
    if [output is not None, error is not None, is_timeout].count(True) != 1:
        raise ControlError("give one of `output`, `error` and `timeout`")
    world.store.run(
        "INSERT OR REPLACE INTO botpress_action_results VALUES (?, ?, ?, ?, ?)",
        *(bot_id, arguments.text(given, "type"), output, error, is_timeout),
    )
    return {}


RESOURCE = Resource(schema=_SCHEMA, handlers={"callAction": _call}, actions={"set_action": _set_action})
