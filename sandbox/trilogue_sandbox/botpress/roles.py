"""What the members of a workspace may do.

The platform names six roles, "from looking on to everything", and publishes no list of their rights. This one is the
sandbox's own, as mild as the names allow.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from trilogue_sandbox.botpress.account_tables import MEMBERS, WORKSPACES
from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange
from trilogue_sandbox.kernel.world import World

Role: TypeAlias = Literal["viewer", "billing", "developer", "manager", "administrator", "owner"]

Right: TypeAlias = Literal["build", "manage", "pay", "administer", "own"]
"""To change bots and what they are made of; members; the subscription; the workspace; or to give it away."""

ROLES: tuple[Role, ...] = get_args(Role)

_RIGHTS: dict[str, tuple[Right, ...]] = {
    "viewer": (),
    "billing": ("pay",),
    "developer": ("build",),
    "manager": ("build", "manage"),
    "administrator": ("build", "manage", "pay", "administer"),
    "owner": ("build", "manage", "pay", "administer", "own"),
}


def has_right(role: str | None, right: Right) -> bool:
    """Whether a role gives a right; no role gives none."""
    return role is not None and right in _RIGHTS[role]


def require(exchange: Exchange, right: Right) -> None:
    """Raise Forbidden unless the caller has a right in the workspace that `x-workspace-id` names."""
    _require(exchange.actor.role, right)


def require_in(exchange: Exchange, workspace_id: str, right: Right) -> None:
    """Raise Forbidden unless the caller has a right in a workspace."""
    _require(require_member(exchange.actor, workspace_id), right)


def require_member(actor: Actor, workspace_id: str) -> str:
    """Return the role of an account in a workspace.

    Raises:
        ApiError: it has none, or there is no such workspace (Forbidden); which of both is not revealed.
    """
    row = actor.records.find(MEMBERS, workspace_id=workspace_id, account_id=actor.account_id)
    if row is None:
        raise ApiError("Forbidden", f"this token may not act in the workspace {workspace_id}")
    return str(row["role"])


def _require(role: str | None, right: Right) -> None:
    if not has_right(role, right):
        raise ApiError("Forbidden", f"a {role} of the workspace may not do this")


def require_paid(world: World, workspace_id: str) -> None:
    """Raise PaymentRequired if a workspace is blocked for unpaid invoices."""
    _refuse_blocked(bool(world.records.get(WORKSPACES, workspace_id)["blocked"]))


def require_paid_by(actor: Actor) -> None:
    """Raise PaymentRequired if the workspace of an actor is blocked."""
    _refuse_blocked(actor.is_blocked)


def _refuse_blocked(is_blocked: bool) -> None:
    if is_blocked:
        raise ApiError("PaymentRequired", "the workspace is blocked until its unpaid invoices are paid")
