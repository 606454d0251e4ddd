"""A sandbox that holds the data the real servers held."""

from __future__ import annotations

import json
import re
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from trilogue_sandbox.kernel.clock import from_microseconds
from trilogue_sandbox.kernel.store import Store
from trilogue_sandbox.sandbox import Sandbox

from tests.captures.replay.script import FOLDER

_SEED = FOLDER / "seed.json"
_STARTED = datetime(2026, 11, 29, 11, 12, tzinfo=UTC)
"""When the servers got the first request."""

_LOADED = {
    "": (
        "DELETE FROM rapidpro_tokens WHERE user_id = (SELECT id FROM rapidpro_users WHERE email LIKE 'agent@%')",
        "DELETE FROM rapidpro_flow_fields",
        "DELETE FROM rapidpro_triggers",
        "UPDATE rapidpro_broadcasts SET total = -1",
        "UPDATE rapidpro_flow_starts SET exclude_active = NULL",
        "UPDATE rapidpro_tickets SET body = 'Help'",
    ),
    "textit": (
        "UPDATE rapidpro_contacts SET modified_on = 1795950595246534 WHERE id IN"
        " (SELECT contact_id FROM rapidpro_tickets WHERE status = 'open')",
        "UPDATE rapidpro_channels SET last_seen = 1795950606900000 + id WHERE last_seen IS NULL",
        "UPDATE rapidpro_teams SET uuid = 'd3868894-8461-4d5f-903a-c4f02cb7417b' WHERE workspace_id = 1",
    ),
    "rapidpro-9": (
        "UPDATE rapidpro_contacts SET modified_on = 1795947171309073 WHERE id IN"
        " (SELECT contact_id FROM rapidpro_tickets WHERE status = 'open')",
        "UPDATE rapidpro_channels SET last_seen = 1795947180600000 + id WHERE last_seen IS NULL",
    ),
}
"""What the servers made of the data when it was loaded: no tokens for agents, no dependencies of flows, no totals."""

SEEDED = from_microseconds(1_795_946_816_000_000)
"""When the data was complete: all later timestamps were made by the servers."""


def seeded_sandbox(folder: Path, flavour: str) -> AbstractContextManager[Sandbox]:
    """Return a sandbox with the data of the real servers; its database is in a folder, which must be empty."""
    database = folder / "sandbox.sqlite"
    with Sandbox(database=database, start=_STARTED, flavour=flavour) as empty:
        empty.url("rapidpro")
    store = Store(database)
    with store.transaction():
        _fill(store)
        for statement in (*_LOADED[""], *_LOADED[flavour]):
            store.run(statement)
    store.close()
    return Sandbox(database=database, start=_STARTED, flavour=flavour)


def seeded_identifiers() -> frozenset[str]:
    """Return the UUIDs that the data has."""
    return frozenset(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", _SEED.read_text(encoding="utf-8")))


def _fill(store: Store) -> None:
    store.run("PRAGMA defer_foreign_keys = ON")
    for row in store.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'rapidpro_*'"):
        store.run(f"DELETE FROM {row['name']}")
    store.run("DELETE FROM rapidpro_counts")
    for name, table in json.loads(_SEED.read_text(encoding="utf-8")).items():
        places = ", ".join("?" * len(table["columns"]))
        columns = ", ".join(f'"{column}"' for column in table["columns"])
        store.run_many(f"INSERT INTO rapidpro_{name} ({columns}) VALUES ({places})", map(tuple, table["rows"]))
