"""What flows consist of: nodes that act, ask and choose, in the format in which flows are exported."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import attrs

from trilogue_sandbox.kernel.clock import from_microseconds
from trilogue_sandbox.kernel.http import JsonObject

SPEC_VERSION = "14.4.1"

Node: TypeAlias = Mapping[str, Any]
"""A node or an action of a definition. Any: definitions are stored documents of the format's own, very open, shape."""

NewUuid: TypeAlias = Callable[[], str]

_EXPORTED_TYPES = {
    "message": "messaging",
    "voice": "voice",
    "background": "messaging_background",
    "survey": "messaging_offline",
}
TYPES = tuple(_EXPORTED_TYPES)
EXPIRES = {"message": 4320, "voice": 5, "background": 0, "survey": 0}
"""After how many minutes a run expires unless a flow says otherwise, by the type of the flow."""

_OTHER, _ALL = "Other", "All Responses"


@attrs.frozen
class Question:
    """Something a flow asks, and the categories that answers are sorted into by the words in them."""

    result: str
    text: str
    categories: Sequence[str] = ()
    is_number: bool = False


@attrs.frozen
class Plan:
    """A simple flow: its questions one after the other, then some actions."""

    uuid: str
    name: str
    type: str = "message"
    language: str = "eng"
    expires: int = 4320
    questions: Sequence[Question] = ()
    closing: Sequence[JsonObject] = ()


def build(plan: Plan, new_uuid: NewUuid) -> JsonObject:
    """Write the definition of a simple flow."""
    node_uuids = [new_uuid() for _ in range(len(plan.questions) + 1)]
    nodes = [
        _question_node(question, node_uuids[place], node_uuids[place + 1], new_uuid)
        for place, question in enumerate(plan.questions)
    ]
    return {
        "uuid": plan.uuid,
        "name": plan.name,
        "spec_version": SPEC_VERSION,
        "language": plan.language,
        "type": _EXPORTED_TYPES[plan.type],
        "revision": 1,
        "expire_after_minutes": plan.expires,
        "localization": {},
        "nodes": [*nodes, _closing_node(plan.closing, node_uuids[-1], new_uuid)],
    }


def _question_node(question: Question, uuid: str, next_uuid: str, new_uuid: NewUuid) -> JsonObject:
    names = ["Number", _OTHER] if question.is_number else [*question.categories, _OTHER]
    if len(names) == 1:
        names = [_ALL]
    exits = {name: new_uuid() for name in names}
    categories = {name: new_uuid() for name in names}
    tests = ["has_number"] if question.is_number else ["has_any_word"] * len(question.categories)
    return {
        "uuid": uuid,
        "actions": [{"uuid": new_uuid(), "type": "send_msg", "text": question.text}],
        "router": {
            "type": "switch",
            "wait": {"type": "msg"},
            "operand": "@input.text",
            "result_name": question.result,
            "cases": [
                {
                    "uuid": new_uuid(),
                    "type": test,
                    "arguments": [] if test == "has_number" else [name.lower()],
                    "category_uuid": categories[name],
                }
                for test, name in zip(tests, names, strict=False)
            ],
            "categories": [{"uuid": categories[name], "name": name, "exit_uuid": exits[name]} for name in names],
            "default_category_uuid": categories[names[-1]],
        },
        "exits": [{"uuid": exit_uuid, "destination_uuid": next_uuid} for exit_uuid in exits.values()],
    }


def _closing_node(actions: Sequence[JsonObject], uuid: str, new_uuid: NewUuid) -> JsonObject:
    return {
        "uuid": uuid,
        "actions": [{"uuid": new_uuid(), **action} for action in actions],
        "exits": [{"uuid": new_uuid()}],
    }


def format_exactly(timestamp: int) -> str:
    """Return a time in UTC that always has six decimals, as the times inside runs do."""
    return from_microseconds(timestamp).isoformat(timespec="microseconds").replace("+00:00", "Z")


def result_key(name: str) -> str:
    """Return the key of a result with this name."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower())


def results(definition: Node) -> list[JsonObject]:
    """Return the results that a flow collects, as the list of flows shows them."""
    found: dict[str, JsonObject] = {}
    for node in definition["nodes"]:
        router = node.get("router", {})
        if name := router.get("result_name"):
            shown: dict[str, Any] = found.setdefault(
                result_key(name), {"key": result_key(name), "name": name, "categories": [], "node_uuids": []}
            )
            shown["categories"] += [item["name"] for item in router["categories"]]
            shown["node_uuids"].append(node["uuid"])
    return list(found.values())


def parent_refs(definition: Node) -> list[str]:
    """Return the keys of the parent's results that a flow refers to."""
    texts = (action.get("text", "") for action in actions(definition))
    return sorted({key for text in texts for key in re.findall(r"@parent\.results\.([a-z0-9_]+)", text)})


def actions(definition: Node) -> Iterator[Node]:
    """Return all actions of a flow."""
    for node in definition["nodes"]:
        yield from node["actions"]


def group_uuids(definition: Node) -> set[str]:
    """Return the UUIDs of the groups that a flow uses."""
    return {group["uuid"] for action in actions(definition) for group in action.get("groups", ())}


def field_keys(definition: Node) -> set[str]:
    """Return the keys of the contact fields that a flow sets."""
    return {action["field"]["key"] for action in actions(definition) if "field" in action}


def flow_uuids(definition: Node) -> set[str]:
    """Return the UUIDs of the flows that a flow leads into."""
    return {action["flow"]["uuid"] for action in actions(definition) if "flow" in action}
