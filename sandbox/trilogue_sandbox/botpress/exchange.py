"""Requests that have been let in, and on whose behalf they act."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import attrs

from trilogue_sandbox.botpress.errors import ApiError, ErrorType
from trilogue_sandbox.kernel import resource
from trilogue_sandbox.kernel.http import Request
from trilogue_sandbox.kernel.operation import Inputs, Operation
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.kernel.views import Context

TokenType: TypeAlias = Literal["pat", "bak", "iak"]
"""A personal access token, a bot access key or an integration access key."""

TOKEN_TYPES: tuple[TokenType, ...] = get_args(TokenType)


@attrs.frozen
class Installation:
    """An integration as it is installed in a bot under an alias."""

    integration_id: str
    name: str
    alias: str


@attrs.frozen
class Actor(Context):
    """Who acts, and where; what does not apply is empty or None.

    In the runtime, files and tables this is a bot, or with an `installation` one of its integrations; elsewhere it is
    the account of a personal access token, with its `role` in a workspace. What belongs to an integration (tags, event
    types, actions) is kept under its qualified name, `alias:name`, which is how the bot sees it. The integration itself
    writes and reads the bare name. A workspace `is_blocked` for unpaid invoices.
    """

    bot_id: str = ""
    installation: Installation | None = None
    workspace_id: str = ""
    role: str | None = None
    account_id: str = ""
    token_type: TokenType | None = None
    is_blocked: bool = False
    base_url: str = ""

    @property
    def bot(self) -> Actor:
        """The bot in which an integration acts."""
        return attrs.evolve(self, installation=None)

    @property
    def prefix(self) -> str:
        """What the qualified names of this actor begin with."""
        return f"{self.installation.alias}:" if self.installation else ""

    def qualify(self, name: str) -> str:
        """Return the qualified name of what this actor calls `name`."""
        return name if name.startswith(self.prefix) else self.prefix + name

    def unqualify(self, name: str) -> str:
        """Return a qualified name as this actor sees it."""
        return name.removeprefix(self.prefix)

    def rows(self, table: Table, columns: str = "item.*") -> Select:
        """Select the rows of a table that belong to the bot, or else to the workspace."""
        if "bot_id" in table.columns and self.bot_id:
            return self.records.select(table, columns, bot_id=self.bot_id)
        return self.records.select(table, columns, workspace_id=self.workspace_id)

    def find(self, table: Table, key: str, error: ErrorType = "ResourceNotFound") -> Row:
        """Return the row of the bot or the workspace with a key, or raise an error."""
        return require(self.rows(table).equal(table.key, key), noun(table), key, error=error)

    def refer(self, table: Table, key: str) -> Row:
        """Return the row of the bot or the workspace that a field of the body names.

        Raises:
            ApiError: there is none (ReferenceNotFound).
        """
        return self.find(table, key, "ReferenceNotFound")


def require(select: Select, noun: str, value: str, column: str = "id", error: ErrorType = "ResourceNotFound") -> Row:
    """Return the first row of a selection, which a request names by the value of a column."""
    row = select.first()
    if row is None:
        raise ApiError(error, f"no {noun} has the {column} {value!r}")
    return row


def noun(table: Table) -> str:
    """Return what a row of a table is called: `conversation`, `knowledge base`."""
    return table.name.removeprefix("botpress_").removesuffix("s").replace("_", " ")


@attrs.frozen
class Exchange(resource.Exchange[Actor]):
    """One request. Its parameters and body fit the description; `headers` are the ones the operation describes."""

    @classmethod
    def read(cls, request: Request, operation: Operation, actor: Actor, inputs: Inputs) -> Exchange:
        """Return the exchange of a request, whose values of a wrong type are errors (InvalidPayload, InvalidQuery)."""
        exchange = cls.of(request, operation, actor, inputs, _invalid_query)
        return attrs.evolve(exchange, body=attrs.evolve(exchange.body, error=_invalid_payload))

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.context

    @property
    def bot_id(self) -> str:
        """The bot of a request of the runtime, files or tables."""
        return self.context.bot_id

    @property
    def workspace_id(self) -> str:
        """The workspace that `x-workspace-id` names, or that of the bot."""
        return self.context.workspace_id

    @property
    def account_id(self) -> str:
        """The account of a request of the administration or billing."""
        return self.context.account_id


def _invalid_query(name: str, message: str) -> ApiError:
    return ApiError("InvalidQuery", f"{name} {message}")


def _invalid_payload(name: str, message: str) -> ApiError:
    return ApiError("InvalidPayload", f"{name} {message}")


@attrs.frozen(eq=False)
class Resource(resource.Resource[Exchange]):
    """What one module adds to the platform."""
