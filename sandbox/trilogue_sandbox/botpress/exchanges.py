"""A call that has been let in, with all that its handler needs."""

from __future__ import annotations

import sqlite3

import attrs

from trilogue_sandbox.botpress import lookups, timestamps
from trilogue_sandbox.botpress.actors import Actor
from trilogue_sandbox.botpress.auth import Caller
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.botpress.scopes import Installation, Scope
from trilogue_sandbox.kernel.description import Inputs
from trilogue_sandbox.kernel.http import Request
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.store import Store
from trilogue_sandbox.kernel.world import World


@attrs.frozen
class Call:
    """One call. Its parameters and body fit the description; `headers` are the ones the operation describes."""

    world: World
    request: Request
    operation_id: str
    caller: Caller
    scope: Scope
    path: Fields
    query: Fields
    headers: Fields
    body: Fields

    @classmethod
    def of(
        cls, world: World, request: Request, operation_id: str, caller: Caller, scope: Scope, inputs: Inputs
    ) -> Call:
        """Put a call together."""
        path, query, headers = Fields(inputs.path), Fields(inputs.query, "InvalidQuery"), Fields(inputs.headers)
        return cls(world, request, operation_id, caller, scope, path, query, headers, Fields.of(inputs.body))

    @property
    def store(self) -> Store:
        """The database."""
        return self.world.store

    @property
    def now(self) -> int:
        """The time, in microseconds since 1970."""
        return timestamps.now(self.world)

    @property
    def bot_id(self) -> str:
        """The bot of a call of the runtime, files or tables."""
        assert self.scope.bot_id is not None, self.operation_id
        return self.scope.bot_id

    @property
    def workspace_id(self) -> str:
        """The workspace that `x-workspace-id` names, or that of the bot."""
        assert self.scope.workspace_id is not None, self.operation_id
        return self.scope.workspace_id

    @property
    def account_id(self) -> str:
        """The account of a call of the administration or billing."""
        assert self.caller.account_id is not None, self.operation_id
        return self.caller.account_id

    @property
    def installation(self) -> Installation | None:
        """The integration that makes the call; None if the bot does."""
        return self.scope.installation

    @property
    def actor(self) -> Actor:
        """The bot or integration that acts in a call of the runtime, files or tables."""
        return Actor(self.world, self.bot_id, self.installation)

    def within(self, scope: Scope) -> Call:
        """Return the same call in another scope."""
        return attrs.evolve(self, scope=scope)

    def of_bot(self, table: str, columns: str = "item.*") -> Select:
        """Select the rows of a table that belong to the bot (`bot_id`)."""
        return Select(table, columns).where("item.bot_id = ?", self.bot_id)

    def of_workspace(self, table: str, columns: str = "item.*") -> Select:
        """Select the rows of a table that belong to the workspace (`workspace_id`)."""
        return Select(table, columns).where("item.workspace_id = ?", self.workspace_id)

    def find(self, select: Select, name: str, value: str, column: str = "id") -> sqlite3.Row:
        """Return the row of a selection that the path names; `name` says what it is: `conversation`.

        Raises:
            ApiError: there is none (ResourceNotFound).
        """
        return lookups.find(self.store, select, name, value, column)

    def refer(self, select: Select, name: str, value: str, column: str = "id") -> sqlite3.Row:
        """Return the row of a selection that a field of the body names.

        Raises:
            ApiError: there is none (ReferenceNotFound).
        """
        return lookups.refer(self.store, select, name, value, column)

    def optional(self, select: Select, value: str, column: str = "id") -> sqlite3.Row | None:
        """Return the row of a selection with this value, or None."""
        return lookups.optional(self.store, select, value, column)
