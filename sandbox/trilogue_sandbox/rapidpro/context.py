"""On whose behalf the platform acts: a workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

import attrs

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.kernel.table import CREATED, JSON, KEY, TEXT, UUID, Row, Table
from trilogue_sandbox.kernel.views import Context
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro.servers import SERVERS, Server
from trilogue_sandbox.rapidpro.table_types import NO, plain_table
from trilogue_sandbox.rapidpro.tables import FIELDS

WORKSPACES = plain_table(
    "workspaces",
    id=KEY,
    uuid=UUID,
    name=TEXT,
    handle=TEXT.nullable(),
    country=TEXT.default(""),
    languages=JSON.default(["eng"]),
    timezone=TEXT.default("UTC"),
    date_style=TEXT.default("day_first"),
    is_anonymous=NO,
    is_suspended=NO,
    is_flagged=NO,
    created_on=CREATED,
)


@attrs.frozen
class Workspace:
    """A workspace as it is at the beginning of a request or an action."""

    id: int
    uuid: str
    name: str = attrs.field(repr=False)
    country: str
    languages: Sequence[str]
    timezone: str
    date_style: str
    is_anonymous: bool
    is_suspended: bool
    is_flagged: bool

    @classmethod
    def of(cls, row: Row) -> Workspace:
        """Read a row of the table."""
        return cls(*_read_workspace(row))

    @property
    def language(self) -> str:
        """The default language: the first one."""
        return self.languages[0]


_read_workspace = itemgetter(*(field.name for field in attrs.fields(Workspace)))


@attrs.frozen
class WorkspaceContext(Context):
    """A workspace together with the world."""

    workspace: Workspace

    @classmethod
    def load(cls, world: World, workspace_id: int) -> WorkspaceContext:
        """Read the workspace with this number, which must exist."""
        return cls(world, Workspace.of(world.records.get(WORKSPACES, workspace_id)))

    @classmethod
    def named(cls, world: World, name: str) -> WorkspaceContext:
        """Read the workspace with a name, the name that it had at first, or a UUID; the main one for an empty name.

        Raises:
            ControlError: there is no such workspace.
        """
        select = world.records.select(WORKSPACES)
        row = select.where(
            "item.id = 1" if name == "" else "? IN (item.uuid, item.name, item.handle)", *([name] if name else ())
        ).first()
        if row is None:
            names = [row["name"] for row in select.all("ORDER BY item.id")]
            raise ControlError(f"there is no workspace {name!r}; there is: {', '.join(names)}", "workspace")
        return cls(world, Workspace.of(row))

    @classmethod
    def of(cls, world: World, arguments: Fields) -> WorkspaceContext:
        """Read the workspace of an action, which the argument `workspace` names.

        Raises:
            ControlError: there is no such workspace.
        """
        return cls.named(world, arguments.string("workspace", ""))

    @property
    def server(self) -> Server:
        """Which of the servers the sandbox is."""
        return SERVERS[self.world.flavour]

    @property
    def field_types(self) -> Mapping[str, str]:
        """The types of the contact fields by their keys, in the order in which they were made."""
        return self.store.remember((FIELDS, self.workspace.id), [FIELDS.name], self._read_field_types)

    def _read_field_types(self) -> Mapping[str, str]:
        fields = self.select(FIELDS, "item.key, item.type", is_active=True)
        return dict(map(tuple, fields.all("ORDER BY item.id")))

    def add(self, table: Table, **values: Any) -> Row:
        """Add a row of this workspace and return it."""
        return self.records.add(table, {"workspace_id": self.workspace.id, **values})

    def find(self, table: Table, **values: SqlValue) -> Row | None:
        """Return the first row of this workspace with these values, or None."""
        return self.records.find(table, workspace_id=self.workspace.id, **values)

    def select(self, table: Table, columns: str = "item.*", **values: SqlValue) -> Select:
        """Select the rows of this workspace with these values."""
        return self.records.select(table, columns, workspace_id=self.workspace.id, **values)
