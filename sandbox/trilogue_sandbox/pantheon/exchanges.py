"""A call that has been let in, with all that its handler needs."""

from __future__ import annotations

import sqlite3

import attrs

from trilogue_sandbox.kernel.bodies import UploadedFile
from trilogue_sandbox.kernel.store import Store
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.auth import App
from trilogue_sandbox.pantheon.fields import Fields
from trilogue_sandbox.pantheon.resource_types import Kind


@attrs.frozen
class Call:
    """One call; its body fits the description. `url` is what was called, without the query."""

    account: Account
    app: App
    endpoint: str
    url: str
    body: Fields
    files: dict[str, UploadedFile]
    cursor: str | None

    @property
    def world(self) -> World:
        """The world."""
        return self.account.world

    @property
    def store(self) -> Store:
        """The database."""
        return self.account.store

    @property
    def now(self) -> int:
        """The time, in microseconds since 1970."""
        return self.account.now

    def find(self, kind: Kind, field: str) -> sqlite3.Row:
        """Return the row that a field of the body names.

        Raises:
            ApiError: 404, there is none.
        """
        return self.account.find(kind, self.body.text(field))

    def find_optional(self, kind: Kind, field: str) -> sqlite3.Row | None:
        """Return the row that a field of the body names, or None if the field was not given.

        Raises:
            ApiError: 404, the field names nothing.
        """
        return self.find(kind, field) if field in self.body else None
