"""Whether a workspace is in good standing: one that is blocked, as for an unpaid invoice, may make nothing new."""

from __future__ import annotations

from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.kernel.world import World


def require_paid(call: Call) -> None:
    """Make sure that the workspace of a call, or of its bot, is not blocked.

    Raises:
        ApiError: it is (PaymentRequired).
    """
    require_paid_workspace(call.world, call.workspace_id)


def require_paid_workspace(world: World, workspace_id: str) -> None:
    """Make sure that a workspace is not blocked.

    Raises:
        ApiError: it is (PaymentRequired).
    """
    if is_blocked(world, workspace_id):
        raise ApiError("PaymentRequired", "the workspace is blocked until its unpaid invoices are paid")


def is_blocked(world: World, workspace_id: str) -> bool:
    """Whether a workspace is blocked."""
    row = world.store.one(
        "SELECT json_extract(document, '$.blocked') AS blocked FROM botpress_workspaces WHERE id = ?", workspace_id
    )
    return row is not None and bool(row["blocked"])


def set_blocked(world: World, workspace_id: str, is_blocked: bool) -> None:
    """Block a workspace, or let it go on."""
    world.store.run(
        "UPDATE botpress_workspaces SET document = json_set(document, '$.blocked', json(?)) WHERE id = ?",
        *("true" if is_blocked else "false", workspace_id),
    )
