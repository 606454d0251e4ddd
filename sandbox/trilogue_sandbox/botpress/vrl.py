"""Running a VRL program, for authors of integrations.

No program runs in the sandbox: it leaves the data as they are, and its result is the data. The control action
`set_vrl_result` says otherwise.
"""

from __future__ import annotations

from trilogue_sandbox.botpress import arguments, documents
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.world import World

_SCHEMA = """
CREATE TABLE botpress_vrl_results (script TEXT PRIMARY KEY, data TEXT, result TEXT, error TEXT);
"""


def _run(call: Call) -> JsonObject:
    data = call.body.object("data")
    row = call.store.one(
        "SELECT * FROM botpress_vrl_results WHERE script IN (?, '*') ORDER BY script = '*'", call.body.text("script")
    )
    if row is None:
        return {"data": data, "result": data}
    if row["error"] is not None:
        raise ApiError("Runtime", row["error"])
    return {"data": documents.decode(row["data"]) if row["data"] else data, "result": documents.decode(row["result"])}


def _set_result(world: World, given: JsonObject) -> object:
    """Set what the program `script` (any by default) gives: `data` and `result`, or the message of an `error`."""
    error = arguments.text(given, "error") if "error" in given else None
    data = documents.encode(arguments.mapping(given, "data")) if "data" in given else None
    world.store.run(
        "INSERT OR REPLACE INTO botpress_vrl_results VALUES (?, ?, ?, ?)",
        *(arguments.text(given, "script", "*"), data, documents.encode(given.get("result")), error),
    )
    return {}


RESOURCE = Resource(schema=_SCHEMA, handlers={"runVrl": _run}, actions={"set_vrl_result": _set_result})
