"""Which workspace, bot or integration a control action is about; without a word, the ones that were there first."""

from __future__ import annotations

from trilogue_sandbox.botpress import arguments
from trilogue_sandbox.botpress.seeding import BOT_ID, INTEGRATION_ID, WORKSPACE_ID
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World


def workspace(world: World, given: JsonObject) -> str:
    """Return the argument `workspace`.

    Raises:
        ControlError: there is no such workspace.
    """
    return _existing(world, given, "workspace", WORKSPACE_ID)


def bot(world: World, given: JsonObject) -> str:
    """Return the argument `bot`.

    Raises:
        ControlError: there is no such bot.
    """
    return _existing(world, given, "bot", BOT_ID)


def integration(world: World, given: JsonObject) -> str:
    """Return the argument `integration`.

    Raises:
        ControlError: there is no such integration.
    """
    return _existing(world, given, "integration", INTEGRATION_ID)


def _existing(world: World, given: JsonObject, kind: str, default: str) -> str:
    value = arguments.text(given, kind, default)
    if not world.store.one(f"SELECT 1 FROM botpress_{kind}s WHERE id = ?", value):
        raise ControlError(f"there is no {kind} {value!r}", kind)
    return value
