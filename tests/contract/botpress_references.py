"""Lets cases name what exists: where a call takes place, in its headers, and what it is about, in path, query and body.

Other than for the other platforms, this is done for each part of a case that is as it should be, though another part is
not: an unknown bot is 403, and an unknown row is 404, before anybody looks at the body.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any, TypeAlias

import schemathesis
from schemathesis import Case, HookContext
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response

from tests.contract.botpress_server import BOT, WORKSPACE, as_in, first_page, get, integration, server
from tests.contract.known import operation_id
from tests.contract.references import follows_links, leave_one_of_each_group, refer

Headers: TypeAlias = Mapping[str, str]
Find: TypeAlias = Callable[[Headers], Any]
"""Returns the name of something that whoever sends these headers can see, or None if there is nothing."""

_answered: set[str] = set()
"""The ids in the answers so far, less those of what was deleted: nobody made these up."""

_found: dict[tuple[Find, tuple[str, ...]], Any] = {}
"""What the finders have found since something was changed."""

_numbers = itertools.count(1)

_WHOLE = ("/addons", "/baks", "/iaks", "/pats", "/plans", "/tables", "/versions")
"""How the paths of lists end that have no pages."""


def _is(value: Any) -> Find:
    return lambda headers: value


def _newest(path: str, **query: str) -> Find:
    """Find what was made last, unless there is nothing else, or the run stands on it."""
    return lambda headers: next(
        (row["id"] for row in first_page(path, headers, **_few(path), **query)[:-1] if row["id"] not in _ground()), None
    )


def _older(path: str, key: str = "id") -> Find:
    """Find something that will not be the first to be deleted."""
    return lambda headers: next((row[key] for row in reversed(first_page(path, headers, **_few(path)))), None)


def _few(path: str) -> dict[str, str]:
    return {} if path.endswith(_WHOLE) else {"pageSize": "5"}


def _integration(headers: Headers) -> Any:
    return integration()


def _integration_key(headers: Headers) -> Any:
    return _newest("/v1/admin/integrations/iaks", integrationId=integration())(headers)


def _file(headers: Headers) -> Any:
    """Find a file with content that the bot can change, or one of the integration."""
    if "x-integration-id" not in headers:
        found = first_page("/v1/files", **_few("/v1/files"), **{"tags.topic.exists": "true"})
        return next((row["id"] for row in reversed(found)), None)
    return _made("/v1/files", {"key": "a.txt", "size": 1}, "file", method="PUT", headers=headers)


def _made(path: str, body: Any, name: str, method: str = "POST", headers: Headers | None = None) -> Any:
    made = server().request(method, path, json=body, headers=headers).raise_for_status().json()
    return made[name]["id"]


def _unpaid_invoice(headers: Headers) -> Any:
    return next((row["id"] for row in first_page("/v2/billing/invoices") if row["status"] == "open"), None)


def _workflow(headers: Headers) -> Any:
    """Find a workflow, of which there is one at first."""
    body = {"name": "followUp", "status": "listening"}
    return _older("/v1/chat/workflows")(headers) or _made("/v1/chat/workflows", body, "workflow")


def _new_token(headers: Headers) -> Any:
    return _made("/v1/admin/account/pats", {"note": "New"}, "pat")


def _new_version(headers: Headers) -> Any:
    return _made(f"{_BOT}/versions", {"name": "New"}, "version")


def _private(noun: str, **body: Any) -> Find:
    """Find a definition that only the workspace uses, since one that others use does not change."""
    path = f"/v1/admin/{noun}s"

    def find(headers: Headers) -> Any:
        own = (row["id"] for row in first_page(path, **_few(path)) if not row["public"] and row["id"] not in _ground())
        return next(own, None) or _made(path, {**body, "name": f"own{next(_numbers)}", "version": "1.0.0"}, noun)

    return find


def _public_plugin(headers: Headers) -> Any:
    body = {"name": f"open{next(_numbers)}", "version": "1.0.0", "code": _CODE, "visibility": "public"}
    return _made("/v1/admin/plugins", body, "plugin")


@cache
def _ground() -> frozenset[str]:
    """Return the ids of what nobody may take away: the bot and the workspace of the run, its integration and token."""
    tokens = [token["id"] for token in first_page("/v1/admin/account/pats")]
    return frozenset({BOT, WORKSPACE, integration(), get("/v1/admin/workspace-members/me")["id"], *tokens})


_BOT = f"/v1/admin/bots/{BOT}"
_CODE = {"node": "", "browser": ""}
_conversation = _older("/v1/chat/messages", "conversationId")
_participant = _older("/v1/chat/messages", "userId")
_event = _older("/v1/chat/events")
_message = _older("/v1/chat/messages")
_user = _older("/v1/chat/users")
_plugin = _older("/v1/admin/plugins")

IN_HEADERS: Mapping[str, Find] = {
    "x-bot-id": _is(BOT),
    "x-workspace-id": _is(WORKSPACE),
    "x-integration-id": _integration,
    "x-integration-alias": _is("telegram"),
    "x-destination-bot-id": _is(BOT),
}

IN_PATHS: Mapping[str, Find] = {
    "/v1/chat/conversations/{id}": _conversation,
    "/v1/chat/conversations/{id}/participants/{userId}": _participant,
    "/v1/chat/events/{id}": _event,
    "/v1/chat/messages/{id}": _message,
    "/v1/chat/users/{id}": _user,
    "/v1/chat/workflows/{id}": _workflow,
    "/v1/files/{id}": _file,
    "/v1/files/{idOrKey}": _file,
    "/v1/files/knowledge-bases/{id}": _older("/v1/files/knowledge-bases"),
    "/v1/files/tags/{tag}": _is("topic"),
    "/v1/tables/{table}": _older("/v1/tables"),
    "/v1/tables/{sourceTableId}": _older("/v1/tables"),
    "/v1/admin/hub/integrations/{id}": _older("/v1/admin/hub/integrations"),
    "/v1/admin/hub/integrations/{name}": _older("/v1/admin/hub/integrations", "name"),
    "/v1/admin/hub/integrations/{name}/{version}": _is("latest"),
    "/v1/admin/hub/interfaces/{id}": _older("/v1/admin/hub/interfaces"),
    "/v1/admin/hub/interfaces/{name}": _older("/v1/admin/hub/interfaces", "name"),
    "/v1/admin/hub/interfaces/{name}/{version}": _is("latest"),
    "/v1/admin/hub/plugins/{id}": _older("/v1/admin/hub/plugins"),
    "/v1/admin/hub/plugins/{name}": _older("/v1/admin/hub/plugins", "name"),
    "/v1/admin/hub/plugins/{name}/{version}": _is("latest"),
    "/v1/admin/bots/{id}": _is(BOT),
    "/v1/admin/bots/{id}/issues/{issueId}": _older(f"{_BOT}/issues"),
    "/v1/admin/bots/{id}/versions/{versionId}": _older(f"{_BOT}/versions"),
    "/v1/admin/bots/{botId}": _is(BOT),
    "/v1/admin/bots/{botId}/integrations/{integrationId}": _integration,
    "/v1/admin/workspaces/{id}": _is(WORKSPACE),
    "/v1/admin/integrations/{id}": _integration,
    "/v1/admin/integrations/{name}": _is("telegram"),
    "/v1/admin/integrations/{name}/{version}": _is("latest"),
    "/v1/admin/interfaces/{id}": _older("/v1/admin/interfaces"),
    "/v1/admin/interfaces/{name}": _older("/v1/admin/interfaces", "name"),
    "/v1/admin/interfaces/{name}/{version}": _is("latest"),
    "/v1/admin/plugins/{id}": _older("/v1/admin/plugins"),
    "/v1/admin/plugins/{name}": _older("/v1/admin/plugins", "name"),
    "/v1/admin/plugins/{name}/{version}": _is("latest"),
    "/v1/admin/usages/{id}": _is(WORKSPACE),
    "/v2/billing/addons/{addonId}": _older("/v2/billing/addons"),
    "/v2/billing/invoices/{invoiceId}": _unpaid_invoice,
    "/v2/billing/plans/{planId}": _older("/v2/billing/plans"),
}
"""What a parameter in a path means, by the path up to it."""

IN_PATHS_OF_ITS_OWN: Mapping[str, Find] = {
    "cancelScheduledEvent": _newest("/v1/chat/events", status="scheduled"),
    "deleteBot": _newest("/v1/admin/bots"),
    "deleteBotApiKey": _newest("/v1/admin/bots/baks", botId=BOT),
    "deleteBotIssue": _newest(f"{_BOT}/issues"),
    "deleteConversation": _newest("/v1/chat/conversations"),
    "deleteIntegration": _newest("/v1/admin/integrations"),
    "deleteIntegrationApiKey": _integration_key,
    "deleteInterface": _newest("/v1/admin/interfaces"),
    "deleteKnowledgeBase": _newest("/v1/files/knowledge-bases"),
    "deleteMessage": _newest("/v1/chat/messages"),
    "deletePersonalAccessToken": _new_token,
    "deletePlugin": _newest("/v1/admin/plugins"),
    "deleteTable": _newest("/v1/tables"),
    "deleteUser": _newest("/v1/chat/users"),
    "deleteWorkflow": _newest("/v1/chat/workflows"),
    "deleteWorkspace": _newest("/v1/admin/workspaces"),
    "deleteWorkspaceMember": _newest("/v1/admin/workspace-members"),
    "getDereferencedPublicPluginById": _public_plugin,
    "migrateWorkspaceToV4": _newest("/v1/admin/workspaces"),
    "publishFromBotJson": _newest("/v1/admin/bots"),
    "transferBot": _newest("/v1/admin/bots"),
    "updateBot": _newest("/v1/admin/bots"),
    "updateIntegration": _private("integration"),
    "updateInterface": _private("interface"),
    "updatePlugin": _private("plugin", code=_CODE),
    "updateWorkspace": _newest("/v1/admin/workspaces"),
    "updateWorkspaceMember": _newest("/v1/admin/workspace-members"),
    "validateIntegrationUpdate": _private("integration"),
}
"""What the last parameter of a path means where it is something to be ended or changed, or else of a special type."""

BY_NAME: Mapping[str, Find] = {
    "botId": _is(BOT),
    "channel": _is("channel"),
    "conversationId": _conversation,
    "eventId": _event,
    "expiresAt": _is("2026-02-01T00:00:00Z"),  # within 90 days of the sandbox's time
    "fileId": _file,
    "installedByBotId": _is(BOT),
    "integrationId": _integration,
    "integrationInstanceAlias": _is("telegram"),
    "integrationName": _is("telegram"),
    "interfaceId": _older("/v1/admin/interfaces"),
    "invoiceIds": _newest("/v2/billing/invoices"),
    "messageId": _message,
    "orderBy": _is("createdAt"),
    "parentWorkflowId": _workflow,
    "participantIds": _user,
    "paymentMethodId": _is("pm_card_visa"),
    "planId": _is("team"),
    "targetWorkspaceId": _older("/v1/admin/workspaces"),
    "userId": _user,
    "versionId": _new_version,
    "workflowId": _workflow,
}
"""What parameters of queries and fields of bodies refer to; one name means the same everywhere."""

BY_NAME_OF_ITS_OWN: Mapping[str, Mapping[str, Find]] = {
    "createTrial": {"plan": _is("enterprise")},
    "getMultipleUsages": {"ids": _is(WORKSPACE)},
    "requestIntegrationVerification": {"integrationId": _private("integration")},
}

_INTERFACE: Mapping[str, Find] = {
    "id": _older("/v1/admin/interfaces"),
    "name": _is("handoff"),
    "version": _is("latest"),
}
_INTEGRATION: Mapping[str, Find] = {"id": _integration, "name": _is("telegram"), "version": _is("latest")}
"""How definitions name what they need."""

_STATE_OWNERS: Mapping[str, Find] = {
    "conversation": _conversation,
    "user": _user,
    "bot": _is(BOT),
    "integration": _integration,
    "workflow": _workflow,
}

_TAGS_OF_THE_BOT: Mapping[str, Sequence[str]] = {
    "user": ("name", "email"),
    "conversation": ("topic", "language"),
    "message": ("topic", "language"),
}
_TAGS_OF_THE_INTEGRATION: Mapping[str, Sequence[str]] = {
    "user": ("id", "username"),
    "conversation": ("id", "chatId"),
    "message": ("id",),
}
_NAMES: Mapping[str, str] = {
    "createIntegration": "name",
    "createInterface": "name",
    "createPlugin": "name",
    "createTable": "name",
    "duplicateTable": "tableName",
    "updateWorkspace": "handle",
    "validateIntegrationCreation": "name",
}
"""The fields of bodies in which a name is wanted that nothing has."""


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Put what exists in the place of what was made up."""
    if _is_as_it_should_be(case, ParameterLocation.HEADER):
        refer(case.headers, _for(case, IN_HEADERS))
    if _is_as_it_should_be(case, ParameterLocation.PATH):
        _refer_in_path(case)
    if _is_as_it_should_be(case, ParameterLocation.QUERY):
        case.query.pop("nextToken", None)  # these are not made up; the walks follow those that were given
        refer(case.query, _by_name(case))
    if _is_as_it_should_be(case, ParameterLocation.BODY) and isinstance(case.body, dict):
        _refer_in_body(case, case.body)


