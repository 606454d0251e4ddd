"""A helper for authors of integrations: running a VRL program to see what comes of it."""

from __future__ import annotations

from trilogue_sandbox.botpress import vrl
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.botpress.vrl_functions import VrlError
from trilogue_sandbox.kernel.http import JsonObject


def _run(call: Call) -> JsonObject:
    """Run a program in the part of VRL that the sandbox knows; what is beyond it fails as a wrong program does."""
    try:
        data, result = vrl.run(call.body.text("script"), call.body.object("data"))
    except VrlError as error:
        raise ApiError("Runtime", f"the program failed: {error}") from error
    if not isinstance(data, dict):
        raise ApiError("Runtime", "the program failed: it must leave an object as `.`")
    return {"data": data, "result": result}


RESOURCE = Resource(handlers={"runVrl": _run})
