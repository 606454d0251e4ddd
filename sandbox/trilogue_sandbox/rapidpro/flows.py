"""Flows: listed, and built by people in the user interface."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import KEY, TEXT, UUID, Row
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import contact_changes, flow_definitions
from trilogue_sandbox.rapidpro.arguments import named_row
from trilogue_sandbox.rapidpro.campaign_schedule import CAMPAIGN_EVENTS
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.counts import read_counts
from trilogue_sandbox.rapidpro.exchange import Exchange, Resource
from trilogue_sandbox.rapidpro.flow_definitions import EXPIRES, TYPES, Node, Plan, Question
from trilogue_sandbox.rapidpro.flow_sessions import TRIGGER_GROUPS, TRIGGERS
from trilogue_sandbox.rapidpro.lists import by_string, by_uuid, listing, within
from trilogue_sandbox.rapidpro.references import find_field
from trilogue_sandbox.rapidpro.table_types import WORKSPACE, pair_table, plain_table
from trilogue_sandbox.rapidpro.tables import CONTACTS, FLOWS, GROUPS
from trilogue_sandbox.rapidpro.tickets import TOPICS
from trilogue_sandbox.rapidpro.views import ApiView, Several

FLOW_LABELS = plain_table("flow_labels", id=KEY, uuid=UUID, workspace_id=WORKSPACE, name=TEXT)
LABELLED_FLOWS = pair_table("labelled_flows", flow_id="flows", label_id="flow_labels")
FLOW_FIELDS = pair_table("flow_fields", flow_id="flows", field_id="fields")

_STATUSES = ("active", "waiting", "completed", "interrupted", "expired", "failed")


def _archived(exchange: Exchange, select: Select) -> Select:
    return select.equal("is_archived", exchange.boolean("archived"))


def create_flow(context: WorkspaceContext, plan: Plan, **values: int | bool) -> Row:
    """Create a flow; `values` are further columns."""
    definition = flow_definitions.build(plan, context.world.ids.uuid4)
    return add_definition(context, definition, type=plan.type, expires=plan.expires, **values)


def add_definition(context: WorkspaceContext, definition: Node, **values: int | bool | str) -> Row:
    """Create the flow of a definition; `values` are further columns."""
    flow = context.add(
        FLOWS,
        uuid=definition["uuid"],
        name=definition["name"],
        results=flow_definitions.results(definition),
        parent_refs=flow_definitions.parent_refs(definition),
        definition=definition,
        **values,
    )
    for key in flow_definitions.field_keys(definition):
        if field := find_field(context, key):
            context.records.add(FLOW_FIELDS, {"flow_id": flow["id"], "field_id": field["id"]})
    return flow


# -- what people do in the user interface ------------------------------------------------------------------------------


def add_flow(world: World, arguments: Fields) -> object:
    """Make a flow of questions, each `{"result": name, "text": ..., "categories": [...]}`.

    At its end it may say a `farewell`, call a `resthook`, put the contact into a `group`, open a ticket under a
    `topic`, and go on with a `next_flow`; all of these are named by name or UUID.
    """
    context = WorkspaceContext.of(world, arguments)
    flow_type = arguments.choice("type", TYPES, "message")
    plan = Plan(
        uuid=world.ids.uuid4(),
        name=arguments.string("name"),
        type=flow_type,
        language=context.workspace.language,
        expires=arguments.integer("expires", EXPIRES[flow_type]),
        questions=tuple(_read_questions(arguments)),
        closing=tuple(_read_closing(context, arguments)),
    )
    return FLOW.show_one(context, create_flow(context, plan))


def archive_flow(world: World, arguments: Fields) -> object:
    """Put a flow away, or with `archived` false take it back."""
    context = WorkspaceContext.of(world, arguments)
    flow = named_row(context, arguments, "flow", FLOWS)
    changed = world.records.touch(FLOWS, flow, is_archived=arguments.boolean("archived", True))
    return FLOW.show_one(context, changed)


def remove_flow(world: World, arguments: Fields) -> object:
    """Delete a flow; whoever is in it leaves it, and its runs are kept and listed with all others."""
    context = WorkspaceContext.of(world, arguments)
    flow = named_row(context, arguments, "flow", FLOWS)
    if context.select(CAMPAIGN_EVENTS, is_active=True, flow_id=flow["id"]).exists():
        raise ControlError("`flow` is used by events of campaigns, which must be deleted first", "flow")
    inside = [contact["id"] for contact in context.records.select(CONTACTS, flow_id=flow["id"]).all()]
    contact_changes.interrupt_runs(context, inside)
    contact_changes.touch(context, inside)
    world.records.change(FLOWS, flow, is_active=False)
    return {"uuid": flow["uuid"]}


def _read_questions(arguments: Fields) -> Iterator[Question]:
    for question in arguments.items("questions"):
        if not isinstance(question, dict):
            raise ControlError('each of `questions` is {"result": ..., "text": ..., "categories": [...]}', "questions")
        fields = attrs.evolve(arguments, values=question)
        categories = tuple(str(category) for category in fields.items("categories"))
        yield Question(fields.string("result"), fields.string("text"), categories)


def _read_closing(context: WorkspaceContext, arguments: Fields) -> Iterator[JsonObject]:
    if "farewell" in arguments:
        yield {"type": "send_msg", "text": arguments.string("farewell")}
    if "resthook" in arguments:
        yield {"type": "call_resthook", "resthook": arguments.string("resthook")}
    if "group" in arguments:
        yield {"type": "add_contact_groups", "groups": [_reference(named_row(context, arguments, "group", GROUPS))]}
    if "topic" in arguments:
        yield {"type": "open_ticket", "topic": _reference(named_row(context, arguments, "topic", TOPICS))}
    if "next_flow" in arguments:
        flow = named_row(context, arguments, "next_flow", FLOWS)
        yield {"type": "enter_flow", "flow": _reference(flow), "terminal": True}


def _reference(row: Row) -> JsonObject:
    return {"uuid": row["uuid"], "name": row["name"]}


# -- responses ---------------------------------------------------------------------------------------------------------


def _count_runs(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    counts = read_counts(context.records, FLOWS, [row["id"] for row in rows])
    return [{status: counts[row["id"], status] for status in _STATUSES} for row in rows]


FLOW = ApiView(
    "Flow",
    FLOWS,
    computed={"runs": _count_runs},
    columns={"archived": "is_archived"},
    references={"labels": Several(FLOW_LABELS, "flow_id", LABELLED_FLOWS, "label_id")},
)

RESOURCE = Resource(
    tables=[FLOWS, FLOW_LABELS, LABELLED_FLOWS, FLOW_FIELDS, TRIGGERS, TRIGGER_GROUPS],
    operations={"flows_list": listing(FLOW, by_uuid, by_string("type"), _archived, within("modified_on"))},
    actions={"add_flow": add_flow, "archive_flow": archive_flow, "remove_flow": remove_flow},
)
