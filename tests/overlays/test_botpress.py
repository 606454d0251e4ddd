"""The Botpress client: settings, context headers, what it writes, and what it raises."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from operator import attrgetter
from pkgutil import iter_modules
from typing import Any

import httpx
import pytest
import trilogue
from trilogue import InvalidArgument, OutcomeUnknown
from trilogue.botpress import errors, models
from trilogue_generated.botpress import operations
from trilogue_generated.runtime.operation import ListOperation, Operation

from tests.conftest import ROOT

from .botpress import BOT, CONTEXT, INTEGRATION, TOKEN, USER, WORKSPACE, BotpressHarness, not_found, user
from .servers import Connection, Received, http, serving
from .support import RecordingTransport, json_response, raw_response
from .values import least_arguments

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

# Settings.


def test_a_client_needs_a_token_and_nothing_else(botpress: BotpressHarness) -> None:
    with pytest.raises(InvalidArgument, match=r"token: missing; pass token=\.\.\. or set BP_TOKEN"):
        botpress.client(token=None)

    client, transport = botpress.scripted(json_response(json={"account": {"id": "1", "email": "ada@example.com"}}))
    botpress.result(client.account.get())
    assert transport.last.headers["authorization"] == f"Bearer {TOKEN}"
    assert transport.last.url.host == "api.botpress.cloud"


def test_settings_come_from_the_environment(botpress: BotpressHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BP_TOKEN", "bp_bak_environment")
    monkeypatch.setenv("BP_BOT_ID", "bot-e")
    monkeypatch.setenv("BP_WORKSPACE_ID", "wkspace_e")
    monkeypatch.setenv("BP_INTEGRATION_ID", "intver_e")
    monkeypatch.setenv("BP_API_URL", "https://botpress.example.org/api/")
    client = botpress.client(transport := RecordingTransport(user), token=None)

    botpress.result(client.users.get("user_1"))

    assert str(transport.last.url) == "https://botpress.example.org/api/v1/chat/users/user_1"
    assert transport.last.headers["authorization"] == "Bearer bp_bak_environment"
    assert context_of(transport.last) == {"x-bot-id": "bot-e", "x-integration-id": "intver_e"}
    assert sent_by(botpress, client, operation("listBots"), transport) == {"x-workspace-id": "wkspace_e"}


def test_arguments_come_before_the_environment(botpress: BotpressHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BP_TOKEN", "BP_BOT_ID", "BP_WORKSPACE_ID", "BP_INTEGRATION_ID"):
        monkeypatch.setenv(name, "environment")
    monkeypatch.setenv("BP_API_URL", "https://elsewhere.example.org")
    client = botpress.client(transport := RecordingTransport(user), host="https://botpress.example.org", **CONTEXT)

    botpress.result(client.users.get("user_1"))

    assert transport.last.url.host == "botpress.example.org"
    assert transport.last.headers["authorization"] == f"Bearer {TOKEN}"
    assert context_of(transport.last) == {"x-bot-id": BOT, "x-integration-id": INTEGRATION}


@pytest.mark.parametrize("wrong", ["bot 1", "bot\r\nx-evil: 1", "böt", 5], ids=repr)
@pytest.mark.parametrize("name", ["bot_id", "workspace_id", "integration_id"])
def test_an_invalid_id_is_an_invalid_argument_that_names_it(botpress: BotpressHarness, name: str, wrong: Any) -> None:
    narrow = getattr(botpress.client(), f"for_{name.removesuffix('_id')}")

    for make in (lambda: botpress.client(**{name: wrong}), lambda: narrow(wrong), lambda: narrow("")):
        with pytest.raises(InvalidArgument, match=f"^{name}: expected (an id|a string, not int)"):
            make()


def test_plain_http_is_an_invalid_argument_unless_it_is_this_machine(botpress: BotpressHarness) -> None:
    with pytest.raises(InvalidArgument, match="host: plain http shows the token"):
        botpress.client(host="http://botpress.example.org")

    assert botpress.client(host="http://127.0.0.1:8000/botpress")
    assert botpress.client(host="http://sandbox:8000/botpress", allow_http=True)


def test_a_client_shows_neither_its_token_nor_its_ids(botpress: BotpressHarness) -> None:
    client = botpress.client(**CONTEXT)

    for text in (repr(client), repr(client.files), repr(client.users), repr(client.with_raw_response)):
        assert not [secret for secret in (TOKEN, *CONTEXT.values()) if secret in text]


# Context headers.

CONTEXT_HEADERS = {
    *("x-bot-id", "x-workspace-id", "x-integration-id", "x-integration-alias", "x-integration-name"),
    *("x-user-id", "x-user-role", "x-multiple-integrations", "x-destination-bot-id"),
}

WITHOUT_WORKSPACE = {
    *("getAccount", "updateAccount", "deleteAccount", "listPersonalAccessTokens", "createPersonalAccessToken"),
    *("deletePersonalAccessToken", "getAccountPreference", "setAccountPreference", "introspect", "listActivities"),
    *("listPublicIntegrations", "getPublicIntegration", "getPublicIntegrationById", "listPublicInterfaces"),
    *("getPublicInterface", "getPublicInterfaceById", "listPublicPlugins", "getPublicPlugin", "getPublicPluginById"),
    *("getPublicPluginCode", "getDereferencedPublicPluginById", "createWorkspace", "getWorkspace", "listWorkspaces"),
    *("updateWorkspace", "deleteWorkspace", "getPublicWorkspace", "listPublicWorkspaces", "checkHandleAvailability"),
    *("migrateWorkspaceToV4", "getAuditRecords", "getWorkspacePreference", "setWorkspacePreference"),
    *("listWorkspaceInvoices", "getUpcomingInvoice", "chargeWorkspaceUnpaidInvoices", "listWorkspaceUsages"),
    *("breakDownWorkspaceUsageByBot", "getAllWorkspaceQuotaCompletion", "getWorkspaceQuota", "listWorkspaceQuotas"),
    *("getMultipleUsages", "getPlan", "listPlans", "getAddon", "listAddons"),
}
"""The operations of administration and billing that name no workspace, or name it in their path."""


def required_header(made: Operation[Any]) -> str | None:
    """The header that an operation cannot do without, by the published rules and not by the description."""
    if made.path.startswith(("/v1/chat/", "/v1/files", "/v1/tables")):
        return "x-bot-id"
    return None if made.id in WITHOUT_WORKSPACE else "x-workspace-id"


@cache
def all_operations() -> dict[str, Operation[Any]]:
    """All operations of Botpress by id."""
    modules = [import_module(f"{operations.__name__}.{module.name}") for module in iter_modules(operations.__path__)]
    found = [value for module in modules for value in vars(module).values() if isinstance(value, Operation)]
    return {made.id: made for made in found}


def operation(id: str) -> Operation[Any]:
    return all_operations()[id]


def test_the_operations_without_a_workspace_are_all_listed() -> None:
    assert len(all_operations()) == 213
    assert all_operations().keys() >= WITHOUT_WORKSPACE


@pytest.mark.parametrize("id", sorted(all_operations()))
def test_an_operation_sends_the_headers_it_needs_and_no_others(botpress: BotpressHarness, id: str) -> None:
    client = botpress.client(transport := RecordingTransport(not_found), **CONTEXT)
    expected = {
        "x-bot-id": {"x-bot-id": BOT, "x-integration-id": INTEGRATION},
        "x-workspace-id": {"x-workspace-id": WORKSPACE},
        None: {},
    }

    assert sent_by(botpress, client, operation(id), transport) == expected[required_header(operation(id))]


@pytest.mark.parametrize("id", sorted(all_operations()))
def test_an_operation_without_its_bot_or_workspace_names_it_and_sends_nothing(
    botpress: BotpressHarness, id: str
) -> None:
    header = required_header(operation(id))
    others = {name: value for name, value in CONTEXT.items() if header != f"x-{name.replace('_', '-')}"}
    client = botpress.client(transport := RecordingTransport(not_found), **others)

    if header is None:
        assert sent_by(botpress, client, operation(id), transport) == {}
    else:
        setting = header.removeprefix("x-").replace("-", "_")
        expected = rf"this client has no {setting}; pass {setting}=\.\.\. to it or set BP_{setting.upper()}$"
        with pytest.raises(InvalidArgument, match=expected):
            call(botpress, client, operation(id))
        assert transport.requests == []


def test_what_is_missing_is_named_together_with_the_method(botpress: BotpressHarness) -> None:
    client = botpress.client(RecordingTransport(not_found))

    with pytest.raises(InvalidArgument, match=r"^Botpress users\.get: this client has no bot_id"):
        botpress.result(client.users.get("user_1"))


def test_other_context_headers_are_passed_as_headers(botpress: BotpressHarness) -> None:
    client = botpress.client(transport := RecordingTransport(not_found), bot_id=BOT)
    acting = client.with_options(headers={"X-User-Id": "user-7", "x-multiple-integrations": "true"})

    assert sent_by(botpress, acting, operation("getFile"), transport) == {
        "x-bot-id": BOT,
        "x-user-id": "user-7",
        "x-multiple-integrations": "true",
    }


def test_the_other_bot_of_a_copy_is_an_argument(botpress: BotpressHarness) -> None:
    client = botpress.client(transport := RecordingTransport(not_found), bot_id=BOT)

    with pytest.raises(trilogue.NotFound):
        botpress.result(client.files.copy("a.txt", "b/c.txt", destination_bot_id="bot-2"))

    assert context_of(transport.last) == {"x-bot-id": BOT, "x-destination-bot-id": "bot-2"}
    assert transport.last.url.raw_path == b"/v1/files/a.txt/b%2Fc.txt"


def context_of(request: httpx.Request) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name in CONTEXT_HEADERS}


def sent_by(
    botpress: BotpressHarness, client: Any, made: Operation[Any], transport: RecordingTransport
) -> dict[str, str]:
    """Call an operation, which fails, and return the context headers it was sent with."""
    with pytest.raises(trilogue.TrilogueError):
        call(botpress, client, made)
    return context_of(transport.last)


def call(botpress: BotpressHarness, client: Any, made: Operation[Any]) -> None:
    arguments = least_arguments(made)
    if isinstance(made, ListOperation):
        botpress.result(client._caller.paginate(made, arguments).page())
    else:
        botpress.result(client._caller.call(made, arguments))


# Narrowing.


def test_for_bot_calls_for_another_bot_and_leaves_the_original_as_it_was(botpress: BotpressHarness) -> None:
    client = botpress.client(transport := RecordingTransport(not_found), **CONTEXT)
    other = client.for_bot("bot-2")
    elsewhere = client.for_workspace("wkspace_2")

    assert sent_by(botpress, other, operation("getUser"), transport)["x-bot-id"] == "bot-2"
    assert sent_by(botpress, other, operation("getBot"), transport) == {"x-workspace-id": WORKSPACE}
    assert sent_by(botpress, elsewhere, operation("getBot"), transport) == {"x-workspace-id": "wkspace_2"}
    assert sent_by(botpress, elsewhere, operation("listUsers"), transport)["x-bot-id"] == BOT
    assert sent_by(botpress, client, operation("getUser"), transport)["x-bot-id"] == BOT


def test_for_bot_applies_to_resources_raw_responses_options_and_custom_requests(botpress: BotpressHarness) -> None:
    client = botpress.client(transport := RecordingTransport(user), bot_id=BOT)
    botpress.result(client.users.get("user_1"))
    other = client.for_bot("bot-2")

    botpress.result(other.users.get("user_1"))
    botpress.result(other.with_raw_response.users.get("user_1"))
    botpress.result(other.with_options(timeout=5).users.get("user_1"))
    botpress.result(other.request("GET", "/v1/chat/users/user_1"))

    assert [context_of(request)["x-bot-id"] for request in transport.requests] == [BOT, *["bot-2"] * 4]


def test_the_alias_of_one_integration_is_not_sent_for_another(botpress: BotpressHarness) -> None:
    client = botpress.client(transport := RecordingTransport(not_found), bot_id=BOT)
    second = client.for_integration("intver_2", alias="sales")

    assert sent_by(botpress, second, operation("getUser"), transport) == {
        "x-bot-id": BOT,
        "x-integration-id": "intver_2",
        "x-integration-alias": "sales",
    }
    assert sent_by(botpress, second.for_integration("intver_3"), operation("getUser"), transport) == {
        "x-bot-id": BOT,
        "x-integration-id": "intver_3",
    }
    with pytest.raises(InvalidArgument, match=r"^alias: expected"):
        client.for_integration("intver_2", alias="two words")


def test_clients_for_other_bots_share_the_connections_and_the_rate_limit(botpress: BotpressHarness) -> None:
    used_up = {"ratelimit_remaining": "0", "ratelimit_reset": "3"}

    def reply(request: Received, connection: Connection) -> bytes:
        return http(200, json.dumps({"user": USER}).encode(), **(used_up if "last" in request.line else {}))

    with serving(reply) as server:
        client = botpress.client(host=server.url, bot_id=BOT)
        botpress.result(client.for_workspace(WORKSPACE).users.get("user_1"))
        botpress.result(client.for_bot("bot-2").users.get("last"))
        botpress.result(client.for_bot("bot-3").users.get("user_1"))

        assert server.connections == 1
        assert botpress.clock.slept == [3.0]


def test_closing_a_copy_for_another_bot_leaves_the_others_usable(botpress: BotpressHarness) -> None:
    with serving(lambda request, connection: http(200, json.dumps({"user": USER}).encode())) as server:
        client = botpress.client(host=server.url, bot_id=BOT)
        botpress.result(client.users.get("user_1"))
        botpress.result(client.for_bot("bot-2").close())

        assert botpress.result(client.users.get("user_1")).id == "user_1"
        assert server.connections == 2


# What it writes.


def test_names_are_in_snake_case_here_and_in_camel_case_on_the_wire(botpress: BotpressHarness) -> None:
    client, transport = botpress.scripted(user(), bot_id=BOT)

    made = botpress.result(
        client.users.get_or_create(
            tags={"some_tag": "x"}, picture_url="https://example.org/a.png", discriminate_by_tags=["some_tag"]
        )
    )

    assert json.loads(transport.last.content) == {
        "tags": {"some_tag": "x"},
        "pictureUrl": "https://example.org/a.png",
        "discriminateByTags": ["some_tag"],
    }
    assert made.created_at == NOON
    assert made.to_dict() == {**USER, "createdAt": "2026-01-01T12:00:00Z", "updatedAt": "2026-01-01T12:00:00Z"}


@pytest.mark.parametrize(
    ("method", "arguments", "query"),
    [
        ("users.list", {"tags": {"plan": "plus", "home town": "A & B"}}, "tags.plan=plus&tags.home%20town=A%20%26%20B"),
        ("users.list", {"tags": {"a": None, "b:c": "+"}}, "tags.b%3Ac=%2B"),
        ("users.list", {"after_date": NOON}, "afterDate=2026-01-01T12%3A00%3A00.000Z"),
        ("conversations.list", {"participant_ids": ["u1", "u2"]}, "participantIds=u1&participantIds=u2"),
        ("workflows.list", {"statuses": ["failed"], "page_size": 5}, "pageSize=5&statuses=failed"),
        ("bots.list", {"dev": False, "integration_names": ["telegram"]}, "dev=false&integrationNames=telegram"),
        ("files.list", {"tags": {"team": "sales"}, "indexed": True}, "tags.team=sales&indexed=true"),
        ("files.list", {"tags": {"team": ["sales", "legal"]}}, "tags.team=sales&tags.team=legal"),
        ("files.list", {"tags": {"team": {"not": "sales"}}}, "tags.team.not=sales"),
        ("files.list", {"tags": {"team": {"in": ["a", "b"]}}}, "tags.team.in=a&tags.team.in=b"),
        ("files.list", {"tags": {"team": models.TagCondition(exists=False)}}, "tags.team.exists=false"),
        ("files.knowledge_bases.list", {"tags": {"a": models.TagCondition(not_=["b"])}}, "tags.a.not=b"),
    ],
)
def test_a_query_is_serialized_as_by_the_official_client(
    botpress: BotpressHarness, method: str, arguments: dict[str, Any], query: str
) -> None:
    field = method.split(".")[-2]
    rows = {"knowledge_bases": "knowledgeBases"}.get(field, field)
    client, transport = botpress.scripted(json_response(json={rows: [], "meta": {}}), **CONTEXT)

    assert botpress.rows(attrgetter(method)(client)(**arguments)) == []

    assert transport.last.url.query.decode() == query


def test_each_page_is_requested_with_the_token_of_the_last(botpress: BotpressHarness) -> None:
    token = "a+b/c=="
    client, transport = botpress.scripted(
        json_response(json={"users": [USER], "meta": {"nextToken": token}}),
        json_response(json={"users": [{**USER, "id": "user_2"}], "meta": {}}),
        bot_id=BOT,
    )

    rows = botpress.rows(client.users.list(tags={"plan": "plus"}))

    assert [row.id for row in rows] == ["user_1", "user_2"]
    assert transport.last.url.query == b"tags.plan=plus&nextToken=a%2Bb%2Fc%3D%3D"


def test_a_deletion_has_no_body_and_returns_none(botpress: BotpressHarness) -> None:
    client, transport = botpress.scripted(json_response(json={}), bot_id=BOT)

    assert botpress.result(client.users.delete("user 1/a")) is None

    assert (transport.last.method, transport.last.content) == ("DELETE", b"")
    assert transport.last.url.raw_path == b"/v1/chat/users/user%201%2Fa"


# Errors.

FAMILIES: dict[str, tuple[int, type[trilogue.ApiError]]] = {
    "Unknown": (500, trilogue.ServerError),
    "Internal": (500, trilogue.ServerError),
    "Unauthorized": (401, trilogue.AuthenticationFailed),
    "Forbidden": (403, trilogue.PermissionDenied),
    "PayloadTooLarge": (413, trilogue.PayloadTooLarge),
    "InvalidPayload": (400, trilogue.BadRequest),
    "UnsupportedMediaType": (415, trilogue.UnsupportedMediaType),
    "MethodNotFound": (405, trilogue.MethodNotAllowed),
    "ResourceNotFound": (404, trilogue.NotFound),
    "InvalidJsonSchema": (400, trilogue.BadRequest),
    "InvalidDataFormat": (400, trilogue.BadRequest),
    "InvalidIdentifier": (400, trilogue.BadRequest),
    "RelationConflict": (409, trilogue.Conflict),
    "ReferenceConstraint": (409, trilogue.Conflict),
    "ResourceLockedConflict": (409, trilogue.Conflict),
    "ResourceGone": (410, trilogue.Gone),
    "ReferenceNotFound": (400, trilogue.BadRequest),
    "InvalidQuery": (400, trilogue.BadRequest),
    "Runtime": (400, trilogue.BadRequest),
    "AlreadyExists": (409, trilogue.Conflict),
    "RateLimited": (429, trilogue.RateLimited),
    "PaymentRequired": (402, trilogue.PaymentRequired),
    "QuotaExceeded": (403, trilogue.LimitReached),
    "LimitExceeded": (413, trilogue.LimitReached),
    "BreakingChanges": (400, trilogue.BadRequest),
    "OperationTimeout": (504, trilogue.ServerError),
}


def by_occurrence(type: str, status: int) -> dict[str, Any]:
    """The body as the platform's own client reads it."""
    return {"id": "err_1", "code": status, "type": type, "message": "it went wrong", "metadata": {"field": "a"}}


