"""Lets cases that are meant to be valid name what exists: an unknown reference is refused, whatever it looks like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemathesis import Case, HookContext, hook

from tests.contract.known import is_meant_well, operation_id
from tests.contract.rapidpro_server import rows, server
from tests.contract.references import Find, follows_links, leave_one_of_each_group, refer

_PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)


def _first(path: str, key: str, **query: str) -> Find:
    return lambda: next((row[key] for row in rows(path, **query)), None)


def _upload() -> Any:
    return server().post("/media.json", files={"file": ("a.png", _PNG, "image/png")}).raise_for_status().json()["uuid"]


def _manual_group() -> Any:
    return next((row["name"] for row in rows("/groups.json", manual_only="true")), None)


def _datetime_field() -> Any:
    """Find a field with dates, or one that every contact has."""
    return next((row["key"] for row in rows("/fields.json") if row["type"] == "datetime"), "created_on")


def _contact() -> Any:
    """Find a contact; a new one where earlier cases have deleted all."""
    found = _first("/contacts.json", "uuid")()
    return found or server().post("/contacts.json", json={"name": "New"}).raise_for_status().json()["uuid"]


def _urn() -> Any:
    return "tel:+250788123123"


_flow = _first("/flows.json", "uuid")
_ticket = _first("/tickets.json", "uuid")

IN_BODIES: Mapping[str, Find] = {
    "assignee": _first("/users.json", "email"),
    "attachments": _upload,
    "campaign": _first("/campaigns.json", "uuid"),
    "contact": _contact,
    "contacts": _contact,
    "flow": _flow,
    "group": _manual_group,
    "groups": _manual_group,
    "label": _first("/labels.json", "uuid"),
    "messages": _first("/messages.json", "id", folder="inbox"),
    "relative_to": _datetime_field,
    "resthook": _first("/resthooks.json", "resthook"),
    "ticket": _ticket,
    "tickets": _ticket,
    "topic": _first("/topics.json", "uuid"),
    "urns": _urn,
}
"""What the fields of bodies refer to; a field of one name means the same everywhere."""

IN_QUERIES: Mapping[str, Mapping[str, Find]] = {
    "campaign_events_delete": {"uuid": _first("/campaign_events.json", "uuid")},
    "campaign_events_save": {"uuid": _first("/campaign_events.json", "uuid")},
    "campaigns_save": {"uuid": _first("/campaigns.json", "uuid")},
    "contacts_delete": {"uuid": _contact, "urn": _urn},
    "contacts_list": {"urn": _urn},
    "contacts_save": {"uuid": _contact, "urn": _urn},
    "definitions_get": {"flow": _flow},
    "fields_save": {"key": _first("/fields.json", "key")},
    "globals_save": {"key": _first("/globals.json", "key")},
    "groups_delete": {"uuid": _first("/groups.json", "uuid", manual_only="true")},
    "groups_save": {"uuid": _first("/groups.json", "uuid", manual_only="true")},
    "labels_delete": {"uuid": _first("/labels.json", "uuid")},
    "labels_save": {"uuid": _first("/labels.json", "uuid")},
    "resthook_subscribers_delete": {"id": _first("/resthook_subscribers.json", "id")},
    "topics_save": {"uuid": _first("/topics.json", "uuid")},
}


@hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Put what exists in the place of what was made up."""
    if not is_meant_well(case):
        return
    leave_one_of_each_group(case)
    if isinstance(case.body, dict):
        refer(case.body, IN_BODIES)
    if not follows_links(case):
        refer(case.query, IN_QUERIES.get(operation_id(case), {}))
    if operation_id(case) == "media_upload":
        case.multipart_content_types = {"file": "image/png"}  # the description says image/*, which is no type
