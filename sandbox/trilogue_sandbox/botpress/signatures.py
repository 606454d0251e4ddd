"""Signatures in tokens and links, so that the sandbox knows its own, and the signing secrets of bots and integrations.

A signing secret is shown in full when it is created and when it is rotated, and as stars otherwise. An old one is valid
for another day.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from trilogue_sandbox.botpress.bot_tables import BOTS
from trilogue_sandbox.botpress.definition_tables import INTEGRATIONS
from trilogue_sandbox.botpress.exchange import Resource
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.table import TEXT, Row, Table
from trilogue_sandbox.kernel.timestamps import DAY
from trilogue_sandbox.kernel.world import World

SECRETS = Table("botpress_secrets", {"name": TEXT.key(), "value": TEXT})

HIDDEN = "****"


def sign(world: World, subject: str, content: bytes, length: int) -> bytes:
    """Return the signature of a content, in so many bytes; the same content has another one for another subject."""
    secret = world.records.get(SECRETS, "signatures")["value"]
    return hmac.digest(f"{secret} {subject}".encode(), content, hashlib.sha256)[:length]


def is_signed(world: World, subject: str, content: bytes, signature: bytes) -> bool:
    """Whether a signature is that of a content."""
    return hmac.compare_digest(sign(world, subject, content, len(signature)), signature) if signature else False


def new_secret(world: World) -> str:
    """Return a new signing secret."""
    return world.ids.token(64)


def rotate(world: World, table: Table, row: Row) -> str:
    """Give a bot or an integration a new signing secret and return it; the old ones are valid for another day."""
    old = _valid_old(world, row)
    if row["signing_secret"]:
        old.append({"secret": row["signing_secret"], "until": world.now + DAY})
    secret = new_secret(world)
    world.records.change(table, row, signing_secret=secret, old_signing_secrets=old)
    return secret


def _valid_old(world: World, row: Row) -> list[Any]:
    return [old for old in row["old_signing_secrets"] if old["until"] > world.now]


def _list_valid(world: World, given: Fields) -> object:
    """Return the signing secrets of the bot or integration `id` that are valid now, the newest first."""
    row_id = given.string("id")
    row = world.records.find(BOTS, id=row_id) or world.records.find(INTEGRATIONS, id=row_id)
    if row is None:
        raise ControlError(f"there is no bot or integration {row_id!r}", "id")
    return [row["signing_secret"], *(old["secret"] for old in reversed(_valid_old(world, row)))]


def _add_default_data(world: World) -> None:
    world.records.add(SECRETS, {"name": "signatures", "value": world.ids.token(32)})


RESOURCE = Resource(tables=(SECRETS,), actions={"signing_secrets": _list_valid}, default_data=_add_default_data)