@schemathesis.hook
def after_call(context: HookContext, case: Case, response: Response) -> None:
    """Keep the ids in mind."""
    if response.status_code >= 300:
        return
    _answered.update(_ids(json.loads(response.content)))
    if case.method != "GET":
        _found.clear()
    if case.method == "DELETE":
        _answered.difference_update(map(str, case.path_parameters.values()))


def _ids(document: Any) -> Iterator[str]:
    if isinstance(document, list):
        for item in document:
            yield from _ids(item)
    elif isinstance(document, dict):
        yield str(document.get("id"))
        for value in document.values():
            yield from _ids(value)


def _is_as_it_should_be(case: Case, location: ParameterLocation) -> bool:
    if case.meta is None:
        return False
    component = case.meta.components.get(location)
    return component is None or component.mode.is_positive


def _for(case: Case, finders: Mapping[str, Find]) -> dict[str, Callable[[], Any]]:
    """Return the finders as the integration sees things, if it makes the call, or else the bot."""
    return {name: partial(_find, find, as_in(case.headers)) for name, find in finders.items()}


def _find(find: Find, headers: Headers) -> Any:
    key = (find, tuple(headers.values()))
    if key not in _found:
        _found[key] = find(headers)
    return _found[key]


def _by_name(case: Case) -> dict[str, Callable[[], Any]]:
    return _for(case, {**BY_NAME, **BY_NAME_OF_ITS_OWN.get(operation_id(case), {})})


