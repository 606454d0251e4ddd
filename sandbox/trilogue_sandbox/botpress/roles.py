"""What the members of a workspace may do.

The platform names six roles, "from looking on to everything", and publishes no list of their rights. This one is the
sandbox's own, as mild as the names allow.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from trilogue_sandbox.botpress.errors import ApiError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.scopes import require_member

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


def require(call: Call, right: Right) -> None:
    """Make sure the caller has a right in the workspace that `x-workspace-id` names.

    Raises:
        ApiError: they have not (Forbidden).
    """
    _require(call.scope.role, right)


def require_in(call: Call, workspace_id: str, right: Right) -> None:
    """Make sure the caller has a right in a workspace.

    Raises:
        ApiError: they have not, or are no member (Forbidden).
    """
    _require(require_member(call.world, call.caller, workspace_id), right)


def _require(role: str | None, right: Right) -> None:
    if not has_right(role, right):
        raise ApiError("Forbidden", f"a {role} of the workspace may not do this")
