"""Signing secrets, with which the platform signs its requests to bots and integrations.

One is shown in full when it is made and when it is rotated, and as stars otherwise. An old one holds for another day.
"""

from __future__ import annotations

from datetime import timedelta

from trilogue_sandbox.botpress import arguments, documents, timestamps
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.resources import Resource
from trilogue_sandbox.kernel.clock import to_microseconds
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World

HIDDEN = "****"
_LENGTH = 64
_GRACE = timedelta(hours=24)


def new_secret(world: World) -> str:
    """Return a new signing secret."""
    return world.ids.token(_LENGTH)


def rotate(world: World, document: JsonObject) -> tuple[JsonObject, str]:
    """Return a document with a new signing secret, and the secret; the old ones hold for another 24 hours."""
    fields, secret = Fields(document), new_secret(world)
    kept: list[Json] = [*_valid_old(world, fields)]
    if old := fields.optional_text("signingSecret"):
        kept.append({"secret": old, "until": to_microseconds(world.clock.now() + _GRACE)})
    return {**document, "signingSecret": secret, "oldSigningSecrets": kept}, secret


def _valid_old(world: World, fields: Fields) -> list[JsonObject]:
    now = timestamps.now(world)
    return [old.values for old in fields.objects("oldSigningSecrets") if old.integer("until") > now]


def _list_valid(world: World, given: JsonObject) -> object:
    """Return the signing secrets that hold now for the bot or integration `id`, the newest first."""
    target_id = arguments.text(given, "id")
    for table in ("botpress_bots", "botpress_integrations"):
        if row := world.store.one(f"SELECT document FROM {table} WHERE id = ?", target_id):
            fields = Fields(documents.decode_object(row["document"]))
            old = [Fields(each).text("secret") for each in _valid_old(world, fields)]
            return [fields.text("signingSecret", ""), *reversed(old)]
    raise ControlError(f"there is no bot or integration {target_id!r}", "id")


RESOURCE = Resource(actions={"signing_secrets": _list_valid})
