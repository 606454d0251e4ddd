"""Deleting users, conversations and workflows, which states and other workflows refer to."""

from __future__ import annotations

from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Exchange, noun
from trilogue_sandbox.botpress.schema import CONVERSATIONS, STATES, USERS, WORKFLOWS
from trilogue_sandbox.kernel.table import Row, Table

_REFERENCES: dict[Table, str] = {
    USERS: "user_id",
    CONVERSATIONS: "conversation_id",
    WORKFLOWS: "parent_workflow_id",
}
"""The columns of workflows that refer to each table."""


def delete(exchange: Exchange, table: Table) -> Row:
    """Delete the row that the path names, with its states; return it as it was.

    Raises:
        ApiError: there is none (ResourceNotFound), or an active workflow refers to it (ReferenceConstraint).
    """
    row = exchange.actor.find(table, exchange.path.string("id"))
    if exchange.records.find(WORKFLOWS, is_active=True, **{_REFERENCES[table]: row["id"]}):
        message = "an active workflow refers to this; cancel or delete the workflow first"
        raise ApiError("ReferenceConstraint", message)
    exchange.records.select(STATES, bot_id=row["bot_id"], type=noun(table), owner_id=row["id"]).remove()
    exchange.records.remove(table, row)
    return row
