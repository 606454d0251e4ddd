"""What keeps a row from being deleted, and what is deleted along with it."""

from __future__ import annotations

from typing import Literal

from trilogue_sandbox.botpress.actors import Actor
from trilogue_sandbox.botpress.errors import ApiError


def refuse_if_at_work(
    actor: Actor, column: Literal["user_id", "conversation_id", "parent_workflow_id"], row_id: str
) -> None:
    """Make sure that no workflow at work refers to a row.

    Raises:
        ApiError: one does (ReferenceConstraint).
    """
    if actor.store.one(f"SELECT 1 FROM botpress_workflows WHERE {column} = ? AND is_active", row_id):
        raise ApiError("ReferenceConstraint", "a workflow at work refers to this; cancel or delete the workflow first")


def forget_states(actor: Actor, state_type: Literal["user", "conversation", "workflow"], row_id: str) -> None:
    """Delete what was kept for a row that is deleted."""
    actor.store.run(
        "DELETE FROM botpress_states WHERE bot_id = ? AND type = ? AND owner_id = ?",
        *(actor.bot_id, state_type, row_id),
    )
