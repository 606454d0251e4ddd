"""Small named values that belong to the world and travel with its store."""

from __future__ import annotations

from trilogue_sandbox.kernel.store import Store


class State:
    """Named integers in the store: counters and moments."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.run("CREATE TABLE IF NOT EXISTS sandbox_state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT")

    def get(self, name: str, default: int = 0) -> int:
        """Return a value, or `default` if it was never set."""
        row = self._store.one("SELECT value FROM sandbox_state WHERE name = ?", name)
        return default if row is None else int(row["value"])

    def set(self, name: str, value: int) -> None:
        """Set a value."""
        self._store.run("INSERT OR REPLACE INTO sandbox_state VALUES (?, ?)", name, value)

    def increment(self, name: str) -> int:
        """Add one to a counter that starts at 0 and return the new value."""
        row = self._store.one(
            "INSERT INTO sandbox_state VALUES (?, 1)"
            " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            name,
        )
        assert row is not None
        return int(row["value"])
