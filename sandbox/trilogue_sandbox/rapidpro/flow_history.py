"""Flows and those who went through them, in any number, all of it made up."""

from __future__ import annotations

import random
from collections.abc import Sequence

import attrs
import msgspec

from trilogue_sandbox.kernel.ids import format_uuid
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import MINUTE, SECOND
from trilogue_sandbox.rapidpro import flow_definitions
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.flow_actions import Result, Step
from trilogue_sandbox.rapidpro.flow_definitions import Node, Plan, Question, format_exactly
from trilogue_sandbox.rapidpro.population import new_draws, next_id, uuid7
from trilogue_sandbox.rapidpro.tables import CONTACTS, FLOW_STARTS, FLOWS, RUNS, STARTED_CONTACTS

_SUBJECTS = ("Harvest", "Water", "Clinic Visit", "School Meals", "Seeds", "Vaccination", "Market Prices", "Weather")
_QUESTIONS = (
    Question("Crop", "Which crop do you grow?", ("Beans", "Maize", "Coffee")),
    Question("Household Size", "How many people live with you?", is_number=True),
    Question("Comment", "Is there anything else you want to tell us?"),
)
_VALUES = {"Number": "6", "Other": "I do not know", "All Responses": "Murakoze"}
_STATUSES = ("completed",) * 10 + ("waiting", "expired", "expired", "interrupted", "interrupted", "failed")


@attrs.frozen
class _FlowShape:
    """What the runs of a flow are made of: its nodes, and the answers that fit its questions."""

    id: int
    nodes: Sequence[Node]

    @classmethod
    def of(cls, row: Row) -> _FlowShape:
        return cls(row["id"], row["definition"]["nodes"])


def make_flows(context: WorkspaceContext, count: int) -> None:
    """Add flows that ask a few questions."""
    first, draws, now = next_id(context, FLOWS), new_draws(context), context.now
    for place in range(count):
        _make_flow(context, draws, first + place, now - (count - place) * MINUTE)


def _make_flow(context: WorkspaceContext, draws: random.Random, number: int, created_on: int) -> None:
    name = f"{_SUBJECTS[number % len(_SUBJECTS)]} {number}"
    plan = Plan(
        format_uuid(draws.getrandbits(128), version=4), name, language=context.workspace.language, questions=_QUESTIONS
    )
    definition = flow_definitions.build(plan, lambda: format_uuid(draws.getrandbits(128), version=4))
    context.add(
        FLOWS,
        id=number,
        uuid=plan.uuid,
        name=name,
        results=flow_definitions.results(definition),
        definition=definition,
        created_on=created_on,
        modified_on=created_on,
    )


_RUN_COLUMNS = (
    *("id", "workspace_id", "uuid", "flow_id", "contact_id", "status", "responded", "path", "results", "created_on"),
    *("modified_on", "exited_on"),
)


def make_runs(context: WorkspaceContext, count: int) -> None:
    """Add runs of active contacts through flows that ask something, one a minute until now."""
    flows, contacts = _asking_flows(context), active_contacts(context)
    if not (flows and contacts):
        return
    first, draws, now = next_id(context, RUNS), new_draws(context), context.now
    waiting: dict[int, int] = {}
    rows = (
        (
            first + place,
            context.workspace.id,
            *_draw_run(draws, flows, contacts, now - (count - place) * MINUTE, waiting),
        )
        for place in range(count)
    )
    context.records.add_tuples(RUNS, _RUN_COLUMNS, rows)
    in_flows = ((flow_id, contact_id) for contact_id, flow_id in waiting.items())
    context.store.run_many("UPDATE rapidpro_contacts SET flow_id = ? WHERE id = ?", in_flows)


