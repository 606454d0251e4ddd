"""The workspace's own fields of contacts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import attrs

from trilogue_sandbox.kernel.http import Json, Response
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.views import each
from trilogue_sandbox.rapidpro import memberships, queries
from trilogue_sandbox.rapidpro.access import check_room
from trilogue_sandbox.rapidpro.campaign_schedule import CAMPAIGN_EVENTS
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.errors import invalid, invalid_together
from trilogue_sandbox.rapidpro.exchange import Exchange, Model, Resource
from trilogue_sandbox.rapidpro.lists import by_string, listing
from trilogue_sandbox.rapidpro.serializer_fields import Choice, String, unique_in
from trilogue_sandbox.rapidpro.serializers import Serializer, optional
from trilogue_sandbox.rapidpro.tables import FIELDS, GROUPS
from trilogue_sandbox.rapidpro.views import ApiView

_FIELD = Model("ContactField", FIELDS, key="key")
_TYPES = ("text", "number", "datetime", "state", "district", "ward")
_MAX_LENGTH = 36
_VALUE_TYPES = {"number": "numeric"}
_USING_FLOWS = (
    "SELECT field.key FROM rapidpro_flow_fields AS used JOIN rapidpro_fields AS field ON field.id = used.field_id"
    " JOIN rapidpro_flows AS flow ON flow.id = used.flow_id AND flow.is_active WHERE field.workspace_id = ?"
)


def key_of(name: str) -> str:
    """Return the key that is made from a name: in lower case, each run of other characters an underscore."""
    return re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")


def _unique(name: str, serializer: Serializer) -> str | None:
    system = serializer.context.server.system_fields.values()
    if name.lower() in [field.name.lower() for field in system]:
        return "This field must be unique."
    return unique_in(FIELDS)(name, serializer)


def _check_characters(name: str, serializer: Serializer) -> str | None:
    if not re.fullmatch("[A-Za-z0-9- ]+", name):
        return "Can only contain letters, numbers and hypens."
    key = key_of(name)
    if not re.fullmatch("[a-z][a-z0-9_]*", key) or key in serializer.context.server.reserved_keys:
        return f'Generated key "{key}" is invalid or a reserved name.'
    return None


_NAME = String(_MAX_LENGTH, rules=(_unique,), checks=(_check_characters,))


@attrs.frozen
class FieldBody:
    """What can be written of a field, under the present names or the former ones."""

    name: str | None = optional(_NAME, None)
    type: str | None = optional(Choice(_TYPES), None)
    label: str | None = optional(_NAME, None)
    value_type: str | None = optional(Choice([_VALUE_TYPES.get(name, name) for name in _TYPES]), None)


def save_field(exchange: Exchange) -> Response:
    """Handle POST."""
    field = exchange.target(_FIELD)
    if field is None:
        check_room(exchange.context, FIELDS)
    name, field_type = _required(exchange.read_body(FieldBody, field))
    if field is None:
        return exchange.saved(FIELD, _create(exchange.context, name, field_type), is_new=True)
    was_date = field["type"] == "datetime" and field_type != "datetime"
    if was_date and exchange.context.select(CAMPAIGN_EVENTS, is_active=True, relative_to=field["key"]).exists():
        raise invalid({"type": ["Can't change type of date field being used by campaign events."]})
    changed = exchange.records.change(FIELDS, field, name=name, type=field_type)
    if field_type != field["type"]:
        memberships.fill_all(exchange.context)
    return exchange.saved(FIELD, changed, is_new=False)


def _required(body: FieldBody) -> tuple[str, str]:
    name = body.name or body.label
    if name is None:
        raise invalid_together("Field 'name' is required.")
    former = next((present for present, value in _VALUE_TYPES.items() if value == body.value_type), body.value_type)
    field_type = body.type or former
    if field_type is None:
        raise invalid_together("Field 'type' is required.")
    return name, field_type


def _create(context: WorkspaceContext, name: str, field_type: str) -> Row:
    if context.find(FIELDS, key=key_of(name)):
        taken = f'Generated key "{key_of(name)}" is taken by another field.'  # the real server fails (500)
        raise invalid({"name": [taken]})
    return create_field(context, name, field_type)


def create_field(context: WorkspaceContext, name: str, field_type: str) -> Row:
    """Create a field; its key must be free."""
    return context.add(FIELDS, key=key_of(name), name=name, type=field_type)


def _count_usages(context: WorkspaceContext, rows: Sequence[Row]) -> list[Json]:
    """Return how often fields are used."""
    flows = Counter(row["key"] for row in context.store.all(_USING_FLOWS, context.workspace.id))
    smart = context.select(GROUPS, is_active=True).where("item.query IS NOT NULL AND item.status <> 'invalid'")
    groups = Counter(key for row in smart.all() for key in queries.parse(context, row["query"]).fields)
    dates = context.select(CAMPAIGN_EVENTS, "item.relative_to", is_active=True)
    events = Counter(row["relative_to"] for row in dates.all())
    keys = [row["key"] for row in rows]
    return [{"flows": flows[key], "groups": groups[key], "campaign_events": events[key]} for key in keys]


FIELD = ApiView(
    "Field",
    FIELDS,
    computed={
        "usages": _count_usages,
        "value_type": each(lambda context, row: _VALUE_TYPES.get(row["type"], row["type"])),
    },
    columns={"featured": "is_featured", "label": "name"},
)

RESOURCE = Resource(
    tables=[FIELDS], operations={"fields_list": listing(FIELD, by_string("key")), "fields_save": save_field}
)
