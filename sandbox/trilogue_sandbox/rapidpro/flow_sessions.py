"""Contacts on their way through flows: how they come into one, what they answer, and how they leave it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import attrs

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.table import CREATED, JSON, KEY, TEXT, Row
from trilogue_sandbox.kernel.timestamps import MINUTE
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import contact_changes, flow_actions
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.flow_actions import Choice, Result, Step, choose
from trilogue_sandbox.rapidpro.flow_definitions import Node, format_exactly, result_key
from trilogue_sandbox.rapidpro.references import find_flow
from trilogue_sandbox.rapidpro.table_types import NO, WORKSPACE, YES, pair_table, plain_table, ref
from trilogue_sandbox.rapidpro.tables import CONTACTS, FLOWS, RUNS

TRIGGERS = plain_table(
    "triggers",
    id=KEY,
    workspace_id=WORKSPACE,
    type=TEXT,
    flow_id=ref("flows"),
    keywords=JSON.default([]),
    is_archived=NO,
    is_active=YES,
    created_on=CREATED,
)
TRIGGER_GROUPS = pair_table("trigger_groups", trigger_id="triggers", group_id="groups")

KEYWORD: Final = "K"
MISSED_CALL: Final = "M"


def start(context: WorkspaceContext, flow_id: int, contact_ids: Iterable[int], start_id: int | None = None) -> None:
    """Let contacts begin a flow; it takes them out of the one they are in, unless it runs in the background."""
    ids = list(contact_ids)
    flow = context.records.get(FLOWS, flow_id)
    if flow["type"] != "background":
        contact_changes.interrupt_runs(context, ids)
    for contact_id in ids:
        run = _Run.create(context, flow, contact_id, start_id)
        run.go_on(run.first_node)
    contact_changes.touch(context, ids)


def answer(context: WorkspaceContext, contact_id: int, text: str) -> int | None:
    """Hand an incoming message to the flow that waits for the contact, or to one that it triggers.

    Returns the number of the flow that took the message, or None.
    """
    waiting = context.records.select(RUNS, contact_id=contact_id).where("item.exited_on IS NULL")
    row = waiting.where("item.status = 'waiting'").first("ORDER BY item.id DESC")
    if row is None:
        flow_id = flow_of_keyword(context, text)
        if flow_id is not None:
            start(context, flow_id, [contact_id])
        return flow_id
    run = _Run.load(context, row)
    run.resume(text)
    contact_changes.touch(context, [contact_id])
    return int(run.flow["id"])


def expire_run(world: World, arguments: Fields) -> None:
    """End a run that has waited too long, if it still waits where it did when this was planned."""
    number, since = arguments.integer("run"), arguments.integer("waiting_since")
    row = world.records.find(RUNS, id=number, status="waiting", modified_on=since)
    if row:
        context = WorkspaceContext.load(world, row["workspace_id"])
        world.records.touch(RUNS, row, status="expired", exited_on=world.now)
        _set_flow(context, row["contact_id"], None)
        contact_changes.touch(context, [row["contact_id"]])


def _set_flow(context: WorkspaceContext, contact_id: int, flow_id: int | None) -> None:
    context.records.select(CONTACTS, id=contact_id).change("flow_id = ?", flow_id)


# -- triggers ----------------------------------------------------------------------------------------------------------


def flow_of_keyword(context: WorkspaceContext, text: str) -> int | None:
    """Return the number of the flow that a message starts by its first word."""
    first = text.split(maxsplit=1)[0].lower() if text.strip() else ""
    return next((row["flow_id"] for row in _triggers(context, KEYWORD) if first in row["keywords"]), None)


def flow_of_missed_call(context: WorkspaceContext) -> int | None:
    """Return the number of the flow that a missed call starts."""
    return next((row["flow_id"] for row in _triggers(context, MISSED_CALL)), None)


def _triggers(context: WorkspaceContext, trigger_type: str) -> list[Row]:
    usable = "item.flow_id IN (SELECT id FROM rapidpro_flows WHERE is_active AND NOT is_archived)"
    triggers = context.select(TRIGGERS, type=trigger_type, is_active=True, is_archived=False)
    return triggers.where(usable).all("ORDER BY item.id DESC")


# -- runs --------------------------------------------------------------------------------------------------------------


@attrs.define
class _Run:
    """A run that is moving on."""

    context: WorkspaceContext
    row: Row
    flow: Row
    nodes: dict[str, Node]
    path: list[Step]
    results: dict[str, Result]
    responded: bool
    input: str | None = None

    @classmethod
    def create(cls, context: WorkspaceContext, flow: Row, contact_id: int, start_id: int | None) -> _Run:
        values = {"flow_id": flow["id"], "contact_id": contact_id, "start_id": start_id, "status": "active"}
        return cls._of(context, context.add(RUNS, **values), flow)

    @classmethod
    def load(cls, context: WorkspaceContext, row: Row) -> _Run:
        return cls._of(context, row, context.records.get(FLOWS, row["flow_id"]))

    @classmethod
    def _of(cls, context: WorkspaceContext, row: Row, flow: Row) -> _Run:
        nodes: list[Node] = flow["definition"]["nodes"]
        by_uuid = {node["uuid"]: node for node in nodes}
        return cls(context, row, flow, by_uuid, row["path"], row["results"], row["responded"])

    @property
    def first_node(self) -> str:
        return next(iter(self.nodes))

    def go_on(self, uuid: str | None) -> None:
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
        if flow := find_flow(self.context, action["flow"]["uuid"]):
            start(self.context, flow["id"], [self.row["contact_id"]])

    def resume(self, text: str) -> None:
        """Go on with what the contact has said."""
        self.responded, self.input = True, text
        node = self.nodes[self.path[-1]["node"]]
        choice = choose(node, text)
        self._keep(node, choice, text)
        self.go_on(choice.destination)

    @property
    def _time(self) -> str:
        return format_exactly(self.context.now)

    @property
    def _scene(self) -> flow_actions.Scene:
        return flow_actions.Scene(
            context=self.context,
            run_id=self.row["id"],
            flow=self.flow,
            contact_id=self.row["contact_id"],
            start_id=self.row["start_id"],
            path=self.path,
            results=self.results,
            input=self.input,
        )

    def _keep(self, node: Node, choice: Choice, text: str) -> None:
        if name := node["router"].get("result_name"):
            self.results[result_key(name)] = {
                "name": name,
                "value": choice.value,
                "category": choice.category,
                "node": node["uuid"],
                "time": self._time,
                "input": text,
            }

    def _wait(self) -> None:
        self._save("waiting")
        _set_flow(self.context, self.row["contact_id"], self.flow["id"])
        if self.flow["expires"]:
            now = self.context.now
            due_at = now + self.flow["expires"] * MINUTE
            self.context.world.schedule(due_at, "expire_run", run=self.row["id"], waiting_since=now)

    def _save(self, status: str) -> None:
        is_over = status != "waiting"
        self.context.records.touch(
            RUNS,
            self.row,
            status=status,
            responded=self.responded,
            path=self.path,
            results=self.results,
            exited_on=self.context.now if is_over else None,
        )
        if is_over and self.flow["type"] != "background":
            _set_flow(self.context, self.row["contact_id"], None)
