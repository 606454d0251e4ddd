"""What flows do to contacts on their way, and how they sort what contacts say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypedDict

import attrs

from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.rapidpro import contact_changes, memberships, outgoing, resthooks, templating, tickets
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.flow_definitions import Node, format_exactly
from trilogue_sandbox.rapidpro.references import find_group
from trilogue_sandbox.rapidpro.tables import CONTACTS, FLOW_STARTS, RUNS, URNS
from trilogue_sandbox.rapidpro.templating import Templates

# -- actions -----------------------------------------------------------------------------------------------------------


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
    input: str


@attrs.frozen
class Scene:
    """Where in which run an action happens."""

    context: WorkspaceContext
    run_id: int
    flow: Row
    contact_id: int
    start_id: int | None
    path: Sequence[Step]
    results: Mapping[str, Result]
    input: str | None

    def fill_in(self, text: str) -> str:
        """Return a text with the values of its expressions in their places."""
        known = Templates.of(self.context).values(self.contact())
        return templating.fill_in(text, known | self._values_of_run())

    def contact(self) -> Row:
        """Return the contact as it is now."""
        return self.context.records.get(CONTACTS, self.contact_id)

    def _values_of_run(self) -> dict[str, str]:
        known = {"results": "", "trigger": "", "input": self.input or ""}
        for key, result in self.results.items():
            known[f"results.{key}"] = known[f"results.{key}.value"] = result["value"]
            known[f"results.{key}.category"] = result["category"]
        if self.start_id:
            params = self.context.records.get(FLOW_STARTS, self.start_id)["params"]
            known |= {f"trigger.params.{key}".lower(): str(value) for key, value in params.items()}
        return known


def perform(scene: Scene, action: Node) -> None:
    """Do what an action says."""
    _ACTIONS[action["type"]](scene, action)


def _send_message(scene: Scene, action: Node) -> None:
    content = outgoing.Content(scene.fill_in(action["text"]))
    outgoing.send(scene.context, scene.contact_id, content, flow_id=scene.flow["id"])


def _set_field(scene: Scene, action: Node) -> None:
    contact, value = scene.contact(), scene.fill_in(action["value"])
    fields = contact_changes.with_fields(scene.context, contact["fields"], {action["field"]["key"]: value})
    scene.context.records.touch(CONTACTS, contact, fields=fields)


def _add_to_groups(scene: Scene, action: Node) -> None:
    for group in action["groups"]:
        if found := find_group(scene.context, group["uuid"]):
            memberships.add(scene.context, found["id"], [scene.contact_id])


def _open_ticket(scene: Scene, action: Node) -> None:
    topic = tickets.find_topic(scene.context, action["topic"]["uuid"])
    tickets.open_ticket(scene.context, scene.contact_id, topic, opened_in_id=scene.flow["id"])


def _call_resthook(scene: Scene, action: Node) -> None:
    context, contact = scene.context, scene.contact()
    run = context.records.get(RUNS, scene.run_id)
    urn = context.records.select(URNS, contact_id=contact["id"]).first("ORDER BY item.priority DESC")
    data = {
        "flow": {"uuid": scene.flow["uuid"], "name": scene.flow["name"], "revision": 1},
        "contact": {
            "uuid": contact["uuid"],
            "name": contact["name"],
            "urn": f"{urn['scheme']}:{urn['path']}" if urn else None,
        },
        "channel": None,
        "run": {"uuid": run["uuid"], "created_on": format_exactly(run["created_on"])},
        "path": scene.path,
        "results": scene.results,
        "input": scene.input,
    }
    resthooks.record_event(context, action["resthook"], data)


_ACTIONS: Mapping[str, Callable[[Scene, Node], None]] = {
    "send_msg": _send_message,
    "set_contact_field": _set_field,
    "add_contact_groups": _add_to_groups,
    "open_ticket": _open_ticket,
    "call_resthook": _call_resthook,
}

# -- routing -----------------------------------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@attrs.frozen
class Choice:
    """The value found in what was said, its category, and where that leads (nowhere: the flow is over)."""

    value: str
    category: str
    destination: str | None


def choose(node: Node, text: str) -> Choice:
    """Sort a text by the first case it fits, or into the default category."""
    router = node["router"]
    for case in router["cases"]:
        value = _TESTS[case["type"]](text, case["arguments"])
        if value is not None:
            return _choice(node, case["category_uuid"], value)
    return _choice(node, router["default_category_uuid"], text)


def _choice(node: Node, category_uuid: str, value: str) -> Choice:
    category = next(item for item in node["router"]["categories"] if item["uuid"] == category_uuid)
    leading = next(item for item in node["exits"] if item["uuid"] == category["exit_uuid"])
    return Choice(value, category["name"], leading.get("destination_uuid"))


def _has_any_word(text: str, arguments: Sequence[str]) -> str | None:
    wanted = {word.lower() for word in _WORD.findall(arguments[0])}
    found = [word for word in _WORD.findall(text) if word.lower() in wanted]
    return " ".join(found) or None


def _has_number(text: str, arguments: Sequence[str]) -> str | None:
    found = _NUMBER.search(text)
    return found[0] if found else None


_TESTS: Mapping[str, Callable[[str, Sequence[str]], str | None]] = {
    "has_any_word": _has_any_word,
    "has_number": _has_number,
}
