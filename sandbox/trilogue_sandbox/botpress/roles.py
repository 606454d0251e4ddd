"""What the members of a workspace may do.

The platform names six roles, "from looking on to everything", and publishes no list of their rights. This one is the
sandbox's own, as mild as the names allow.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchange import Actor, Exchange
from trilogue_sandbox.botpress.schema import MEMBERS, WORKSPACES
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
    """Make sure the caller has a right in the workspace that `x-workspace-id` names.

    Raises:
        ApiError: they have not (Forbidden).
    """
    _require(exchange.actor.role, right)


def require_in(exchange: Exchange, workspace_id: str, right: Right) -> None:
    """Make sure the caller has a right in a workspace.

    Raises:
        ApiError: they have not, or are no member (Forbidden).
    """
    _require(require_member(exchange.actor, workspace_id), right)


def require_member(actor: Actor, workspace_id: str) -> str:
    """Return the role of an account in a workspace.

    Raises:
        ApiError: it has none, or there is no such workspace: the two are not told apart (Forbidden).
    """
    row = actor.records.find(MEMBERS, workspace_id=workspace_id, account_id=actor.account_id)
    if row is None:
        raise ApiError("Forbidden", f"this token may not act in the workspace {workspace_id}")
    return str(row["role"])


def _require(role: str | None, right: Right) -> None:
    if not has_right(role, right):
        raise ApiError("Forbidden", f"a {role} of the workspace may not do this")


def require_paid(world: World, workspace_id: str) -> None:
    """Make sure that a workspace is not blocked for unpaid invoices.

    Raises:
        ApiError: it is (PaymentRequired).
    """
    _refuse_blocked(bool(world.records.get(WORKSPACES, workspace_id)["blocked"]))


def require_paid_by(actor: Actor) -> None:
    """Make sure that the workspace of an actor is not blocked.

    Raises:
        ApiError: it is (PaymentRequired).
    """
    _refuse_blocked(actor.is_blocked)


def _refuse_blocked(is_blocked: bool) -> None:
    if is_blocked:
        raise ApiError("PaymentRequired", "the workspace is blocked until its unpaid invoices are paid")