def by_type(type: str, status: int) -> dict[str, Any]:
    """The body as the documentation shows it."""
    return {"type": type, "description": "it went wrong", "status": status}


def raised(botpress: BotpressHarness, reply: httpx.Response) -> trilogue.ApiError:
    client = botpress.client(RecordingTransport(lambda request: reply), bot_id=BOT, max_attempts=1)
    with pytest.raises(trilogue.ApiError) as caught:
        botpress.result(client.users.get("user_1"))
    return caught.value


def test_there_is_a_class_for_each_type_and_the_documentation_names_it() -> None:
    page = (ROOT / "docs" / "botpress.md").read_text(encoding="utf-8")

    assert errors.TYPES.keys() == FAMILIES.keys()
    assert [name for name in FAMILIES if f"`{name}`" not in page] == []


@pytest.mark.parametrize("form", [by_occurrence, by_type])
@pytest.mark.parametrize("type", FAMILIES)
def test_an_error_is_of_the_class_of_its_type_and_of_its_family(
    botpress: BotpressHarness, type: str, form: Callable[[str, int], dict[str, Any]]
) -> None:
    status, family = FAMILIES[type]

    error = raised(botpress, json_response(status, json=form(type, status)))

    assert error.__class__ is getattr(errors, type) is errors.TYPES[type]
    assert isinstance(error, family)
    assert isinstance(error, errors.BotpressError)
    assert (error.type, error.status, error.message) == (type, status, "it went wrong")
    assert error.body == form(type, status)
    assert error.request_id == ("err_1" if form is by_occurrence else None)
    assert str(error).startswith(f"Botpress users.get: {status} it went wrong")


