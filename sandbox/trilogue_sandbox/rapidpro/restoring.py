"""Puts definitions that were kept of a workspace into another one, as the API shows them.

A UUID that something of the sandbox has already is replaced, wherever the definitions name it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from trilogue_sandbox.kernel.clock import to_microseconds
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import campaign_schedule, memberships
from trilogue_sandbox.rapidpro.campaign_schedule import CAMPAIGN_EVENTS, CAMPAIGNS
from trilogue_sandbox.rapidpro.context import WORKSPACES, WorkspaceContext
from trilogue_sandbox.rapidpro.exchange import Resource
from trilogue_sandbox.rapidpro.flow_sessions import TRIGGERS
from trilogue_sandbox.rapidpro.flows import FLOW_LABELS, LABELLED_FLOWS, add_definition
from trilogue_sandbox.rapidpro.global_values import GLOBALS
from trilogue_sandbox.rapidpro.tables import FIELDS, FLOWS, GROUPS, LABELS
from trilogue_sandbox.rapidpro.tickets import TOPICS

_WITH_UUID = {
    "groups": GROUPS,
    "labels": LABELS,
    "topics": TOPICS,
    "flows": FLOWS,
    "campaigns": CAMPAIGNS,
    "campaign_events": CAMPAIGN_EVENTS,
}
_NAMED = {
    "fields": (FIELDS, "key"),
    "globals": (GLOBALS, "key"),
    **{name: (table, "name") for name, table in _WITH_UUID.items()},
    "campaign_events": (CAMPAIGN_EVENTS, "uuid"),
}
_SETTINGS = ("uuid", "name", "country", "languages", "timezone", "date_style", "is_anonymous")

Document = Mapping[str, Any]
"""What the API shows of an object."""


def restore(world: World, arguments: Fields) -> object:
    """Make `fields`, `groups`, `labels`, `topics`, `globals`, `flows`, `campaigns`, `campaign_events` and `triggers`.

    Each is a list of what the API shows; a flow has its `definition` as well. What is there already by its name or key
    is left as it is, but system objects take the UUIDs they had, and with `settings` the workspace becomes as it was.

    Returns:
        how many of each were made.
    """
    context = _with_settings(WorkspaceContext.of(world, arguments), arguments.object("settings"))
    documents = _with_free_uuids(context, {name: arguments.items(name) for name in _MAKERS if name in arguments})
    made = Counter[str]()
    for name, make in _MAKERS.items():
        for document in documents.get(name, ()):
            if not _is_there(context, name, document):
                make(context, document)
                made[name] += 1
    return dict(made)


def _with_settings(context: WorkspaceContext, settings: Document) -> WorkspaceContext:
    """Return the workspace with the settings that the API shows of it; a UUID that another one has is not taken."""
    row, columns = context.records.get(WORKSPACES, context.workspace.id), {"anon": "is_anonymous"}
    wanted = {columns.get(name, name): value for name, value in settings.items()}
    values = {name: wanted[name] for name in _SETTINGS if wanted.get(name) is not None}
    if context.records.find(WORKSPACES, uuid=values.get("uuid")):
        del values["uuid"]
    context.records.change(WORKSPACES, row, **values)
    return WorkspaceContext.load(context.world, row["id"])


def _with_free_uuids(context: WorkspaceContext, documents: Mapping[str, Any]) -> Mapping[str, Any]:
    text = json.dumps(documents)
    for name, table in _WITH_UUID.items():
        for document in documents.get(name, ()):
            there, is_taken = _find(context, name, document), context.records.find(table, uuid=document["uuid"])
            if there is not None and not is_taken and document.get("system"):
                context.records.change(table, there, uuid=document["uuid"], **_created(document))
            elif there is not None or is_taken:
                text = text.replace(document["uuid"], there["uuid"] if there else context.world.ids.uuid4())
    for label in (each for flow in documents.get("flows", ()) for each in flow.get("labels", ())):
        if context.records.find(FLOW_LABELS, uuid=label["uuid"]):
            text = text.replace(label["uuid"], context.world.ids.uuid4())
    replaced: Mapping[str, Any] = json.loads(text)
    return replaced


def _is_there(context: WorkspaceContext, name: str, document: Document) -> bool:
    if name == "triggers":
        same = context.select(TRIGGERS, **_trigger_columns(context, document)).all()
        return any(row["keywords"] == (document.get("keywords") or []) for row in same)
    return _find(context, name, document) is not None


def _find(context: WorkspaceContext, name: str, document: Document) -> Row | None:
    """Return what has the name or the key of a document; an event has its UUID alone."""
    table, key = _NAMED[name]
    return context.find(table, **{key: document[key]}, is_active=True)


def _field(context: WorkspaceContext, field: Document) -> None:
    details = {name: field[name] for name in ("priority", "agent_access") if field.get(name) is not None}
    context.add(
        FIELDS,
        key=field["key"],
        name=field["name"],
        type=field["type"],
        is_featured=field.get("featured", False),
        **details,
    )


def _group(context: WorkspaceContext, group: Document) -> None:
    row = context.add(GROUPS, uuid=group["uuid"], name=group["name"], query=group.get("query"), status="ready")
    if row["query"]:
        memberships.fill(context, row)


def _named(table: Table) -> Callable[[WorkspaceContext, Document], None]:
    def make(context: WorkspaceContext, document: Document) -> None:
        context.add(table, uuid=document["uuid"], name=document["name"], **_created(document))

    return make


def _global(context: WorkspaceContext, document: Document) -> None:
    context.add(GLOBALS, key=document["key"], name=document["name"], value=document["value"])


def _flow(context: WorkspaceContext, flow: Document) -> None:
    columns = {"type": flow["type"], "expires": flow["expires"], "is_archived": flow.get("archived", False)}
    row = add_definition(context, flow["definition"], **columns, **_created(flow))
    for label in flow.get("labels", ()):
        known = context.find(FLOW_LABELS, name=label["name"])
        known = known or context.add(FLOW_LABELS, uuid=label["uuid"], name=label["name"])
        context.records.add(LABELLED_FLOWS, {"flow_id": row["id"], "label_id": known["id"]})


def _campaign(context: WorkspaceContext, campaign: Document) -> None:
    group = _required(context, GROUPS, campaign["group"]["uuid"])
    columns = {"group_id": group["id"], "is_archived": campaign.get("archived", False)}
    context.add(CAMPAIGNS, uuid=campaign["uuid"], name=campaign["name"], **columns, **_created(campaign))


def _event(context: WorkspaceContext, event: Document) -> None:
    timing = {name: event[name] for name in ("offset", "unit", "delivery_hour")}
    flow = event.get("flow")
    created = context.add(
        CAMPAIGN_EVENTS,
        uuid=event["uuid"],
        campaign_id=_required(context, CAMPAIGNS, event["campaign"]["uuid"])["id"],
        relative_to=event["relative_to"]["key"],
        flow_id=_required(context, FLOWS, flow["uuid"])["id"] if flow else None,
        message=event.get("message"),
        **timing,
        **_created(event),
    )
    campaign_schedule.plan(context, created)


def _trigger(context: WorkspaceContext, trigger: Document) -> None:
    context.add(TRIGGERS, **_trigger_columns(context, trigger), keywords=trigger.get("keywords") or [])


def _trigger_columns(context: WorkspaceContext, trigger: Document) -> dict[str, Any]:
    return {"type": trigger["trigger_type"], "flow_id": _required(context, FLOWS, trigger["flow"]["uuid"])["id"]}


def _required(context: WorkspaceContext, table: Table, uuid: str) -> Row:
    row = context.find(table, uuid=uuid)
    if row is None:
        raise ControlError(f"`{table.name.removeprefix('rapidpro_')}`: nothing has the UUID {uuid}")
    return row


def _created(document: Document) -> Mapping[str, int]:
    created = document.get("created_on")
    return {} if created is None else {"created_on": to_microseconds(datetime.fromisoformat(created))}


_MAKERS: Mapping[str, Callable[[WorkspaceContext, Document], None]] = {
    "fields": _field,
    "groups": _group,
    "labels": _named(LABELS),
    "topics": _named(TOPICS),
    "globals": _global,
    "flows": _flow,
    "campaigns": _campaign,
    "campaign_events": _event,
    "triggers": _trigger,
}

RESOURCE = Resource(actions={"restore": restore})
