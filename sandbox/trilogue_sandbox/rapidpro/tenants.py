"""One workspace, its people, and the world they are in."""

from __future__ import annotations

import json
import sqlite3

import attrs

from trilogue_sandbox.kernel.clock import to_microseconds
from trilogue_sandbox.kernel.store import Store
from trilogue_sandbox.kernel.world import World


@attrs.frozen
class Workspace:
    """A workspace as it is at the beginning of a request or an action."""

    id: int
    uuid: str
    name: str = attrs.field(repr=False)
    country: str
    languages: tuple[str, ...]
    timezone: str
    date_style: str
    is_anonymous: bool
    is_suspended: bool
    is_flagged: bool

    @classmethod
    def of(cls, row: sqlite3.Row) -> Workspace:
        """Read a row of rapidpro_workspaces."""
        return cls(
            id=row["id"],
            uuid=row["uuid"],
            name=row["name"],
            country=row["country"],
            languages=tuple(json.loads(row["languages"])),
            timezone=row["timezone"],
            date_style=row["date_style"],
            is_anonymous=bool(row["is_anonymous"]),
            is_suspended=bool(row["is_suspended"]),
            is_flagged=bool(row["is_flagged"]),
        )

    @property
    def language(self) -> str:
        """The default language: the first one."""
        return self.languages[0]


@attrs.frozen
class User:
    """A user, and the role they have in the workspace that a token speaks for; None if they have left it."""

    id: int
    email: str = attrs.field(repr=False)
    role: str | None


@attrs.frozen
class Tenant:
    """A workspace together with the world: whatever happens, happens to a tenant."""

    world: World
    workspace: Workspace

    @classmethod
    def load(cls, world: World, workspace_id: int) -> Tenant:
        """Read the workspace with this number, which must exist."""
        row = world.store.one("SELECT * FROM rapidpro_workspaces WHERE id = ?", workspace_id)
        assert row is not None
        return cls(world, Workspace.of(row))

    @property
    def store(self) -> Store:
        """The database."""
        return self.world.store

    @property
    def now(self) -> int:
        """The time, in microseconds since 1970."""
        return now(self.world)


def now(world: World) -> int:
    """Return the time, in microseconds since 1970."""
    return to_microseconds(world.clock.now())
