"""A contact led through a flow from end to end, as a person with a telephone in their hand would go."""

from __future__ import annotations

import json
import sqlite3

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import arguments, conversations, incoming
from trilogue_sandbox.rapidpro.flow_definitions import Node
from trilogue_sandbox.rapidpro.runs import show_runs
from trilogue_sandbox.rapidpro.tenants import Tenant


def run_flow(world: World, given: JsonObject) -> object:
    """Let a contact begin a flow and answer its questions, with real messages both ways.

    `answers` are what the contact says, one after the other; when there are no more of them the run waits. Without
    `answers` they are made up, until the run is over.
    """
    tenant = arguments.tenant(world, given)
    contact = arguments.contact(tenant, given)
    if contact["status"] != "active":
        raise ControlError(f"`contact` is {contact['status']} and begins no flow", "contact")
    flow = arguments.row(tenant, given, "flow", "flows")
    urn, answers = _first_urn(tenant, contact), _read_answers(given)
    conversations.start(tenant, flow["id"], [contact["id"]])
    run_id = _newest_run(tenant, flow["id"], contact["id"])
    while (question := _open_question(tenant, flow, run_id)) is not None and (answers is None or answers):
        text = _made_up_answer(question) if answers is None else answers.pop(0)
        incoming.receive(world, {"workspace": tenant.workspace.uuid, "urn": urn, "text": text})
    return show_runs(tenant, [_read_run(tenant, run_id)])[0]


def _read_answers(given: JsonObject) -> list[str] | None:
    answers = given.get("answers")
    if answers is None:
        return None
    if not isinstance(answers, list) or not all(isinstance(answer, str) for answer in answers):
        raise ControlError("`answers` is a list of texts", "answers")
    return [str(answer) for answer in answers]


def _first_urn(tenant: Tenant, contact: sqlite3.Row) -> str:
    row = tenant.store.one(
        "SELECT scheme || ':' || path AS urn FROM rapidpro_urns WHERE contact_id = ?"
        " ORDER BY priority DESC, id LIMIT 1",
        contact["id"],
    )
    if row is None:
        raise ControlError("`contact` has no URN and so cannot answer", "contact")
    return str(row["urn"])


def _newest_run(tenant: Tenant, flow_id: int, contact_id: int) -> int:
    row = tenant.store.one(
        "SELECT MAX(id) AS id FROM rapidpro_runs WHERE flow_id = ? AND contact_id = ?", flow_id, contact_id
    )
    assert row is not None
    return int(row["id"])


def _read_run(tenant: Tenant, run_id: int) -> sqlite3.Row:
    row = tenant.store.one("SELECT * FROM rapidpro_runs WHERE id = ?", run_id)
    assert row is not None
    return row


def _open_question(tenant: Tenant, flow: sqlite3.Row, run_id: int) -> Node | None:
    """Return the node at which the run waits; None if it is over."""
    run = _read_run(tenant, run_id)
    if run["status"] != "waiting":
        return None
    uuid = json.loads(run["path"])[-1]["node"]
    nodes: list[Node] = json.loads(flow["definition"])["nodes"]
    return next(node for node in nodes if node["uuid"] == uuid)


def _made_up_answer(question: Node) -> str:
    """Return what fits the first category."""
    cases = question["router"]["cases"]
    if not cases:
        return "Yes"
    return str(cases[0]["arguments"][0]).capitalize() if cases[0]["arguments"] else "34"


ACTIONS = {"run_flow": run_flow}