def _draw_run(
    draws: random.Random, flows: Sequence[_FlowShape], contacts: Sequence[int], created_on: int, waiting: dict[int, int]
) -> tuple[SqlValue, ...]:
    """Draw one run; `waiting` says in which flow a contact waits, which can only be one."""
    bits = draws.getrandbits(128)
    flow, contact_id = flows[bits % len(flows)], contacts[(bits >> 16) % len(contacts)]
    status = _STATUSES[(bits >> 40) % len(_STATUSES)]
    if status == "waiting" and waiting.setdefault(contact_id, flow.id) != flow.id:
        status = "expired"
    steps = len(flow.nodes) if status == "completed" else 1 + (bits >> 50) % max(1, len(flow.nodes) - 1)
    path, results = _draw_way(flow.nodes[:steps], created_on, bits >> 60)
    modified_on = created_on + steps * 10 * SECOND
    return (
        uuid7(created_on, bits),
        flow.id,
        contact_id,
        status,
        steps > 1,
        msgspec.json.encode(path).decode(),
        msgspec.json.encode(results).decode(),
        created_on,
        modified_on,
        None if status == "waiting" else modified_on,
    )


def _draw_way(nodes: Sequence[Node], created_on: int, bits: int) -> tuple[list[Step], dict[str, Result]]:
    times = [format_exactly(created_on + place * 10 * SECOND) for place in range(len(nodes))]
    path = [Step(node=node["uuid"], time=time) for node, time in zip(nodes, times, strict=True)]
    results: dict[str, Result] = {}
    for place, node in enumerate(nodes[:-1]):
        name, category = node["router"]["result_name"], _draw_category(node, bits >> 4 * place)
        value, time = _VALUES.get(category, category.lower()), times[place + 1]
        results[flow_definitions.result_key(name)] = Result(
            name=name, value=value, category=category, node=node["uuid"], time=time, input=value
        )
    return path, results


def _draw_category(node: Node, bits: int) -> str:
    categories = node["router"]["categories"]
    return str(categories[bits % len(categories)]["name"])


def make_flow_starts(context: WorkspaceContext, count: int) -> None:
    """Add flow starts that are completed, each for one contact, who went through the flow; one a minute until now."""
    flows, contacts = _asking_flows(context), active_contacts(context)
    if not (flows and contacts):
        return
    draws, now = new_draws(context), context.now
    for place in range(count):
        created_on = now - (count - place) * MINUTE
        flow, contact_id = flows[place % len(flows)], contacts[place % len(contacts)]
        start = context.add(
            FLOW_STARTS,
            uuid=format_uuid(draws.getrandbits(128), version=4),
            flow_id=flow.id,
            status="completed",
            total=1,
            started=1,
            exclude_active=False,
            created_on=created_on,
            modified_on=created_on + 2 * SECOND,
        )
        context.records.add(STARTED_CONTACTS, {"start_id": start["id"], "contact_id": contact_id})
        _make_started_run(context, flow, start, contact_id, draws)


def _make_started_run(
    context: WorkspaceContext, flow: _FlowShape, start: Row, contact_id: int, draws: random.Random
) -> None:
    created_on = start["modified_on"]
    path, results = _draw_way(flow.nodes, created_on, draws.getrandbits(64))
    context.add(
        RUNS,
        uuid=uuid7(created_on, draws.getrandbits(80)),
        flow_id=flow.id,
        contact_id=contact_id,
        start_id=start["id"],
        status="completed",
        responded=True,
        path=path,
        results=results,
        created_on=created_on,
        modified_on=created_on + MINUTE // 2,
        exited_on=created_on + MINUTE // 2,
    )


def _asking_flows(context: WorkspaceContext) -> list[_FlowShape]:
    flows = context.select(FLOWS, is_active=True, is_archived=False, type="message").where("item.results <> '[]'")
    return [_FlowShape.of(row) for row in flows.all("ORDER BY item.id LIMIT 100")]


def active_contacts(context: WorkspaceContext) -> list[int]:
    """Return the numbers of the first 10,000 active contacts."""
    contacts = context.select(CONTACTS, "item.id", is_active=True, status="active")
    return [row["id"] for row in contacts.all("ORDER BY item.id LIMIT 10000")]
