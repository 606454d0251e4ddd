"""Flows, runs, tickets and events, in any number, all of it made up."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator, Sequence

import attrs
import msgspec

from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.rapidpro import flow_definitions, memberships, timestamps
from trilogue_sandbox.rapidpro.flow_actions import Result, Step
from trilogue_sandbox.rapidpro.flow_definitions import Node, Plan, Question
from trilogue_sandbox.rapidpro.population import next_id, uuid4, uuid7
from trilogue_sandbox.rapidpro.tenants import Tenant

_SECOND = 1_000_000
_MINUTE = 60 * _SECOND

_SUBJECTS = ("Harvest", "Water", "Clinic Visit", "School Meals", "Seeds", "Vaccination", "Market Prices", "Weather")
_QUESTIONS = (
    Question("Crop", "Which crop do you grow?", ("Beans", "Maize", "Coffee")),
    Question("Household Size", "How many people live with you?", is_number=True),
    Question("Comment", "Is there anything else you want to tell us?"),
)
_VALUES = {"Number": "6", "Other": "I do not know", "All Responses": "Murakoze"}
_STATUSES = ("completed",) * 10 + ("waiting", "expired", "expired", "interrupted", "interrupted", "failed")
_EVENTS = ("call-in", "call-in-missed", "call-out", "new-conversation", "referral", "optin", "welcome-message")


@attrs.frozen
class _FlowShape:
    """What the runs of a flow are made of: its nodes, and the answers that fit its questions."""

    id: int
    nodes: Sequence[Node]

    @classmethod
    def of(cls, row: sqlite3.Row) -> _FlowShape:
        return cls(row["id"], json.loads(row["definition"])["nodes"])


def make_flows(tenant: Tenant, count: int) -> None:
    """Add flows that ask a few questions."""
    first, draws, now = next_id(tenant, "flows"), _draws(tenant), tenant.now
    tenant.store.run_many(
        "INSERT INTO rapidpro_flows (id, uuid, workspace_id, name, results, definition, created_on, modified_on)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (_draw_flow(tenant, draws, first + place, now - (count - place) * _MINUTE) for place in range(count)),
    )


def _draw_flow(tenant: Tenant, draws: random.Random, number: int, moment: int) -> tuple[SqlValue, ...]:
    name = f"{_SUBJECTS[number % len(_SUBJECTS)]} {number}"
    plan = Plan(uuid4(draws.getrandbits(128)), name, language=tenant.workspace.language, questions=_QUESTIONS)
    definition = flow_definitions.build(plan, lambda: uuid4(draws.getrandbits(128)))
    results = json.dumps(flow_definitions.results(definition))
    return number, plan.uuid, tenant.workspace.id, name, results, json.dumps(definition), moment, moment


def make_runs(tenant: Tenant, count: int) -> None:
    """Add runs of active contacts through flows that ask something, one a minute until now."""
    flows = [_FlowShape.of(row) for row in tenant.store.all(_ASKING_FLOWS, tenant.workspace.id)]
    contacts = _active_contacts(tenant)
    if not (flows and contacts):
        return
    first, draws, now = next_id(tenant, "runs"), _draws(tenant), tenant.now
    waiting: dict[int, int] = {}
    tenant.store.run_many(
        "INSERT INTO rapidpro_runs (id, workspace_id, uuid, flow_id, contact_id, status, responded, path, results,"
        " created_on, modified_on, exited_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (first + place, tenant.workspace.id, *_draw_run(draws, flows, contacts, moment, waiting))
            for place in range(count)
            for moment in (now - (count - place) * _MINUTE,)
        ),
    )
    tenant.store.run_many("UPDATE rapidpro_contacts SET flow_id = ? WHERE id = ?", ((waiting[c], c) for c in waiting))


def _draw_run(
    draws: random.Random,
    flows: Sequence[_FlowShape],
    contacts: Sequence[int],
    created_on: int,
    waiting: dict[int, int],
) -> tuple[SqlValue, ...]:
    """Draw one run; `waiting` says in which flow a contact waits, which can only be one."""
    bits = draws.getrandbits(128)
    flow, contact_id = flows[bits % len(flows)], contacts[(bits >> 16) % len(contacts)]
    status = _STATUSES[(bits >> 40) % len(_STATUSES)]
    if status == "waiting" and waiting.setdefault(contact_id, flow.id) != flow.id:
        status = "expired"
    steps = len(flow.nodes) if status == "completed" else 1 + (bits >> 50) % max(1, len(flow.nodes) - 1)
    path, results = _draw_way(flow.nodes[:steps], created_on, bits >> 60)
    modified_on = created_on + steps * 10 * _SECOND
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
    times = [timestamps.show_exactly(created_on + place * 10 * _SECOND) for place in range(len(nodes))]
    path = [Step(node=node["uuid"], time=time) for node, time in zip(nodes, times, strict=True)]
    results: dict[str, Result] = {}
    for place, node in enumerate(nodes[:-1]):
        name, category = node["router"]["result_name"], _draw_category(node, bits >> 4 * place)
        results[flow_definitions.result_key(name)] = Result(
            name=name,
            value=_VALUES.get(category, category.lower()),
            category=category,
            node=node["uuid"],
            time=times[place + 1],
        )
    return path, results


def _draw_category(node: Node, bits: int) -> str:
    categories = node["router"]["categories"]
    return str(categories[bits % len(categories)]["name"])


def make_flow_starts(tenant: Tenant, count: int) -> None:
    """Add flow starts that are completed, each for one contact, who went through the flow; one a minute until now."""
    flows = [_FlowShape.of(row) for row in tenant.store.all(_ASKING_FLOWS, tenant.workspace.id)]
    contacts = _active_contacts(tenant)
    if not (flows and contacts):
        return
    first, draws, now = next_id(tenant, "flow_starts"), _draws(tenant), tenant.now
    for place in range(count):
        moment = now - (count - place) * _MINUTE
        tenant.store.run(
            "INSERT INTO rapidpro_flow_starts (id, uuid, workspace_id, flow_id, status, total, started, created_on,"
            " modified_on) VALUES (?, ?, ?, ?, 'completed', 1, 1, ?, ?)",
            *(first + place, uuid4(draws.getrandbits(128)), tenant.workspace.id, flows[place % len(flows)].id),
            *(moment, moment + 2 * _SECOND),
        )
        contact_id = contacts[place % len(contacts)]
        tenant.store.run("INSERT INTO rapidpro_flow_start_contacts VALUES (?, ?)", first + place, contact_id)
        _make_started_run(tenant, flows[place % len(flows)], contact_id, first + place, moment + 2 * _SECOND, draws)


def _make_started_run(
    tenant: Tenant, flow: _FlowShape, contact_id: int, start_id: int, moment: int, draws: random.Random
) -> None:
    path, results = _draw_way(flow.nodes, moment, draws.getrandbits(64))
    tenant.store.run(
        "INSERT INTO rapidpro_runs (uuid, workspace_id, flow_id, contact_id, start_id, status, responded, path,"
        " results, created_on, modified_on, exited_on) VALUES (?, ?, ?, ?, ?, 'completed', 1, ?, ?, ?, ?, ?)",
        *(uuid7(moment, draws.getrandbits(80)), tenant.workspace.id, flow.id, contact_id, start_id),
        *(json.dumps(path), json.dumps(results), moment, moment + _MINUTE // 2, moment + _MINUTE // 2),
    )


def make_tickets(tenant: Tenant, count: int) -> None:
    """Add tickets of active contacts, every third of them closed, one a minute until now."""
    topics, users = _numbers(tenant, _TOPICS), [*_numbers(tenant, _ASSIGNABLE), None]
    contacts = _active_contacts(tenant)
    if not contacts:
        return
    first, draws, now = next_id(tenant, "tickets"), _draws(tenant), tenant.now
    rows = (
        (
            first + place,
            uuid7(opened_on, bits := draws.getrandbits(80)),
            tenant.workspace.id,
            contacts[bits % len(contacts)],
            topics[(bits >> 20) % len(topics)],
            "closed" if place % 3 == 2 else "open",
            users[(bits >> 40) % len(users)],
            opened_on,
            users[(bits >> 60) % len(users)],
            opened_on + _MINUTE // 2,
            opened_on + _MINUTE // 2 if place % 3 == 2 else None,
        )
        for place in range(count)
        for opened_on in (now - (count - place) * _MINUTE,)
    )
    tenant.store.run_many(
        "INSERT INTO rapidpro_tickets (id, uuid, workspace_id, contact_id, topic_id, status, assignee_id, opened_on,"
        " opened_by_id, modified_on, closed_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    memberships.fill_all(tenant)


def make_channel_events(tenant: Tenant, count: int) -> None:
    """Add events of active contacts on a channel, one a minute until now."""
    channels, contacts = _numbers(tenant, _CHANNELS), _active_contacts(tenant)
    if not (channels and contacts):
        return
    draws, now = _draws(tenant), tenant.now
    tenant.store.run_many(
        "INSERT INTO rapidpro_channel_events (uuid, workspace_id, type, contact_id, channel_id, extra, occurred_on,"
        " created_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                uuid4(draws.getrandbits(128)),
                tenant.workspace.id,
                (kind := _EVENTS[place % len(_EVENTS)]),
                contacts[place % len(contacts)],
                channels[0],
                json.dumps({"duration": 12 + place % 60} if kind in ("call-in", "call-out") else {}),
                moment,
                moment + _SECOND,
            )
            for place in range(count)
            for moment in (now - (count - place) * _MINUTE,)
        ),
    )


def make_resthook_events(tenant: Tenant, count: int) -> None:
    """Add events of the first resthook, one a second until now."""
    resthooks, contacts = _numbers(tenant, _RESTHOOKS), _active_contacts(tenant)
    if not (resthooks and contacts):
        return
    now = tenant.now
    tenant.store.run_many(
        "INSERT INTO rapidpro_resthook_events (workspace_id, resthook_id, data, created_on) VALUES (?, ?, ?, ?)",
        (
            (tenant.workspace.id, resthooks[place % len(resthooks)], data, now - (count - place) * _SECOND)
            for place, data in enumerate(_event_data(tenant, contacts, count))
        ),
    )


def _event_data(tenant: Tenant, contacts: Sequence[int], count: int) -> Iterator[str]:
    rows = tenant.store.all(
        "SELECT uuid, name FROM rapidpro_contacts WHERE id IN (SELECT value FROM json_each(?))",
        json.dumps(contacts[:count]),
    )
    for place in range(count):
        contact = dict(rows[place % len(rows)])
        yield json.dumps({"contact": contact, "channel": None, "path": [], "results": {}, "input": None})


_ASKING_FLOWS = (
    "SELECT * FROM rapidpro_flows WHERE workspace_id = ? AND is_active AND NOT is_archived AND type = 'message'"
    " AND results <> '[]' ORDER BY id LIMIT 100"
)
_TOPICS = "SELECT id FROM rapidpro_topics WHERE workspace_id = ? AND is_active ORDER BY id"
_CHANNELS = "SELECT id FROM rapidpro_channels WHERE workspace_id = ? AND is_active ORDER BY id"
_RESTHOOKS = "SELECT id FROM rapidpro_resthooks WHERE workspace_id = ? AND is_active ORDER BY id"
_ASSIGNABLE = (
    "SELECT member.user_id AS id FROM rapidpro_members AS member JOIN rapidpro_users AS user"
    " ON user.id = member.user_id AND user.is_active WHERE member.workspace_id = ? ORDER BY id"
)
_CONTACTS = (
    "SELECT id FROM rapidpro_contacts WHERE workspace_id = ? AND is_active AND status = 'active'"
    " ORDER BY id LIMIT 10000"
)


def _numbers(tenant: Tenant, sql: str) -> list[int]:
    return [row["id"] for row in tenant.store.all(sql, tenant.workspace.id)]


def _active_contacts(tenant: Tenant) -> list[int]:
    return _numbers(tenant, _CONTACTS)


def _draws(tenant: Tenant) -> random.Random:
    return random.Random(tenant.world.random.getrandbits(64))