def _refer_in_path(case: Case) -> None:
    if "{type}" in case.path:
        _refer_to_state(case)
        return
    for name in case.path_parameters:
        up_to_here = case.path.partition(f"{{{name}}}")[0] + f"{{{name}}}"
        own = IN_PATHS_OF_ITS_OWN.get(operation_id(case)) if "{" not in case.path[len(up_to_here) :] else None
        if find := own or IN_PATHS.get(up_to_here):
            _refer_unless_answered(case, name, find, is_at_risk=own is not None)


def _refer_unless_answered(case: Case, name: str, find: Find, *, is_at_risk: bool) -> None:
    """Leave alone what a link took from an answer, if it is of the right type, which its beginning tells."""
    value, found = str(case.path_parameters[name]), _find(find, as_in(case.headers))
    is_right = follows_links(case) and value in _answered and _type(value) == _type(str(found))
    if is_at_risk and value in _ground():
        case.path_parameters[name] = found or value[:-1] + ("1" if value.endswith("0") else "0")  # the id of nothing
    elif found is not None and not is_right:
        case.path_parameters[name] = found


def _type(value: str) -> str:
    return value.rpartition("_")[0]


def _refer_to_state(case: Case) -> None:
    """Name a state that has been set, unless the call itself sets it."""
    state, headers = case.path_parameters, as_in(case.headers)
    state["id"] = _find(_STATE_OWNERS[state["type"]], headers)
    if operation_id(case) not in ("setState", "getOrSetState"):
        state["name"] = "kept"
        body = {"payload": {}, "expiry": None}
        server().post(f"/v1/chat/states/{state['type']}/{state['id']}/kept", json=body, headers=headers)


