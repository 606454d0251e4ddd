"""Contacts on their way through flows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import timedelta

import attrs

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import arguments, contact_changes, exits, flow_actions, references, timestamps, triggers
from trilogue_sandbox.rapidpro.flow_actions import Result, Step
from trilogue_sandbox.rapidpro.flow_definitions import Node, result_key
from trilogue_sandbox.rapidpro.routing import Choice, choose
from trilogue_sandbox.rapidpro.tenants import Tenant


def start(tenant: Tenant, flow_id: int, contact_ids: Iterable[int], start_id: int | None = None) -> None:
    """Let contacts begin a flow; it takes them out of the one they are in, unless it runs in the background."""
    ids = list(contact_ids)
    flow = _read_flow(tenant, flow_id)
    if flow["type"] != "background":
        exits.interrupt(tenant, ids)
    for contact_id in ids:
        run = _Run.create(tenant, flow, contact_id, start_id)
        run.walk(run.first_node)
    contact_changes.touch(tenant, ids)


def answer(tenant: Tenant, contact_id: int, text: str) -> int | None:
    """Hand an incoming message to the flow that waits for the contact, or to one that it triggers.

    Returns the number of the flow that took the message, or None.
    """
    row = tenant.store.one(
        "SELECT * FROM rapidpro_runs WHERE contact_id = ? AND status = 'waiting' ORDER BY id DESC LIMIT 1", contact_id
    )
    if row is None:
        return _trigger(tenant, contact_id, text)
    run = _Run.load(tenant, row)
    run.resume(text)
    contact_changes.touch(tenant, [contact_id])
    return int(run.flow["id"])


def expire_run(world: World, given: JsonObject) -> None:
    """End a run that has waited too long, if it still waits where it did when the timer was planted."""
    row = world.store.one(
        "SELECT * FROM rapidpro_runs WHERE id = ? AND status = 'waiting' AND modified_on = ?",
        *(arguments.integer(given, "run"), arguments.integer(given, "waiting_since")),
    )
    if row:
        tenant = Tenant.load(world, row["workspace_id"])
        exits.expire(tenant, row["id"])
        contact_changes.touch(tenant, [row["contact_id"]])


def _trigger(tenant: Tenant, contact_id: int, text: str) -> int | None:
    flow_id = triggers.flow_of_keyword(tenant, text)
    if flow_id is not None:
        start(tenant, flow_id, [contact_id])
    return flow_id


def _read_flow(tenant: Tenant, flow_id: int) -> sqlite3.Row:
    row = tenant.store.one("SELECT * FROM rapidpro_flows WHERE id = ?", flow_id)
    assert row is not None
    return row


@attrs.define
class _Run:
    """A run that is moving on."""

    tenant: Tenant
    id: int
    contact_id: int
    flow: sqlite3.Row
    nodes: dict[str, Node]
    start_id: int | None
    path: list[Step] = attrs.field(factory=list[Step])
    results: dict[str, Result] = attrs.field(factory=dict[str, Result])
    responded: bool = False
    input: str | None = None

    @classmethod
    def create(cls, tenant: Tenant, flow: sqlite3.Row, contact_id: int, start_id: int | None) -> _Run:
        run_id = tenant.store.insert(
            "INSERT INTO rapidpro_runs"
            " (uuid, workspace_id, flow_id, contact_id, start_id, status, created_on, modified_on)"
            " VALUES (?, ?, ?, ?, ?, 'active', ?, ?)",
            *(tenant.world.ids.uuid7(), tenant.workspace.id, flow["id"], contact_id, start_id, tenant.now, tenant.now),
        )
        return cls(tenant, run_id, contact_id, flow, _nodes(flow), start_id)

    @classmethod
    def load(cls, tenant: Tenant, row: sqlite3.Row) -> _Run:
        flow = _read_flow(tenant, row["flow_id"])
        path, results = json.loads(row["path"]), json.loads(row["results"])
        return cls(tenant, row["id"], row["contact_id"], flow, _nodes(flow), row["start_id"], path, results)

    @property
    def first_node(self) -> str:
        return next(iter(self.nodes))

    def walk(self, uuid: str | None) -> None:
        """Go from node to node until the run waits or is over. No flow that can be made leads back to where it was."""
        while uuid is not None:
            node = self.nodes[uuid]
            self.path.append({"node": node["uuid"], "time": self._time})
            for action in node["actions"]:
                if action["type"] == "enter_flow":
                    return self._enter(action)
                flow_actions.perform(self._scene, action)
            if "router" in node:
                return self._wait()
            uuid = node["exits"][0].get("destination_uuid")
        return self._save("completed")

    def _enter(self, action: Node) -> None:
        """End here and go on with another flow, if it is still there."""
        self._save("completed")
        if flow := references.flow(self.tenant, action["flow"]["uuid"]):
            start(self.tenant, flow["id"], [self.contact_id])

    def resume(self, text: str) -> None:
        """Go on with what the contact has said."""
        self.responded, self.input = True, text
        node = self.nodes[self.path[-1]["node"]]
        choice = choose(node, text)
        self._keep(node, choice)
        self.walk(choice.destination)

    @property
    def _time(self) -> str:
        return timestamps.show_exactly(self.tenant.now)

    @property
    def _scene(self) -> flow_actions.Scene:
        return flow_actions.Scene(
            self.tenant, self.id, self.flow, self.contact_id, self.start_id, self.path, self.results, self.input
        )

    def _keep(self, node: Node, choice: Choice) -> None:
        if name := node["router"].get("result_name"):
            self.results[result_key(name)] = {
                "name": name,
                "value": choice.value,
                "category": choice.category,
                "node": node["uuid"],
                "time": self._time,
            }

    def _wait(self) -> None:
        self._save("waiting")
        self.tenant.store.run("UPDATE rapidpro_contacts SET flow_id = ? WHERE id = ?", self.flow["id"], self.contact_id)
        if self.flow["expires"]:
            waiting: JsonObject = {"run": self.id, "waiting_since": self.tenant.now}
            self.tenant.world.timers.after(timedelta(minutes=self.flow["expires"]), "expire_run", waiting)

    def _save(self, status: str) -> None:
        is_over = status != "waiting"
        self.tenant.store.run(
            "UPDATE rapidpro_runs SET status = ?, responded = responded OR ?, path = ?, results = ?, modified_on = ?,"
            " exited_on = ? WHERE id = ?",
            *(status, self.responded, json.dumps(self.path), json.dumps(self.results), self.tenant.now),
            *(self.tenant.now if is_over else None, self.id),
        )
        if is_over and self.flow["type"] != "background":
            self.tenant.store.run("UPDATE rapidpro_contacts SET flow_id = NULL WHERE id = ?", self.contact_id)


def _nodes(flow: sqlite3.Row) -> dict[str, Node]:
    nodes: list[Node] = json.loads(flow["definition"])["nodes"]
    return {node["uuid"]: node for node in nodes}


ACTIONS = {"expire_run": expire_run}
