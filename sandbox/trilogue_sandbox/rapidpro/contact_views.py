"""Contacts, as responses show them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.rapidpro import outgoing, values
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.references import (
    anonymous_display,
    contact_reference,
)
from trilogue_sandbox.rapidpro.tables import CHANNELS, CONTACTS, FLOWS, GROUPS, MEMBERSHIPS, URNS
from trilogue_sandbox.rapidpro.views import ApiView, Formatter, Several, refer_to

_MASK = "********"


def _anonymous_name(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    if not context.workspace.is_anonymous:
        return [None] * len(rows)
    return [contact_reference(row["id"]) for row in rows]


def _anonymous_display(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    if not context.workspace.is_anonymous:
        return [None] * len(rows)
    return [anonymous_display(context, row["id"]) for row in rows]


def _if_active(column: str) -> Callable[[WorkspaceContext, Sequence[Row]], list[Json]]:
    return lambda context, rows: [row[column] if row["is_active"] else None for row in rows]


def _has_status(status: str) -> Callable[[WorkspaceContext, Sequence[Row]], list[Json]]:
    return lambda context, rows: [row["status"] == status if row["is_active"] else None for row in rows]


def _show_fields(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    types = context.field_types
    typed = [(key, field_type) for key, field_type in types.items() if field_type != "text"]
    shown: list[Json] = []
    for row in rows:
        kept = row["fields"]
        fields: JsonObject = {key: kept.get(key) for key in types} if row["is_active"] else {}
        for key, field_type in typed:
            if fields.get(key) is not None:
                fields[key] = values.show_value(context, field_type, kept[key])
        shown.append(fields)
    return shown


def _read_urns(context: WorkspaceContext, rows: Sequence[Row]) -> list[Row]:
    urns_of = context.records.select(URNS, "item.contact_id, item.scheme, item.path, item.display, item.channel_id")
    found = urns_of.among("contact_id", [row["id"] for row in rows])
    return found.all("ORDER BY item.contact_id, item.priority DESC, item.id")


def _by_contact(rows: Sequence[Row], items: Sequence[tuple[int, Json]]) -> list[Json]:
    gathered: defaultdict[int, list[Json]] = defaultdict(list)
    for contact_id, item in items:
        gathered[contact_id].append(item)
    return [gathered[row["id"]] for row in rows]


def _urn_formatter(context: WorkspaceContext) -> Formatter:
    is_hidden = context.workspace.is_anonymous
    return lambda scheme, path: f"{scheme}:{_MASK if is_hidden else path}"


def _show_urn_details(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    """Return the URNs with the channels by which they are reached, those that none reaches last."""
    found = _read_urns(context, rows)
    channel_ids = outgoing.channels_of_urns(context, found)
    channels = refer_to(context, CHANNELS, channel_ids)
    pairs = sorted(zip(found, channel_ids, strict=True), key=lambda pair: pair[1] is None)
    return _by_contact(rows, [(urn["contact_id"], _urn_details(context, urn, channels[way])) for urn, way in pairs])


def _urn_details(context: WorkspaceContext, urn: Row, channel: Json) -> JsonObject:
    is_hidden = context.workspace.is_anonymous
    return {
        "channel": channel,
        "scheme": urn["scheme"],
        "path": _MASK if is_hidden else urn["path"],
        "display": None if is_hidden else urn["display"],
    }


CONTACT = ApiView(
    "Contact",
    CONTACTS,
    computed={
        "ref": _anonymous_name,
        "anon_display": _anonymous_display,
        "status": _if_active("status"),
        "fields": _show_fields,
        "blocked": _has_status("blocked"),
        "stopped": _has_status("stopped"),
    },
    references={
        "flow": (FLOWS, "flow_id"),
        "urns": Several(URNS, "contact_id", order="-item.priority", formatter=_urn_formatter),
        "groups": Several(GROUPS, "contact_id", MEMBERSHIPS, "group_id"),
    },
)
_OTHER_REFERENCES = {name: to for name, to in CONTACT.references.items() if name != "urns"}
CONTACT_WITH_URN_DETAILS = ApiView(
    "ContactWithUrnDetails",
    CONTACTS,
    computed={**CONTACT.computed, "urns": _show_urn_details},
    references=_OTHER_REFERENCES,
)
