"""Seals: what the sandbox writes into tokens and links, so that it knows its own."""

from __future__ import annotations

import hashlib
import hmac

from trilogue_sandbox.kernel.world import World

_CHARACTERS = 32


def make_secret(world: World) -> None:
    """Draw the secret behind all seals."""
    world.store.run("INSERT INTO botpress_secrets VALUES ('seals', ?)", world.ids.token(_CHARACTERS))


def sign(world: World, subject: str, content: bytes, length: int) -> bytes:
    """Return the seal of a content, in so many bytes; the same content has another one for another subject."""
    row = world.store.one("SELECT value FROM botpress_secrets WHERE name = 'seals'")
    assert row is not None
    return hmac.digest(f"{row['value']} {subject}".encode(), content, hashlib.sha256)[:length]


def is_signed(world: World, subject: str, content: bytes, seal: bytes) -> bool:
    """Whether a seal is that of this content."""
    return hmac.compare_digest(sign(world, subject, content, len(seal)), seal) if seal else False
