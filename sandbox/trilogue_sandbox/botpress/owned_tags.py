"""Tags of users, conversations and messages: each belongs to the bot or to an integration, which must declare it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from trilogue_sandbox.botpress import definitions, documents, tags
from trilogue_sandbox.botpress.actors import Actor
from trilogue_sandbox.botpress.definitions import Tagged
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.select import Select


def show(actor: Actor, text: str) -> JsonObject:
    """Return kept tags as an actor sees them: the bot all of them, an integration its own."""
    kept = documents.decode_object(text)
    return {actor.seen(key): value for key, value in kept.items() if key.startswith(actor.prefix)}


def read(actor: Actor, tagged: Tagged, given: JsonObject) -> JsonObject:
    """Return tags to write as they are to be kept.

    Raises:
        ApiError: one is not declared (InvalidPayload).
    """
    kept = {actor.kept(key): value for key, value in given.items()}
    declared = {key for definition in definitions.writable(actor) for key in definition.tag_keys(tagged)}
    for key, value in kept.items():
        if key not in declared and value != "":
            raise ApiError(
                "InvalidPayload",
                f"tags/{actor.seen(key)}: no {tagged} tag of this name is declared; the definition of the bot"
                f" (`{tagged}.tags` in updateBot) or of the integration declares it",
            )
    return kept


def carrying(actor: Actor, select: Select, given: JsonObject) -> Select:
    """Return the rows that carry all of these tags, which are named as the actor sees them."""
    return tags.carrying(select, {actor.kept(key): value for key, value in given.items()})


def find_same(actor: Actor, select: Select, kept: JsonObject, keys: Sequence[str] | None) -> sqlite3.Row | None:
    """Return the first row of a selection with the same tags, as get-or-create looks for it.

    `keys` are the tags that have to be the same; the others are not compared. Without any, all that the actor sees have
    to be.
    """
    kept = {key: value for key, value in kept.items() if value != ""}
    compared = {actor.kept(key) for key in keys or ()}
    wanted = {key: value for key, value in kept.items() if not compared or key in compared}
    found = tags.carrying(select, wanted)
    for row in actor.store.all(found.sql("ORDER BY item.created_at, item.rowid"), *found.values):
        has = documents.decode_object(row["tags"])
        if {key: has[key] for key in has if _is_compared(actor, key, compared)} == wanted:
            return row
    return None


def _is_compared(actor: Actor, key: str, compared: set[str]) -> bool:
    return key in compared if compared else key.startswith(actor.prefix)
