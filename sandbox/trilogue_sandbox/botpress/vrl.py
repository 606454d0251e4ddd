"""Running a VRL program, for authors of integrations.

No program runs in the sandbox: it leaves the data as they are, and its result is the data. The control action
`set_vrl_result` says otherwise.
"""

from __future__ import annotations

from trilogue_sandbox.botpress.columns import NOTE
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Exchange, Resource
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import JSON, TEXT, Table
from trilogue_sandbox.kernel.world import World

_ANY = "*"
_RESULTS = Table("botpress_vrl_results", {"script": TEXT.key(), "data": JSON.nullable(), "result": JSON, "error": NOTE})


def _run(exchange: Exchange) -> JsonObject:
    data, script = exchange.body.object("data"), exchange.body.string("script")
    row = exchange.records.find(_RESULTS, script=script) or exchange.records.find(_RESULTS, script=_ANY)
    if row is None:
        return {"data": data, "result": data}
    if row["error"] is not None:
        raise ApiError("Runtime", row["error"])
    return {"data": data if row["data"] is None else row["data"], "result": row["result"]}


def _set_result(world: World, given: Fields) -> object:
    """Set what the program `script` (any by default) gives: `data` and `result`, or the message of an `error`."""
    result = {
        "script": given.string("script", _ANY),
        "data": given.optional_object("data"),
        "result": given.value("result"),
        "error": given.optional_string("error"),
    }
    world.records.set(_RESULTS, result)
    return {}


RESOURCE = Resource(tables=(_RESULTS,), operations={"runVrl": _run}, actions={"set_vrl_result": _set_result})
