"""Checks of what schemathesis cannot see: which list something stands in, what a walk gives, what an error says."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import schemathesis
from schemathesis import Case, CheckContext
from schemathesis.core.transport import Response

from tests.contract.botpress_server import BOT, as_in, first_page, integration, rows, server
from tests.contract.known import operation_id, sent_body

_CREATES: Mapping[str, str] = {
    "addParticipant": "participant",
    "createBot": "bot",
    "createBotApiKey": "",
    "createBotVersion": "version",
    "createConversation": "conversation",
    "createEvent": "event",
    "createIntegration": "integration",
    "createIntegrationApiKey": "",
    "createInterface": "interface",
    "createKnowledgeBase": "knowledgeBase",
    "createMessage": "message",
    "createPersonalAccessToken": "pat",
    "createPlugin": "plugin",
    "createTable": "table",
    "createUser": "user",
    "createWorkflow": "workflow",
    "createWorkspace": "",
    "createWorkspaceMember": "",
    "upsertFile": "file",
}
"""What makes something that is listed at the same path, and the name under which the answer has it."""

_NO_DELETES = ("cancelScheduledEvent", "removeTrial", "unlinkSandboxedConversations")
"""A cancelled event stays; the others take away what has no id."""

_TYPES: Mapping[int, tuple[str, ...]] = {
    400: (
        *("InvalidPayload", "InvalidQuery", "InvalidJsonSchema", "InvalidDataFormat", "InvalidIdentifier"),
        *("ReferenceNotFound", "BreakingChanges", "Runtime"),
    ),
    401: ("Unauthorized",),
    402: ("PaymentRequired",),
    403: ("Forbidden", "QuotaExceeded"),
    404: ("ResourceNotFound",),
    405: ("MethodNotFound",),
    409: ("AlreadyExists", "RelationConflict", "ReferenceConstraint", "ResourceLockedConflict"),
    410: ("ResourceGone",),
    413: ("PayloadTooLarge", "LimitExceeded"),
    415: ("UnsupportedMediaType",),
    429: ("RateLimited",),
    500: ("Unknown", "Internal"),
    504: ("OperationTimeout",),
}
_STEP = 60


@schemathesis.check
def what_was_deleted_is_gone(ctx: CheckContext, response: Response, case: Case) -> None:
    """A second DELETE finds nothing, nor does a GET, and the list has it no more."""
    operation = operation_id(case)
    if case.method != "DELETE" or response.status_code != 200 or operation in _NO_DELETES:
        return
    url, headers = str(response.request.url), as_in(case.headers)
    gone = "Forbidden" if operation == "deleteWorkspace" else "ResourceNotFound"
    assert server().delete(url, headers=headers).json().get("type") == gone, "a second DELETE"
    assert server().get(url, headers=headers).json().get("type") in (gone, "MethodNotFound"), "it can still be got"
    collection, _, last = case.path.rpartition("/")
    if last.startswith("{"):
        listed = _listed(case, collection)
        assert case.path_parameters[last.strip("{}")] not in listed, "it is still in the list"


@schemathesis.check
def what_was_created_is_listed(ctx: CheckContext, response: Response, case: Case) -> None:
    """What a call says it made stands in the list."""
    if response.status_code >= 300 or operation_id(case) not in _CREATES:
        return
    sent, answer = json.loads(sent_body(response)), json.loads(response.content)
    if operation_id(case) == "createMessage" and "schedule" in sent:
        return  # it is not listed before it is said
    name = _CREATES[operation_id(case)]
    created = (answer[name] if name else answer)["id"]
    more = {"dev": "true"} if sent.get("dev") else {}
    more = {"ids": created} if operation_id(case) == "upsertFile" else more
    if operation_id(case) == "createMessage":
        said = answer["message"]["createdAt"]  # imported ones of later times may fill the first page
        more = {"conversationId": sent["conversationId"], "beforeDate": said}
    assert created in _listed(case, case.path, **more), "it is not in the list"


def _listed(case: Case, path: str, **query: str) -> list[str]:
    """Return the ids on the first page of the list at a path."""
    if path.endswith("/baks"):
        query["botId"] = BOT
    elif path.endswith("/iaks"):
        query["integrationId"] = integration()
    found = first_page(path.format(**case.path_parameters), as_in(case.headers), **query)
    return [row["id"] for row in found]


@schemathesis.check
def rows_by_offset_are_complete(ctx: CheckContext, response: Response, case: Case) -> None:
    """The rows of a table, in whatever order, are found in steps, each once, as many as the table says it has."""
    if operation_id(case) != "findTableRows" or response.status_code != 200:
        return
    order = {name: value for name, value in json.loads(sent_body(response)).items() if name.startswith("order")}
    table, found, page = (
        case.path.removesuffix("/rows/find").format(**case.path_parameters),
        list[int](),
        {"hasMore": True},
    )
    while page["hasMore"]:
        body = {**order, "limit": _STEP, "offset": len(found)}
        page = server().post(f"{table}/rows/find", json=body).raise_for_status().json()
        found += [row["id"] for row in rows(page)]
    assert len(found) == len(set(found)), "a row came twice"
    assert len(found) == server().get(table).json()["rows"], "the table says it has another number"


@schemathesis.check
def an_error_says_what_it_is(ctx: CheckContext, response: Response, case: Case) -> None:
    """An error has both of the published forms, and its type has the status of the answer."""
    if response.status_code < 400:
        return
    error = json.loads(response.content)
    assert error["type"] in _TYPES[response.status_code], "the type has another status"
    assert error["code"] == error["status"] == response.status_code, "it says another status"
    assert re.fullmatch(r"err_\d{14}x[0-9A-F]{8}", error["id"]), "the id has another form"
    assert error["message"], "it does not say what is wrong"
    assert error["description"], "it does not say what the type means"
