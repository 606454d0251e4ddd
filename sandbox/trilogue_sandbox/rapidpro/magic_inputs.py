"""URNs that say what becomes of the messages to them, and what their contacts do: see `kernel.magic_numbers`."""

from __future__ import annotations

from collections.abc import Mapping

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.magic_numbers import magic_number
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import SECOND
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro.context import WORKSPACES

STEPS: Mapping[str, str] = {"queued": "wired", "wired": "sent", "sent": "delivered"}
"""The statuses of a message, and which one follows each."""

MAGIC_STEPS: Mapping[int | None, Mapping[str, str]] = {
    1: {"queued": "wired", "wired": "failed"},
    2: {},
    3: {"queued": "wired", "wired": "errored"},
    4: {"queued": "wired", "wired": "sent"},
    7: {**STEPS, "delivered": "read"},
}
STOPS, REPLIES = 5, 8


def steps_to(urn: Row | None) -> Mapping[str, str]:
    """Return which status of a message to a URN follows which."""
    return MAGIC_STEPS.get(magic_number(urn["path"]), STEPS) if urn else STEPS


def schedule_answer(world: World, urn: Row) -> None:
    """Have a contact with a magic URN do what it says, now that a message has been delivered."""
    number, written = magic_number(urn["path"]), f"{urn['scheme']}:{urn['path']}"
    if number in (STOPS, REPLIES):
        workspace = world.records.get(WORKSPACES, urn["workspace_id"])["uuid"]
        named: JsonObject = {"workspace": workspace, "contact": written, "urn": written}
        world.schedule(world.now + SECOND, "answer_message", number=number, text="Yes", **named)