def test_the_type_decides_and_the_status_only_where_the_type_is_not_known(botpress: BotpressHarness) -> None:
    odd = raised(botpress, json_response(400, json=by_occurrence("ResourceNotFound", 400)))
    new = raised(botpress, json_response(409, json=by_occurrence("BrandNewConflict", 409)))
    newer = raised(botpress, json_response(418, json=by_type("Teapot", 418)))

    assert (type(odd), odd.status) == (errors.ResourceNotFound, 400)
    assert (type(new), new.type, new.request_id) == (trilogue.Conflict, "BrandNewConflict", "err_1")
    assert (type(newer), newer.type, newer.message) == (trilogue.ApiError, "Teapot", "it went wrong")


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (b"<html>Bad gateway</html>", "<html>Bad gateway</html>"),
        (b"", None),
        (b"null", None),
        (b"[1]", [1]),
        (b'"no"', "no"),
        (b"{}", {}),
        (b'{"type": 5, "message": null, "id": []}', {"type": 5, "message": None, "id": []}),
        (b'{"type": ["Internal"], "message": {"a": 1}}', {"type": ["Internal"], "message": {"a": 1}}),
        (b'{"type": "Internal"', '{"type": "Internal"'),
    ],
)
def test_an_error_response_without_a_type_raises_the_class_of_its_status(
    botpress: BotpressHarness, content: bytes, body: Any
) -> None:
    error = raised(botpress, raw_response(403, content, "text/html"))

    assert (type(error), error.status, error.type, error.request_id) == (trilogue.PermissionDenied, 403, None, None)
    assert error.body == body
    assert str(error).startswith("Botpress users.get: 403 ")


