"""Who is in which group."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from trilogue_sandbox.rapidpro import campaign_schedule, queries
from trilogue_sandbox.rapidpro.tenants import Tenant

_AMONG = "IN (SELECT value FROM json_each(?))"


def add(tenant: Tenant, group_id: int, contact_ids: Iterable[int]) -> None:
    """Put contacts into a group."""
    tenant.store.run(
        "INSERT OR IGNORE INTO rapidpro_memberships SELECT ?, id, modified_on FROM rapidpro_contacts"
        f" WHERE id {_AMONG}",
        *(group_id, json.dumps(list(contact_ids))),
    )


def remove(tenant: Tenant, group_id: int, contact_ids: Iterable[int]) -> None:
    """Take contacts out of a group."""
    tenant.store.run(
        f"DELETE FROM rapidpro_memberships WHERE group_id = ? AND contact_id {_AMONG}",
        *(group_id, json.dumps(list(contact_ids))),
    )


def leave_all(tenant: Tenant, contact_ids: Iterable[int]) -> None:
    """Take contacts out of all groups."""
    tenant.store.run(f"DELETE FROM rapidpro_memberships WHERE contact_id {_AMONG}", json.dumps(list(contact_ids)))


def replace_manual(tenant: Tenant, contact_id: int, group_ids: Iterable[int]) -> None:
    """Put a contact into these manual groups and no other ones."""
    tenant.store.run(
        "DELETE FROM rapidpro_memberships WHERE contact_id = ?"
        " AND group_id IN (SELECT id FROM rapidpro_groups WHERE workspace_id = ? AND query IS NULL)",
        *(contact_id, tenant.workspace.id),
    )
    for group_id in group_ids:
        add(tenant, group_id, [contact_id])


def reevaluate(tenant: Tenant, contact_ids: Iterable[int]) -> None:
    """Let the smart groups take contacts in or let them go, as they now fit."""
    among = json.dumps(list(contact_ids))
    for group in tenant.store.all(
        "SELECT id, query FROM rapidpro_groups WHERE workspace_id = ? AND query IS NOT NULL AND is_active"
        " AND status = 'ready'",
        tenant.workspace.id,
    ):
        condition = queries.parse(tenant, group["query"])
        tenant.store.run(
            f"DELETE FROM rapidpro_memberships WHERE group_id = ? AND contact_id {_AMONG}", group["id"], among
        )
        _take_in(tenant, group["id"], condition, f"item.id {_AMONG}", among)


def fill(tenant: Tenant, group: sqlite3.Row) -> None:
    """Fill a smart group anew from all contacts; it is invalid if its query no longer makes sense."""
    try:
        condition = queries.parse(tenant, group["query"])
    except queries.QueryError:
        tenant.store.run("UPDATE rapidpro_groups SET status = 'invalid' WHERE id = ?", group["id"])
        return
    tenant.store.run("DELETE FROM rapidpro_memberships WHERE group_id = ?", group["id"])
    _take_in(tenant, group["id"], condition, "item.workspace_id = ?", tenant.workspace.id)
    tenant.store.run("UPDATE rapidpro_groups SET status = 'ready' WHERE id = ?", group["id"])
    campaign_schedule.reschedule_group(tenant, group["id"])


def fill_all(tenant: Tenant) -> None:
    """Fill all smart groups anew, as after the type of a field has changed."""
    for group in tenant.store.all(
        "SELECT id, query FROM rapidpro_groups WHERE workspace_id = ? AND query IS NOT NULL AND is_active",
        tenant.workspace.id,
    ):
        fill(tenant, group)


def _take_in(tenant: Tenant, group_id: int, condition: queries.Condition, limit: str, bound: str | int) -> None:
    tenant.store.run(
        "INSERT INTO rapidpro_memberships SELECT ?, item.id, item.modified_on FROM rapidpro_contacts AS item"
        f" WHERE {limit} AND item.is_active AND item.status = 'active' AND {condition.sql}",
        *(group_id, bound, *condition.values),
    )
