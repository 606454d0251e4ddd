"""Flows, and what their runs have come to."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence

from trilogue_sandbox.messages import Json, JsonObject, Response
from trilogue_sandbox.platform import ControlError
from trilogue_sandbox.rapidpro import arguments, exits, flow_definitions, moments, people, references
from trilogue_sandbox.rapidpro.calls import Call
from trilogue_sandbox.rapidpro.cursors import NEWEST_FIRST
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.flow_definitions import EXPIRES, Plan, Question
from trilogue_sandbox.rapidpro.tenants import Tenant
from trilogue_sandbox.world import World

_TYPES = ("message", "voice", "background", "survey")
_STATUSES = ("active", "waiting", "completed", "interrupted", "expired", "failed")


def list_flows(call: Call) -> Response:
    """Answer GET."""
    select = call.with_uuid(call.select("rapidpro_flows").where("item.is_active = 1"))
    if kind := call.text("type"):
        select = select.where("item.type = ?", kind)
    if (archived := call.boolean("archived")) is not None:
        select = select.where("item.is_archived = ?", archived)
    return call.page(call.within(select, "modified_on"), NEWEST_FIRST, show_flows)


def show_flows(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    """Return flows as the API shows them."""
    among = json.dumps([row["id"] for row in rows])
    labels, counts = _read_labels(tenant, among), _count_runs(tenant, among)
    return [
        {
            "uuid": row["uuid"],
            "name": row["name"],
            "type": row["type"],
            "archived": bool(row["is_archived"]),
            "labels": labels.get(row["id"], []),
            "expires": row["expires"],
            "runs": {status: counts.get((row["id"], status), 0) for status in _STATUSES},
            "results": json.loads(row["results"]),
            "parent_refs": json.loads(row["parent_refs"]),
            "created_on": moments.show(row["created_on"]),
            "modified_on": moments.show(row["modified_on"]),
        }
        for row in rows
    ]


def create_flow(tenant: Tenant, plan: Plan) -> int:
    """Make a flow and return its number."""
    definition = flow_definitions.build(plan, tenant.world.ids.uuid4)
    flow_id = tenant.store.insert(
        "INSERT INTO rapidpro_flows (uuid, workspace_id, name, type, expires, results, parent_refs, definition,"
        " created_on, modified_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(plan.uuid, tenant.workspace.id, plan.name, plan.type, plan.expires),
        *(json.dumps(flow_definitions.results(definition)), json.dumps(flow_definitions.parent_refs(definition))),
        *(json.dumps(definition), tenant.now, tenant.now),
    )
    for key in flow_definitions.field_keys(definition):
        if field := references.field(tenant, key):
            tenant.store.run("INSERT INTO rapidpro_flow_fields VALUES (?, ?)", flow_id, field["id"])
    return flow_id


def add_flow(world: World, given: JsonObject) -> object:
    """Make a flow, as people do in the editor: questions, each with the categories of its answers."""
    tenant = arguments.tenant(world, given)
    kind = arguments.choice(given, "type", _TYPES, "message")
    plan = Plan(
        uuid=world.ids.uuid4(),
        name=arguments.text(given, "name"),
        type=kind,
        language=tenant.workspace.language,
        expires=arguments.integer(given, "expires", EXPIRES[kind]),
        questions=tuple(_read_questions(given)),
        closing=_read_closing(given),
    )
    return show_flows(tenant, _read(tenant, create_flow(tenant, plan)))[0]


def archive_flow(world: World, given: JsonObject) -> object:
    """Put a flow away, or with `archived` false take it back."""
    tenant = arguments.tenant(world, given)
    flow = arguments.row(tenant, given, "flow", "flows")
    is_archived = given.get("archived", True)
    if not isinstance(is_archived, bool):
        raise ControlError("`archived` is true or false", "archived")
    tenant.store.run(
        "UPDATE rapidpro_flows SET is_archived = ?, modified_on = ? WHERE id = ?", is_archived, tenant.now, flow["id"]
    )
    return show_flows(tenant, _read(tenant, flow["id"]))[0]


def remove_flow(world: World, given: JsonObject) -> object:
    """Delete a flow; whoever is in it leaves it, and its runs are kept and listed with all others."""
    tenant = arguments.tenant(world, given)
    flow = arguments.row(tenant, given, "flow", "flows")
    if tenant.store.one("SELECT id FROM rapidpro_campaign_events WHERE flow_id = ? AND is_active", flow["id"]):
        raise ControlError("`flow` is used by events of campaigns, which must be deleted first", "flow")
    inside = tenant.store.all("SELECT id FROM rapidpro_contacts WHERE flow_id = ?", flow["id"])
    exits.interrupt(tenant, [contact["id"] for contact in inside])
    people.touch(tenant, [contact["id"] for contact in inside])
    tenant.store.run("UPDATE rapidpro_flows SET is_active = 0 WHERE id = ?", flow["id"])
    return {"uuid": flow["uuid"]}


def _read_questions(given: JsonObject) -> Iterator[Question]:
    questions = given.get("questions", [])
    if not isinstance(questions, list):
        raise ControlError('`questions` is a list of {"result", "text", "categories"}', "questions")
    for question in questions:
        if not isinstance(question, dict):
            raise ControlError('`questions` is a list of {"result", "text", "categories"}', "questions")
        categories = question.get("categories", [])
        if not isinstance(categories, list):
            raise ControlError("`categories` is a list of words", "questions")
        yield Question(
            result=arguments.text(question, "result"),
            text=arguments.text(question, "text"),
            categories=tuple(str(category) for category in categories),
        )


def _read_closing(given: JsonObject) -> Sequence[JsonObject]:
    """Return the last actions: a farewell, and the call of a resthook."""
    closing: list[JsonObject] = []
    if "farewell" in given:
        closing.append({"type": "send_msg", "text": arguments.text(given, "farewell")})
    if "resthook" in given:
        closing.append({"type": "call_resthook", "resthook": arguments.text(given, "resthook")})
    return closing


def _read(tenant: Tenant, flow_id: int) -> list[sqlite3.Row]:
    return tenant.store.all("SELECT * FROM rapidpro_flows WHERE id = ?", flow_id)


def _read_labels(tenant: Tenant, among: str) -> dict[int, list[Json]]:
    rows = tenant.store.all(
        "SELECT labelling.flow_id, label.uuid, label.name FROM rapidpro_flow_labelings AS labelling"
        " JOIN rapidpro_flow_labels AS label ON label.id = labelling.label_id"
        " WHERE labelling.flow_id IN (SELECT value FROM json_each(?)) ORDER BY label.id",
        among,
    )
    labels: dict[int, list[Json]] = {}
    for row in rows:
        labels.setdefault(row["flow_id"], []).append({"uuid": row["uuid"], "name": row["name"]})
    return labels


def _count_runs(tenant: Tenant, among: str) -> dict[tuple[int, str], int]:
    rows = tenant.store.all(
        "SELECT flow_id, status, COUNT(*) AS count FROM rapidpro_runs"
        " WHERE flow_id IN (SELECT value FROM json_each(?)) GROUP BY flow_id, status",
        among,
    )
    return {(row["flow_id"], row["status"]): row["count"] for row in rows}


ENDPOINT = Endpoint(
    "flows", get=list_flows, actions={"add_flow": add_flow, "archive_flow": archive_flow, "remove_flow": remove_flow}
)
