"""Flow starts carried out: not at once, but batch by batch."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import arguments, contact_changes, conversations, references, urns
from trilogue_sandbox.rapidpro.tenants import Tenant

_STEP = timedelta(seconds=1)
_BATCH = 100
_RECENT = timedelta(days=90) // timedelta(microseconds=1)
_OPEN = ("pending", "queued", "started")


def plan(tenant: Tenant, start_id: int) -> None:
    """Let a new flow start be carried out soon."""
    tenant.world.timers.after(_STEP, "queue_flow_start", {"start": start_id})


def queue_start(world: World, given: JsonObject) -> None:
    """Find out who is to be started, and plan the batches."""
    start = _read(world, given)
    tenant = Tenant.load(world, start["workspace_id"])
    if start["status"] != "pending":
        return
    if tenant.workspace.is_suspended or tenant.workspace.is_flagged:
        _update(tenant, start["id"], "failed")
        return
    recipients = _find_recipients(tenant, start)
    tenant.store.run("UPDATE rapidpro_flow_starts SET total = ? WHERE id = ?", len(recipients) or -1, start["id"])
    for number, batch in enumerate(_batches(recipients), start=1):
        is_last = number * _BATCH >= len(recipients)
        planned: JsonObject = {"start": start["id"], "contacts": [*batch], "is_last": is_last}
        world.timers.after(number * _STEP, "start_flow_batch", planned)
    _update(tenant, start["id"], "queued" if recipients else "completed")


def start_batch(world: World, given: JsonObject) -> None:
    """Start a batch of `contacts`, by their numbers, those of them who are still active; `is_last` completes it."""
    start, numbers = _read(world, given), given.get("contacts")
    if not isinstance(numbers, list):
        raise ControlError("`contacts` is a list of numbers", "contacts")
    tenant = Tenant.load(world, start["workspace_id"])
    if start["status"] not in ("queued", "started"):
        return
    ids = _among_active(tenant, json.dumps(numbers))
    conversations.start(tenant, start["flow_id"], ids, start["id"])
    tenant.store.run("UPDATE rapidpro_flow_starts SET started = started + ? WHERE id = ?", len(ids), start["id"])
    _update(tenant, start["id"], "completed" if given.get("is_last") else "started")


def interrupt_start(world: World, given: JsonObject) -> object:
    """Stop a flow start: who has begun the flow goes on, nobody else begins it."""
    tenant = arguments.tenant(world, given)
    start = references.by_uuid("flow_starts", "TRUE")(tenant, arguments.text(given, "start"))
    if start is None:
        raise ControlError("`start`: there is no flow start with this UUID", "start")
    if start["status"] not in _OPEN:
        raise ControlError(f"the flow start is {start['status']} already", "start")
    _update(tenant, start["id"], "interrupted")
    return {"uuid": start["uuid"], "status": "interrupted"}


def _read(world: World, given: JsonObject) -> sqlite3.Row:
    start = world.store.one("SELECT * FROM rapidpro_flow_starts WHERE id = ?", arguments.integer(given, "start"))
    if start is None:
        raise ControlError("`start`: there is no flow start with this number", "start")
    return start


def _update(tenant: Tenant, start_id: int, status: str) -> None:
    tenant.store.run(
        "UPDATE rapidpro_flow_starts SET status = ?, modified_on = ? WHERE id = ?", status, tenant.now, start_id
    )


def _find_recipients(tenant: Tenant, start: sqlite3.Row) -> list[int]:
    """Return the contacts to start, those without a place left out; URNs that nobody has become contacts."""
    named = {*_named_one_by_one(tenant, start["id"]), *_of_urns(tenant, json.loads(start["urns"]))}
    members = tenant.store.all(
        "SELECT DISTINCT contact_id FROM rapidpro_memberships"
        " WHERE group_id IN (SELECT group_id FROM rapidpro_flow_start_groups WHERE start_id = ?)",
        start["id"],
    )
    everybody = _among_active(tenant, json.dumps([*named, *(row["contact_id"] for row in members)]))
    left_out = {*_participants(tenant, start), *_busy(tenant, start, everybody)}
    return [contact_id for contact_id in everybody if contact_id not in left_out]


def _named_one_by_one(tenant: Tenant, start_id: int) -> Iterator[int]:
    rows = tenant.store.all("SELECT contact_id FROM rapidpro_flow_start_contacts WHERE start_id = ?", start_id)
    return (row["contact_id"] for row in rows)


def _of_urns(tenant: Tenant, texts: Iterable[str]) -> Iterator[int]:
    for text in texts:
        urn = urns.parse(text, tenant.workspace.country)
        assert urn is not None
        yield contact_changes.contact_of_urn(tenant, urn)


def _among_active(tenant: Tenant, ids: str) -> list[int]:
    rows = tenant.store.all(
        "SELECT id FROM rapidpro_contacts WHERE id IN (SELECT value FROM json_each(?))"
        " AND is_active AND status = 'active' ORDER BY id",
        ids,
    )
    return [row["id"] for row in rows]


def _participants(tenant: Tenant, start: sqlite3.Row) -> Iterator[int]:
    """Return who was in the flow lately, if they are not to be started again."""
    if start["restart_participants"]:
        return iter(())
    rows = tenant.store.all(
        "SELECT DISTINCT contact_id FROM rapidpro_runs WHERE flow_id = ? AND created_on >= ?",
        *(start["flow_id"], tenant.now - _RECENT),
    )
    return (row["contact_id"] for row in rows)


def _busy(tenant: Tenant, start: sqlite3.Row, ids: Sequence[int]) -> Iterator[int]:
    """Return who is in a flow at the moment, if they are to be left alone."""
    if not start["exclude_active"]:
        return iter(())
    rows = tenant.store.all(
        "SELECT id FROM rapidpro_contacts WHERE flow_id IS NOT NULL AND id IN (SELECT value FROM json_each(?))",
        json.dumps(ids),
    )
    return (row["id"] for row in rows)


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[first : first + _BATCH] for first in range(0, len(ids), _BATCH))


ACTIONS = {"queue_flow_start": queue_start, "start_flow_batch": start_batch, "interrupt_flow_start": interrupt_start}