def _refer_in_body(case: Case, body: dict[str, Any]) -> None:
    leave_one_of_each_group(case)
    _refer_deeply(body, _by_name(case))
    if case.path.startswith("/v1/chat/"):
        _speak_as_the_caller(case, body)
    elif case.path.startswith("/v1/admin/"):
        _refer_in_definition(case, body)
    elif operation_id(case) == "renameTableColumn":
        table = get(case.path.removesuffix("/column").format(**case.path_parameters))["table"]
        body["name"] = next(iter(table["schema"]["properties"]))
    name = _NAMES.get(operation_id(case), "")
    if isinstance(body.get(name), str):
        body[name] = f"{body[name][:40]}{next(_numbers)}"


def _speak_as_the_caller(case: Case, body: dict[str, Any]) -> None:
    is_integration = "x-integration-id" in case.headers
    declared = _TAGS_OF_THE_INTEGRATION if is_integration else _TAGS_OF_THE_BOT
    _rename_tags(body, case.path.split("/")[3].removesuffix("s"), declared)
    if operation_id(case) == "callAction":
        body["type"] = "startTyping" if is_integration else "lookUp"


def _refer_in_definition(case: Case, body: dict[str, Any]) -> None:
    """Name what exists where names are keys, or mean something else elsewhere."""
    needs = body.get("dependencies") or {}
    _refer_deeply(body.get("interfaces"), _for(case, {"id": _INTERFACE["id"]}))
    _refer_deeply(body.get("plugins"), _for(case, {"id": _plugin}))
    _refer_deeply(needs.get("interfaces"), _for(case, _INTERFACE))
    _refer_deeply(needs.get("integrations"), _for(case, _INTEGRATION))
    if "botJson" in body:
        body["botJson"] = get(f"{_BOT}/bot-json")
    if "integrations" in body:
        body["integrations"] = dict(zip([integration()], body["integrations"].values(), strict=False))
    if "users" in body:
        account = get("/v1/admin/account/me")["account"]["id"]
        body["users"] = dict(zip([account], body["users"].values(), strict=False))


def _refer_deeply(value: Any, finders: Mapping[str, Callable[[], Any]]) -> None:
    if isinstance(value, dict):
        refer(value, {name: find for name, find in finders.items() if value.get(name) is not None})
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _refer_deeply(item, finders)


def _rename_tags(value: Any, tagged: str, declared: Mapping[str, Sequence[str]]) -> None:
    """Give tags the names that are declared for users, conversations or messages, as many as there are."""
    if isinstance(value, list):
        for item in value:
            _rename_tags(item, tagged, declared)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name == "tags" and tagged in declared:
                value[name] = dict(zip(declared[tagged], item.values(), strict=False))
            elif name == "discriminateByTags" and tagged in declared:
                value[name] = list(declared[tagged][: len(item)])
            else:
                _rename_tags(item, name.removesuffix("s"), declared)
