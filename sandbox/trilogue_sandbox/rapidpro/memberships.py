"""Who is in which group."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from trilogue_sandbox.kernel.select import AMONG, json_list
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.rapidpro import campaign_schedule, queries
from trilogue_sandbox.rapidpro.context import WORKSPACES, WorkspaceContext
from trilogue_sandbox.rapidpro.tables import FIELDS, GROUPS, MEMBERSHIPS

_TAKE_IN = (
    "INSERT OR IGNORE INTO rapidpro_memberships (group_id, contact_id, modified_on)"
    " SELECT ?, item.id, item.modified_on FROM rapidpro_contacts AS item "
)


def add(context: WorkspaceContext, group_id: int, contact_ids: Iterable[int]) -> None:
    """Put contacts into a group."""
    context.store.run(f"{_TAKE_IN}WHERE item.id {AMONG}", group_id, json_list(contact_ids))


def remove(context: WorkspaceContext, group_id: int, contact_ids: Iterable[int]) -> None:
    """Take contacts out of a group."""
    context.records.select(MEMBERSHIPS, group_id=group_id).among("contact_id", contact_ids).remove()


def leave_all(context: WorkspaceContext, contact_ids: Iterable[int]) -> None:
    """Take contacts out of all groups."""
    context.records.select(MEMBERSHIPS).among("contact_id", contact_ids).remove()


def replace_manual(context: WorkspaceContext, contact_id: int, group_ids: Iterable[int]) -> None:
    """Put a contact into these manual groups and no other ones."""
    manual = "item.group_id IN (SELECT id FROM rapidpro_groups WHERE workspace_id = ? AND query IS NULL)"
    context.records.select(MEMBERSHIPS, contact_id=contact_id).where(manual, context.workspace.id).remove()
    for group_id in group_ids:
        add(context, group_id, [contact_id])


def reevaluate(context: WorkspaceContext, contact_ids: Iterable[int]) -> bool:
    """Let the smart groups take contacts in or let them go, as they now fit; return whether they hold any of them."""
    groups, conditions = context.store.remember(
        (GROUPS, context.workspace.id),
        [table.name for table in (GROUPS, FIELDS, WORKSPACES)],
        lambda: _ready_groups(context),
    )
    if not groups:
        return False
    among, fitting = json_list(contact_ids), set[tuple[int, int]]()
    for _ in groups if "group" in "".join(group["query"] for group in groups) else groups[:1]:
        fitting, present = _fitting(context, groups, conditions, among)
        for group_id, contact_id in present - fitting:
            remove(context, group_id, [contact_id])
        for group_id in {group_id for group_id, _ in fitting - present}:
            add(context, group_id, [contact_id for of, contact_id in fitting - present if of == group_id])
        if fitting == present:
            break
    return bool(fitting)


def _ready_groups(context: WorkspaceContext) -> tuple[list[Row], list[queries.Condition]]:
    groups = _smart_groups(context, status="ready")
    return groups, [queries.parse(context, group["query"]) for group in groups]


def _smart_groups(context: WorkspaceContext, **values: str) -> list[Row]:
    return context.select(GROUPS, is_active=True, **values).where("item.query IS NOT NULL").all("ORDER BY item.id")


def _fitting(
    context: WorkspaceContext, groups: Sequence[Row], conditions: Sequence[queries.Condition], among: str
) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Return which contacts fit into which groups, and which are there; by the numbers of both."""
    columns = ", ".join(condition.sql for condition in conditions)
    rows = context.store.all(
        f"SELECT item.id, item.is_active AND item.status = 'active', {columns},"
        " (SELECT json_group_array(group_id) FROM rapidpro_memberships WHERE contact_id = item.id)"
        f" FROM rapidpro_contacts AS item WHERE item.id {AMONG}",
        *(*(value for condition in conditions for value in condition.values), among),
    )
    fitting = {(group["id"], row[0]) for row in rows for place, group in enumerate(groups, 2) if row[1] and row[place]}
    ids = {group["id"] for group in groups}
    return fitting, {(group_id, row[0]) for row in rows for group_id in json.loads(row[-1]) if group_id in ids}


def fill(context: WorkspaceContext, group: Row) -> None:
    """Fill a smart group again from all contacts; it is invalid if its query no longer makes sense."""
    try:
        condition = queries.parse(context, group["query"])
    except queries.QueryError:
        context.records.change(GROUPS, group, status="invalid")
        return
    context.records.select(MEMBERSHIPS, group_id=group["id"]).remove()
    context.store.run(
        f"{_TAKE_IN}NOT INDEXED"  # in the order of their ids, in which memberships are kept
        f" WHERE item.workspace_id = ? AND item.is_active AND item.status = 'active' AND {condition.sql}",
        *(group["id"], context.workspace.id, *condition.values),
    )
    context.records.change(GROUPS, group, status="ready")
    campaign_schedule.reschedule_group(context, group["id"])


def fill_all(context: WorkspaceContext) -> None:
    """Fill all smart groups again, as after the type of a field has changed."""
    for group in _smart_groups(context):
        fill(context, group)
