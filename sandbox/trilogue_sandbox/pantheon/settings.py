"""Small named values of this platform."""

from __future__ import annotations

from trilogue_sandbox.kernel.world import World

SIGNING_KEY = "signing_key"


def read(world: World, name: str, default: str = "") -> str:
    """Return a value, or the default if it was never written."""
    row = world.store.one("SELECT value FROM pantheon_settings WHERE name = ?", name)
    return default if row is None else str(row["value"])


def write(world: World, name: str, value: str) -> None:
    """Keep a value."""
    world.store.run("INSERT OR REPLACE INTO pantheon_settings (name, value) VALUES (?, ?)", name, value)
