"""The people who work in the workspace."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.rapidpro import timestamps
from trilogue_sandbox.rapidpro.cursors import NEWEST_FIRST
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.refer import refs
from trilogue_sandbox.rapidpro.tenants import Tenant

ROLES = ("administrator", "editor", "agent")

_MEMBERS = (
    "(SELECT user.*, member.workspace_id, member.role, member.team_id FROM rapidpro_members AS member"
    " JOIN rapidpro_users AS user ON user.id = member.user_id AND user.is_active)"
)


def list_users(call: Call) -> Response:
    """Answer GET."""
    select = call.select(_MEMBERS)
    if uuids := call.uuids("uuid"):
        select = select.among("uuid", uuids)
    if emails := call.values("email"):
        select = select.where(
            "LOWER(item.email) IN (SELECT value FROM json_each(?))", json.dumps([email.lower() for email in emails])
        )
    if roles := call.values("role"):
        select = select.among("role", [role for role in roles if role in ROLES])
    return call.page(select, NEWEST_FIRST, show_users)


def show_users(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    """Return users as the API shows them."""
    teams = refs(tenant, "teams", [row["team_id"] for row in rows])
    return [
        {
            "uuid": row["uuid"],
            "name": full_name(row),
            "email": row["email"],
            "role": row["role"],
            "team": teams[row["team_id"]],
            "created_on": timestamps.show(row["created_on"]),
            "avatar": row["avatar"],
            "first_name": row["first_name"],
            "last_name": row["last_name"],
        }
        for row in rows
    ]


def full_name(row: sqlite3.Row) -> str:
    """Return first and last name together."""
    return f"{row['first_name']} {row['last_name']}".strip()


ENDPOINT = Endpoint("users", get=list_users)