def test_a_message_that_met_a_server_error_is_not_sent_twice(botpress: BotpressHarness) -> None:
    said = {"user_id": "user_1", "conversation_id": "conv_1", "type": "text", "payload": {"text": "Hi"}, "tags": {}}
    client, transport = botpress.scripted(json_response(504, json=by_occurrence("OperationTimeout", 504)), bot_id=BOT)

    with pytest.raises(OutcomeUnknown) as caught:
        botpress.result(client.messages.create(**said))

    assert len(transport.requests) == 1
    assert (caught.value.type, caught.value.request_id) == ("OperationTimeout", "err_1")


def test_a_429_is_retried_after_the_time_the_headers_name(botpress: BotpressHarness) -> None:
    refused = by_occurrence("RateLimited", 429)
    client, transport = botpress.scripted(
        json_response(429, json=refused, retry_after="4"),
        json_response(429, json=refused, ratelimit_remaining="0", ratelimit_reset="7"),
        user(),
        bot_id=BOT,
    )

    botpress.result(client.users.create(tags={}))

    assert len(transport.requests) == 3
    assert botpress.clock.slept[0] == 4.0
    assert sum(botpress.clock.slept[1:]) == 7.0


def test_a_used_up_limit_is_waited_for_before_a_429(botpress: BotpressHarness) -> None:
    client, transport = botpress.scripted(
        json_response(json={"user": USER}, ratelimit_limit="100", ratelimit_remaining="0", ratelimit_reset="1"),
        user(),
        bot_id=BOT,
    )

    botpress.repeat(lambda: client.users.get("user_1"), 2)

    assert (len(transport.requests), botpress.clock.slept) == (2, [1.0])


