"""What people do to flows in the user interface."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import arguments, contact_changes, exits, flows
from trilogue_sandbox.rapidpro.flow_definitions import EXPIRES, Plan, Question
from trilogue_sandbox.rapidpro.tenants import Tenant

_TYPES = ("message", "voice", "background", "survey")


def add_flow(world: World, given: JsonObject) -> object:
    """Make a flow of questions, each `{"result": name, "text": ..., "categories": [...]}`.

    At its end it may say a `farewell`, call a `resthook`, put the contact into a `group`, open a ticket under a
    `topic`, and go on with a `next_flow`; all of these are named by name or UUID.
    """
    tenant = arguments.tenant(world, given)
    kind = arguments.choice(given, "type", _TYPES, "message")
    plan = Plan(
        uuid=world.ids.uuid4(),
        name=arguments.text(given, "name"),
        type=kind,
        language=tenant.workspace.language,
        expires=arguments.integer(given, "expires", EXPIRES[kind]),
        questions=tuple(_read_questions(given)),
        closing=tuple(_read_closing(tenant, given)),
    )
    return _show(tenant, flows.create_flow(tenant, plan))


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
    return _show(tenant, flow["id"])


def remove_flow(world: World, given: JsonObject) -> object:
    """Delete a flow; whoever is in it leaves it, and its runs are kept and listed with all others."""
    tenant = arguments.tenant(world, given)
    flow = arguments.row(tenant, given, "flow", "flows")
    if tenant.store.one("SELECT id FROM rapidpro_campaign_events WHERE flow_id = ? AND is_active", flow["id"]):
        raise ControlError("`flow` is used by events of campaigns, which must be deleted first", "flow")
    inside = tenant.store.all("SELECT id FROM rapidpro_contacts WHERE flow_id = ?", flow["id"])
    exits.interrupt(tenant, [contact["id"] for contact in inside])
    contact_changes.touch(tenant, [contact["id"] for contact in inside])
    tenant.store.run("UPDATE rapidpro_flows SET is_active = 0 WHERE id = ?", flow["id"])
    return {"uuid": flow["uuid"]}


def _read_questions(given: JsonObject) -> Iterator[Question]:
    for question in _read_list(given, "questions"):
        if not isinstance(question, dict):
            raise ControlError('each of `questions` is {"result": ..., "text": ..., "categories": [...]}', "questions")
        yield Question(
            result=arguments.text(question, "result"),
            text=arguments.text(question, "text"),
            categories=tuple(str(category) for category in _read_list(question, "categories")),
        )


def _read_list(given: JsonObject, name: str) -> list[Json]:
    value = given.get(name, [])
    if not isinstance(value, list):
        raise ControlError(f"`{name}` is a list", name)
    return value


def _read_closing(tenant: Tenant, given: JsonObject) -> Iterator[JsonObject]:
    if "farewell" in given:
        yield {"type": "send_msg", "text": arguments.text(given, "farewell")}
    if "resthook" in given:
        yield {"type": "call_resthook", "resthook": arguments.text(given, "resthook")}
    if "group" in given:
        yield {"type": "add_contact_groups", "groups": [_ref(arguments.row(tenant, given, "group", "groups"))]}
    if "topic" in given:
        yield {"type": "open_ticket", "topic": _ref(arguments.row(tenant, given, "topic", "topics"))}
    if "next_flow" in given:
        flow = arguments.row(tenant, given, "next_flow", "flows")
        yield {"type": "enter_flow", "flow": _ref(flow), "terminal": True}


def _ref(row: sqlite3.Row) -> JsonObject:
    return {"uuid": row["uuid"], "name": row["name"]}


def _show(tenant: Tenant, flow_id: int) -> JsonObject:
    return flows.show_flows(tenant, tenant.store.all("SELECT * FROM rapidpro_flows WHERE id = ?", flow_id))[0]


ACTIONS = {"add_flow": add_flow, "archive_flow": archive_flow, "remove_flow": remove_flow}
