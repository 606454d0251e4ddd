"""Flow starts: what was asked for, and how it is carried out, batch by batch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import attrs

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject, Response
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import DAY, SECOND
from trilogue_sandbox.kernel.views import each
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import batches, contact_changes, flow_sessions, urns
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.errors import invalid_together
from trilogue_sandbox.rapidpro.exchange import Exchange, Model, Resource
from trilogue_sandbox.rapidpro.lists import by_id, by_uuid, listing, within
from trilogue_sandbox.rapidpro.references import Reference, References, find_contact, find_flow, find_group, uuid_lookup
from trilogue_sandbox.rapidpro.serializer_fields import Boolean, Items, JsonMap
from trilogue_sandbox.rapidpro.serializers import Field, Serializer, optional, required
from trilogue_sandbox.rapidpro.tables import (
    CONTACTS,
    FLOW_STARTS,
    FLOWS,
    GROUPS,
    MEMBERSHIPS,
    RUNS,
    STARTED_CONTACTS,
    STARTED_GROUPS,
)
from trilogue_sandbox.rapidpro.urns import Urn, UrnField
from trilogue_sandbox.rapidpro.views import ApiView, Several

_START = Model("FlowStart", FLOW_STARTS)
_RECENT = 90 * DAY
_OPEN = ("pending", "queued", "started")


@attrs.frozen
class _ParamsField(Field[JsonObject]):
    def read(self, value: Json, serializer: Serializer) -> JsonObject:
        if serializer.context.server.rewrites_params:
            return _ExtraNormalizer().map(JsonMap().read(value, serializer))
        return JsonMap(10_000).read(value, serializer)


@attrs.frozen
class FlowStartBody:
    """Which flow to start, and for whom."""

    flow: Row = required(Reference(find_flow))
    contacts: Sequence[Row] = optional(References(find_contact), ())
    groups: Sequence[Row] = optional(References(find_group), ())
    urns: Sequence[Urn] = optional(Items(UrnField(), max_items=100), ())
    restart_participants: bool = optional(Boolean(), True)
    exclude_active: bool = optional(Boolean(), False)
    extra: JsonObject | None = optional(JsonMap(), None)
    params: JsonObject | None = optional(_ParamsField(), None)


def create_start(exchange: Exchange) -> Response:
    """Handle POST."""
    named = exchange.target(_START)
    body = exchange.read_body(FlowStartBody)
    if not (body.groups or body.contacts or body.urns):
        raise invalid_together("Must specify at least one group, contact or URN")
    start = _create(exchange.context, body)
    exchange.world.schedule(exchange.now + SECOND, "queue_flow_start", start=start["id"])
    return exchange.saved(FLOW_START, start, is_new=named is None)


def _create(context: WorkspaceContext, body: FlowStartBody) -> Row:
    start = context.add(
        FLOW_STARTS,
        flow_id=body.flow["id"],
        urns=[str(urn) for urn in body.urns],
        params=body.params or _ExtraNormalizer().map(body.extra or {}),
        restart_participants=body.restart_participants,
        exclude_active=body.exclude_active,
    )
    batches.add_recipients(context.world, start, {STARTED_CONTACTS: body.contacts, STARTED_GROUPS: body.groups})
    return start


class _ExtraNormalizer:
    """Rewrites the old parameters (`extra`): plain keys, short strings, no lists, no nulls, at most 256 values."""

    _longest_key = 255
    _longest_string = 640

    def __init__(self) -> None:
        self._room = 256

    def map(self, given: JsonObject) -> JsonObject:
        kept: JsonObject = {}
        for key, value in given.items():
            if self._room == 0:
                break
            kept[re.sub("[^A-Za-z0-9_]", "_", key)[: self._longest_key]] = self._value(value)
        return kept

    def _value(self, value: Json) -> Json:
        if isinstance(value, dict):
            return self.map(value)
        if isinstance(value, list):
            return self.map({str(place): item for place, item in enumerate(value)})
        self._room -= 1
        if value is None:
            return ""
        return value[: self._longest_string] if isinstance(value, str) else value


# -- jobs --------------------------------------------------------------------------------------------------------------


def queue_start(world: World, arguments: Fields) -> None:
    """Find out who is to be started, and plan the batches."""
    start = batches.read_owner(world, arguments, "start", FLOW_STARTS)
    context = WorkspaceContext.load(world, start["workspace_id"])
    if start["status"] != "pending":
        return
    if context.workspace.is_suspended or context.workspace.is_flagged:
        world.records.touch(FLOW_STARTS, start, status="failed")
        return
    recipients = _find_recipients(context, start)
    batches.plan(world, start, FLOW_STARTS, recipients, "start_flow_batch", "start")


def start_batch(world: World, arguments: Fields) -> None:
    """Start a batch of `contacts`, by their numbers, those of them who are still active; `is_last` completes it."""
    start, numbers = batches.read_owner(world, arguments, "start", FLOW_STARTS), arguments.items("contacts")
    if start["status"] not in ("queued", "started"):
        return
    context = WorkspaceContext.load(world, start["workspace_id"])
    ids = _among_active(context, [number for number in numbers if isinstance(number, int)])
    flow_sessions.start(context, start["flow_id"], ids, start["id"])
    batches.record_batch(world, start, FLOW_STARTS, arguments, len(ids))


def interrupt_start(world: World, arguments: Fields) -> object:
    """Stop a flow start: who has begun the flow goes on, nobody else begins it."""
    context = WorkspaceContext.of(world, arguments)
    start = uuid_lookup(FLOW_STARTS)(context, arguments.string("start"))
    if start is None:
        raise ControlError("`start`: there is no flow start with this UUID", "start")
    if start["status"] not in _OPEN:
        raise ControlError(f"the flow start is {start['status']} already", "start")
    world.records.touch(FLOW_STARTS, start, status="interrupted")
    return {"uuid": start["uuid"], "status": "interrupted"}


def _find_recipients(context: WorkspaceContext, start: Row) -> list[int]:
    """Return the contacts to start, those without a place left out; URNs that nobody has become contacts."""
    named = context.records.select(STARTED_CONTACTS, start_id=start["id"]).all()
    owners = [*_of_urns(context, start["urns"])]
    chosen = "item.group_id IN (SELECT group_id FROM rapidpro_started_groups WHERE start_id = ?)"
    members = context.records.select(MEMBERSHIPS, "DISTINCT item.contact_id").where(chosen, start["id"]).all()
    everybody = _among_active(context, [*owners, *(row["contact_id"] for row in [*named, *members])])
    left_out = {*_participants(context, start), *_busy(context, start, everybody)}
    return [contact_id for contact_id in everybody if contact_id not in left_out]


def _of_urns(context: WorkspaceContext, given: Iterable[str]) -> Iterator[int]:
    for urn in (urns.parse(text, context.workspace.country) for text in given):
        assert urn is not None
        yield contact_changes.contact_of_urn(context, urn)


def _among_active(context: WorkspaceContext, ids: Iterable[int]) -> list[int]:
    active = context.records.select(CONTACTS, "item.id", is_active=True, status="active").among("id", ids)
    return [row["id"] for row in active.all("ORDER BY item.id")]


def _participants(context: WorkspaceContext, start: Row) -> list[int]:
    """Return who was in the flow lately, if they are not to be started again."""
    if start["restart_participants"]:
        return []
    runs = context.records.select(RUNS, "DISTINCT item.contact_id", flow_id=start["flow_id"])
    return [row["contact_id"] for row in runs.where("item.created_on >= ?", context.now - _RECENT).all()]


def _busy(context: WorkspaceContext, start: Row, ids: Sequence[int]) -> list[int]:
    """Return who is in a flow at the moment, if they are to be left alone."""
    if not start["exclude_active"]:
        return []
    busy = context.records.select(CONTACTS, "item.id").where("item.flow_id IS NOT NULL").among("id", ids)
    return [row["id"] for row in busy.all()]


# -- responses ---------------------------------------------------------------------------------------------------------


FLOW_START = ApiView(
    "FlowStart",
    FLOW_STARTS,
    computed={
        "status": each(lambda context, row: context.server.start_statuses.get(row["status"], row["status"])),
        "progress": batches.PROGRESS,
        "exclude_active": each(lambda context, row: {} if row["exclude_active"] is None else row["exclude_active"]),
    },
    columns={"extra": "params"},
    references={
        "flow": (FLOWS, "flow_id"),
        "groups": Several(GROUPS, "start_id", STARTED_GROUPS, "group_id"),
        "contacts": Several(CONTACTS, "start_id", STARTED_CONTACTS, "contact_id"),
    },
)

RESOURCE = Resource(
    tables=[FLOW_STARTS, STARTED_CONTACTS, STARTED_GROUPS],
    operations={
        "flow_starts_list": listing(FLOW_START, by_id, by_uuid, within("modified_on"), by_modification=True),
        "flow_starts_start": create_start,
    },
    actions={"interrupt_flow_start": interrupt_start},
    jobs={"queue_flow_start": queue_start, "start_flow_batch": start_batch},
)
