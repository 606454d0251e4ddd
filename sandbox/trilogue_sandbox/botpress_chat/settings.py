"""The configuration of the integration: who signs the keys of users, and who the bot is."""

from __future__ import annotations

from trilogue_sandbox.botpress_chat.caller import Resource
from trilogue_sandbox.botpress_chat.schema import SETTINGS
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.world import World

SHARED_KEY = "botpress-chat-sandbox"
"""What signs the keys of users unless the owner of the integration sets a key."""


def settings(world: World) -> Row:
    """Return the settings."""
    return world.records.get(SETTINGS, 1)


def _set_encryption_key(world: World, given: Fields) -> None:
    """Sign the keys of users with `key` from now on, as the owner of the integration can say; without, as before."""
    key = given.optional_string("key")
    world.records.change(SETTINGS, settings(world), encryption_key=key or SHARED_KEY, is_personal=bool(key))


def _add_default_data(world: World) -> None:
    defaults = {"id": 1, "encryption_key": SHARED_KEY, "is_personal": False, "answers": "echo"}
    world.records.add(SETTINGS, {**defaults, "bot_id": world.ids.prefixed("user")})


RESOURCE = Resource(
    tables=(SETTINGS,),
    actions={"set_encryption_key": _set_encryption_key},
    default_data=_add_default_data,
)