@pytest.mark.parametrize("reset", ["", "soon", "-1", "nan"])
def test_an_unreadable_reset_delays_nobody(botpress: BotpressHarness, reset: str) -> None:
    client, _ = botpress.scripted(
        json_response(json={"user": USER}, ratelimit_remaining="0", ratelimit_reset=reset), user(), bot_id=BOT
    )

    botpress.repeat(lambda: client.users.get("user_1"), 2)

    assert botpress.clock.slept == []


# What is loaded.

LOADED = """
import sys
from trilogue import {schema}
client = {schema}("bp_pat_test", bot_id="bot-1")
{use}
print("\\n".join(sys.modules))
"""


def loaded(schema: str, use: str = "") -> set[str]:
    """Run a program in an interpreter of its own; return the modules it has loaded."""
    program = LOADED.format(schema=schema, use=use)
    return set(
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    )


def below(modules: set[str], *names: str) -> set[str]:
    """The modules below these packages, without the packages themselves."""
    return {
        module
        for module in modules
        if module.startswith(tuple(f"trilogue_generated.botpress.{name}." for name in names))
    }


@pytest.mark.parametrize("schema", ["Botpress", "AsyncBotpress"])
def test_a_new_client_has_loaded_nothing_of_any_resource(schema: str) -> None:
    modules = loaded(schema)

    assert below(modules, "resources", "operations", "models", "raw") == set()
    assert modules.isdisjoint({"trilogue.botpress._files", "trilogue.rapidpro", "trilogue_sandbox", "jsonschema_rs"})


@pytest.mark.parametrize("client", ["Botpress", "AsyncBotpress"])
def test_a_resource_is_loaded_when_it_is_used_and_loads_no_other(client: str) -> None:
    modules = loaded(client, "client.users.get; client.tables.rows.find")

    assert below(modules, "resources") == {
        f"trilogue_generated.botpress.resources.{name}" for name in ("users", "tables", "tables_rows")
    }
    assert below(modules, "operations") == {
        f"trilogue_generated.botpress.operations.{name}" for name in ("users", "tables", "tables_rows")
    }
    assert below(modules, "models", "raw") == set()
