"""What flows do to contacts on their way."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import TypedDict

import attrs

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.rapidpro import (
    contact_changes,
    memberships,
    outgoing,
    references,
    resthook_events,
    templating,
    tickets,
    timestamps,
)
from trilogue_sandbox.rapidpro.flow_definitions import Node
from trilogue_sandbox.rapidpro.tenants import Tenant


class Step(TypedDict):
    """A node a run has come to, and when."""

    node: str
    time: str


class Result(TypedDict):
    """What a run has learnt, as it is kept and shown."""

    name: str
    value: str
    category: str
    node: str
    time: str


@attrs.frozen
class Scene:
    """Where in which run an action happens."""

    tenant: Tenant
    run_id: int
    flow: sqlite3.Row
    contact_id: int
    start_id: int | None
    path: Sequence[Step]
    results: Mapping[str, Result]
    input: str | None

    def fill_in(self, text: str) -> str:
        """Return a text with the values of its expressions in their places."""
        known = templating.values_of_globals(self.tenant) | templating.values_of_contact(self.tenant, self.contact_id)
        return templating.fill_in(text, known | self._values_of_run())

    def contact(self) -> sqlite3.Row:
        """Return the contact as it is now."""
        return _row(self.tenant, "contacts", self.contact_id)

    def _values_of_run(self) -> dict[str, str]:
        known = {"results": "", "trigger": "", "input": self.input or ""}
        for key, result in self.results.items():
            known[f"results.{key}"] = known[f"results.{key}.value"] = result["value"]
            known[f"results.{key}.category"] = result["category"]
        if self.start_id:
            params: JsonObject = json.loads(_row(self.tenant, "flow_starts", self.start_id)["params"])
            known |= {f"trigger.params.{key}".lower(): str(value) for key, value in params.items()}
        return known


def perform(scene: Scene, action: Node) -> None:
    """Do what an action says."""
    _ACTIONS[action["type"]](scene, action)


def _send_message(scene: Scene, action: Node) -> None:
    content = outgoing.Content(scene.fill_in(action["text"]))
    outgoing.send(scene.tenant, scene.contact_id, content, flow_id=scene.flow["id"])


def _set_field(scene: Scene, action: Node) -> None:
    value = scene.fill_in(action["value"])
    contact_changes.set_fields(scene.tenant, scene.contact_id, {action["field"]["key"]: value})


def _add_to_groups(scene: Scene, action: Node) -> None:
    for group in action["groups"]:
        if found := references.group(scene.tenant, group["uuid"]):
            memberships.add(scene.tenant, found["id"], [scene.contact_id])


def _open_ticket(scene: Scene, action: Node) -> None:
    topic = references.topic(scene.tenant, action["topic"]["uuid"])
    tickets.open_ticket(scene.tenant, scene.contact_id, topic, flow_id=scene.flow["id"])


def _call_resthook(scene: Scene, action: Node) -> None:
    tenant, contact = scene.tenant, scene.contact()
    run = _row(tenant, "runs", scene.run_id)
    data = {
        "flow": {"uuid": scene.flow["uuid"], "name": scene.flow["name"], "revision": 1},
        "contact": {"uuid": contact["uuid"], "name": contact["name"], "urn": _first_urn(scene)},
        "channel": None,
        "run": {"uuid": run["uuid"], "created_on": timestamps.show_exactly(run["created_on"])},
        "path": scene.path,
        "results": scene.results,
        "input": scene.input,
    }
    resthook_events.record_event(tenant, action["resthook"], data)


def _first_urn(scene: Scene) -> str | None:
    row = scene.tenant.store.one(
        "SELECT scheme || ':' || path AS urn FROM rapidpro_urns WHERE contact_id = ? ORDER BY priority DESC LIMIT 1",
        scene.contact_id,
    )
    return row["urn"] if row else None


def _row(tenant: Tenant, table: str, row_id: int | None) -> sqlite3.Row:
    row = tenant.store.one(f"SELECT * FROM rapidpro_{table} WHERE id = ?", row_id)
    assert row is not None
    return row


_ACTIONS: Mapping[str, Callable[[Scene, Node], None]] = {
    "send_msg": _send_message,
    "set_contact_field": _set_field,
    "add_contact_groups": _add_to_groups,
    "open_ticket": _open_ticket,
    "call_resthook": _call_resthook,
}
