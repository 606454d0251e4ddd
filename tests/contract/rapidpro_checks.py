"""Checks of what schemathesis cannot see, since RapidPro has no path of its own for any object."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import schemathesis
from schemathesis import Case, CheckContext
from schemathesis.core.transport import Response

from tests.contract.known import operation_id
from tests.contract.rapidpro_server import rows, server

_DELETES = ("campaign_events_delete", "contacts_delete", "groups_delete", "labels_delete")
_CREATES = ("campaign_events_save", "campaigns_save", "contacts_save", "groups_save", "labels_save")


@schemathesis.check
def what_was_deleted_is_gone(ctx: CheckContext, response: Response, case: Case) -> None:
    """A second DELETE is 404 and the list has it no more; a contact stays among the deleted."""
    if response.status_code != 204 or operation_id(case) not in (*_DELETES, "resthook_subscribers_delete"):
        return
    url = str(response.request.url)
    query = {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}
    is_contact_by_uuid = operation_id(case) == "contacts_delete" and "uuid" in query
    assert server().delete(url).status_code == (204 if is_contact_by_uuid else 404), "a second DELETE"
    assert rows(case.path, **query) == [], "it is still in the list"
    if is_contact_by_uuid:
        assert [row["uuid"] for row in rows(case.path, deleted="true", **query)] == [query["uuid"]], "not in `deleted`"


@schemathesis.check
def what_was_created_is_listed(ctx: CheckContext, response: Response, case: Case) -> None:
    """What a POST answers with 201 stands in the list, under its UUID, as it was answered."""
    if response.status_code != 201 or operation_id(case) not in _CREATES:
        return
    created = json.loads(response.content)
    query = {"uuid": created["uuid"], "expand_urns": str(isinstance(_first(created.get("urns", [])), dict))}
    found = rows(case.path, **query)
    assert [row["uuid"] for row in found] == [created["uuid"]], "it is not in the list"
    assert found[0].get("name") == created.get("name"), "it has another name in the list"


def _first(values: Sequence[Any]) -> Any:
    return values[0] if values else None
