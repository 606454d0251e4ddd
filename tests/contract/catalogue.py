"""The catalogue of faults: servers with a bug each, of which the contract suite alone must find every one.

`python -m tests.contract.catalogue` runs the suite against each and prints who found what, and how fast.
"""

from __future__ import annotations

import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import attrs
import msgspec
from trilogue_generated.platforms import BOTPRESS_CHAT
from trilogue_sandbox import Sandbox
from trilogue_sandbox.botpress_chat.default_data import accounts
from trilogue_sandbox.kernel.http import Request, Response

from tests.contract import contract, suite
from tests.contract.bugs import (
    as_caller,
    each,
    reading,
    rows,
    setting,
    with_body,
    with_header,
    with_status,
    without,
    without_header,
    without_input,
    writing,
)
from tests.contract.planted import (
    USERS,
    Bug,
    Buggy,
    Respond,
    a_created_user_is_not_stored,
    a_deleted_user_stays,
    a_later_page_repeats_a_user,
    a_page_repeats_a_row,
    create_is_not_stored,
    delete_does_not_delete,
)

Page = Mapping[str, Any]


@attrs.frozen
class Fault:
    """A bug of a server, the resources that the suite is run with, and a word of the problem it must name."""

    name: str
    platform: str
    bug: Bug
    resources: Sequence[str]
    problem: str


def later(request: Request) -> bool:
    """Whether a request is for a page that is not the first."""
    return reading(request) and any(name in dict(request.query) for name in ("cursor", "nextToken"))


def unfiltered(request: Request) -> bool:
    """Whether a request is for a list without filters."""
    return request.method == "GET" and not request.query


def updating(request: Request) -> bool:
    """Whether a request changes something that exists."""
    return writing(request) and ("uuid" in dict(request.query) or "update" in request.path or request.method == "PUT")


def link_to_itself(path: str, field: str) -> Bug:
    """Return the bug that a later page leads to itself."""

    def bug(request: Request, respond: Respond) -> Response:
        response = respond(request)
        if path not in request.path or not later(request) or response.status != 200:
            return response
        page = msgspec.json.decode(response.body)
        query = "&".join(f"{name}={value}" for name, value in request.query)
        link = f"http://sandbox.invalid{request.path}?{query}" if field == "next" else f"{request.path}?{query}"
        return attrs.evolve(response, body=msgspec.json.encode({**page, field: link}))

    return bug


def always_the_first(path: str, name: str, listed: str) -> Bug:
    """Return the bug that a reference is always to the first object there is."""

    def bug(request: Request, respond: Respond) -> Response:
        if path not in request.path or request.method != "POST" or name.encode() not in request.body:
            return respond(request)
        found = respond(attrs.evolve(request, method="GET", path=listed, query=[("manual_only", "true")], body=b""))
        first = msgspec.json.decode(found.body)["results"][0]["uuid"]
        body = {**msgspec.json.decode(request.body), name: first}
        return respond(attrs.evolve(request, body=msgspec.json.encode(body)))

    return bug


def another_object(path: str, name: str) -> Bug:
    """Return the bug that the same object is shown, whichever was asked for."""
    seen: list[str] = []

    def bug(request: Request, respond: Respond) -> Response:
        if path not in request.path:
            return respond(request)
        seen.append(msgspec.json.decode(request.body)[name])
        return respond(attrs.evolve(request, body=msgspec.json.encode({name: seen[0]})))

    return bug


def tokens_do_not_end(request: Request, respond: Respond) -> Response:
    """Take every access token for a valid one."""
    response = respond(request)
    is_refused = response.status == 401 and request.headers.get("authorization", "").startswith("Bearer ")
    return _with_token(request, respond) if is_refused else response


def the_secret_opens_everything(request: Request, respond: Respond) -> Response:
    """Take the secret of an app where only an access token is described."""
    is_secret = request.headers.get("authorization") == _BASIC and "/auth/" not in request.path
    return _with_token(request, respond) if is_secret else respond(request)


def _with_token(request: Request, respond: Respond) -> Response:
    """Respond as to a caller with a valid access token."""
    sign_in = attrs.evolve(
        request,
        path="/pantheon/v1.0/auth/getAccessToken",
        headers=request.headers.set("Authorization", _BASIC),
        query=(),
        body=b'{"grant_type": "client_credentials"}',
    )
    token = msgspec.json.decode(respond(sign_in).body)["access_token"]
    return respond(attrs.evolve(request, headers=request.headers.set("Authorization", f"Bearer {token}")))


def _not_own_key(given: str | None) -> bool:
    return given not in (None, _ANA)


def _forged(given: str | None) -> bool:
    return given is not None and given != _ANA and given.rpartition(".")[0] == _ANA.rpartition(".")[0]


def _plus_one(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda row: {**row, name: row[name] + 1} if isinstance(row.get(name), int) else row


def _basic(client_id: str, secret: str) -> str:
    return "Basic " + b64encode(f"{client_id}:{secret}".encode()).decode()


_BASIC, _OF_ANOTHER = _basic("PANTHEONSCALE", "secret-of-scale"), _basic("PANTHEONSTANDARD", "secret-of-standard")
_ADMIN, _AGENT = "Token ADMNSTRATR222222222222222222222222222222", "Token AGENT22222222222222222222222222222222222"
_EMPTY, _PAT = (
    "Token EMPTY22222222222222222222222222222222222",
    "Bearer bp_pat_SandboxSandboxSandboxSandboxSandbox1",
)
_STRANGER = "Bearer bp_pat_SandboxSandboxSandboxSandboxSandbox2"
_BOT, _INTEGRATION = (
    f"Bearer bp_{name}_SandboxSandboxSandboxSandboxSandbox{n}" for name, n in (("bak", 3), ("iak", 4))
)
_KEY = "x-user-key"
_ANA = accounts(BOTPRESS_CHAT.base_path.removeprefix("/"))[0].credentials["user_key"]
_RESULTS, _ITEMS = "results", "items"


def _rapidpro(name: str, bug: Bug, resources: str, problem: str) -> Fault:
    return Fault(name, "rapidpro", bug, resources.split(), problem)


def _pantheon(name: str, bug: Bug, resources: str, problem: str) -> Fault:
    return Fault(name, "pantheon", bug, resources.split(), problem)


def _botpress(name: str, bug: Bug, resources: str, problem: str) -> Fault:
    return Fault(name, "botpress", bug, resources.split(), problem)


def _chat(name: str, bug: Bug, resources: str, problem: str) -> Fault:
    return Fault(name, "botpress_chat", bug, resources.split(), problem)


OF_RAPIDPRO = (
    _rapidpro("a filter by group is ignored", without_input("/contacts.json", "group"), "contacts", "filter"),
    _rapidpro("a filter by contact is ignored", without_input("/messages.json", "contact"), "messages", "filter"),
    _rapidpro("a filter by label is ignored", without_input("/messages.json", "label"), "messages", "filter"),
    _rapidpro("a filter by flow is ignored", without_input("/runs.json", "flow"), "runs", "filter"),
    _rapidpro("a filter by UUID is ignored", without_input("/groups.json", "uuid", reading), "groups", "filter"),
    _rapidpro("a filter by role is ignored", without_input("/users.json", "role"), "users", "filter"),
    _rapidpro("a flag is ignored", without_input("/flows.json", "archived"), "flows", "filter"),
    _rapidpro("after is ignored", without_input("/contacts.json", "after"), "contacts", "bound"),
    _rapidpro("before is ignored", without_input("/messages.json", "before"), "messages", "bound"),
    _rapidpro("reverse is ignored", without_input("/contacts.json", "reverse"), "contacts", "order"),
    _rapidpro(
        "the oldest messages come first",
        with_body("/messages.json", rows(lambda found: found[::-1], _RESULTS)),
        "messages",
        "order",
    ),
    _rapidpro(
        "a row is skipped where a page begins",
        with_body("/channel_events.json", rows(lambda found: found[1:], _RESULTS), later),
        "channel_events",
        "skipped",
    ),
    _rapidpro(
        "next is missing on the second page",
        with_body("/channel_events.json", lambda page: {**page, "next": None}, later),
        "channel_events",
        "ends too early",
    ),
    _rapidpro("the pages form a cycle", link_to_itself("/channel_events.json", "next"), "channel_events", "cycle"),
    _rapidpro(
        "a count is stale", with_body("/groups.json", each(_plus_one("count"), _RESULTS)), "groups contacts", "count"
    ),
    _rapidpro(
        "a count of labels is stale",
        with_body("/labels.json", each(_plus_one("count"), _RESULTS)),
        "labels messages",
        "count",
    ),
    _rapidpro(
        "a name is lost in an update", without_input("/contacts.json", "name", updating), "contacts", "as it was sent"
    ),
    _rapidpro(
        "a language is lost in a create",
        without_input("/contacts.json", "language", writing),
        "contacts",
        "as it was sent",
    ),
    _rapidpro(
        "a language is lost in an update",
        without_input("/contacts.json", "language", updating),
        "contacts",
        "as it was sent",
    ),
    _rapidpro(
        "a reference is always to the first group",
        always_the_first("/campaigns.json", "group", "/rapidpro/api/v2/groups.json"),
        "campaigns groups",
        "as it was sent",
    ),
    _rapidpro("a page repeats a row", a_page_repeats_a_row, "labels", "repeated"),
    _rapidpro(
        "previous leads nowhere",
        with_body("/channel_events.json", lambda page: {**page, "previous": page["next"]}, later),
        "channel_events",
        "way back",
    ),
    _rapidpro("a delete does not delete", delete_does_not_delete, "labels", "still there"),
    _rapidpro("a create is not stored", create_is_not_stored, "labels", "not found"),
    _rapidpro(
        "the newest group is not listed",
        with_body("/groups.json", rows(lambda found: found[1:], _RESULTS), unfiltered),
        "groups",
        "not listed",
    ),
    _rapidpro(
        "a required field is missing",
        with_body("/labels.json", each(without("count"), _RESULTS)),
        "labels",
        "missing field",
    ),
    _rapidpro(
        "a field is null",
        with_body("/contacts.json", each(setting("uuid", None), _RESULTS)),
        "contacts",
        "unexpected null",
    ),
    _rapidpro(
        "a number is a string", with_body("/groups.json", each(setting("count", "3"), _RESULTS)), "groups", "wrong type"
    ),
    _rapidpro(
        "a field is new", with_body("/fields.json", each(setting("colour", "red"), _RESULTS)), "fields", "unknown field"
    ),
    _rapidpro(
        "a value is new", with_body("/flows.json", each(setting("type", "chat"), _RESULTS)), "flows", "unknown value"
    ),
    _rapidpro(
        "a time is in milliseconds",
        with_body("/topics.json", each(setting("created_on", 1767225600000), _RESULTS)),
        "topics",
        "wrong type",
    ),
    _rapidpro("a list is an error of the server", with_status("/topics.json", {200: 500}), "topics", "server error"),
    _rapidpro("a status is not described", with_status("/labels.json", {200: 206}), "labels", "undocumented status"),
    _rapidpro(
        "nobody is asked for a token", as_caller("", _ADMIN, lambda given: given is None), "labels", "credentials"
    ),
    _rapidpro("an agent may use the API", as_caller("", _ADMIN, lambda given: given == _AGENT), "labels", "refused"),
    _rapidpro(
        "workspaces are not isolated",
        as_caller("", _ADMIN, lambda given: given == _EMPTY),
        "contacts",
        "another account",
    ),
)

OF_PANTHEON = (
    _pantheon("requests are not counted", with_header("X-RateLimit-Remaining", "100"), "channels", "not counted"),
    _pantheon("idempotency keys are not looked at", without_header("Idempotency-Key"), "webhooks", "repeat"),
    _botpress("requests are not counted", with_header("RateLimit-Remaining", "5"), "users", "not counted"),
    _pantheon("access tokens do not end", tokens_do_not_end, "channels", "does not expire"),
    _pantheon(
        "a lifetime is in milliseconds",
        with_body("/auth/getAccessToken", lambda body: {**body, "expires_in": body["expires_in"] * 1000}),
        "channels",
        "too early",
    ),
    _pantheon(
        "a lifetime is in minutes",
        with_body("/auth/getAccessToken", lambda body: {**body, "expires_in": body["expires_in"] // 60}),
        "channels",
        "does not expire",
    ),
    _pantheon("limit is ignored", without_input("/listContacts", "limit"), "contacts", "page size"),
    _pantheon("order is ignored", without_input("/listContacts", "order"), "contacts", "order"),
    _pantheon("created_after is ignored", without_input("/listContacts", "created_after"), "contacts", "bound"),
    _pantheon("a filter by status is ignored", without_input("/listChannels", "status"), "channels", "filter"),
    _pantheon(
        "a filter by contact is ignored", without_input("/listConversations", "contact_id"), "conversations", "filter"
    ),
    _pantheon("a filter by address is ignored", without_input("/listContacts", "address"), "contacts", "filter"),
    _pantheon(
        "a row is skipped where a page begins",
        with_body("/listContacts", rows(lambda found: found[1:], _ITEMS), later),
        "contacts",
        "skipped",
    ),
    _pantheon(
        "next is missing on the second page",
        with_body("/listContacts", lambda page: {**page, "next_cursor": None}, later),
        "contacts",
        "too early",
    ),
    _pantheon("the pages form a cycle", link_to_itself("/listContacts", "next_cursor"), "contacts", "cycle"),
    _pantheon(
        "accounts are not isolated",
        as_caller("/getAccessToken", _BASIC, lambda given: given == _OF_ANOTHER),
        "contacts",
        "another account",
    ),
    _pantheon(
        "a language is lost in an update", without_input("/updateContact", "language"), "contacts", "as it was sent"
    ),
    _pantheon(
        "a subject is lost in a create", without_input("/createWebhook", "description"), "webhooks", "as it was sent"
    ),
    _pantheon(
        "the lifetime of a password is not looked at",
        without_input("/sendOtp", "ttl"),
        "otps conversations",
        "as it was sent",
    ),
    _pantheon(
        "a password lives a day",
        with_body("/sendOtp", setting("expires_at", "2026-01-02T12:00:00.000Z"), writing),
        "otps conversations",
        "lifetime",
    ),
    _pantheon(
        "a time of creation is in another zone",
        with_body("/createContact", setting("created_at", "2026-01-01T17:00:00.000Z"), writing),
        "contacts",
        "not now",
    ),
    _pantheon(
        "a payment does not expire",
        with_body("/getPayment", lambda body: {**body, "status": "requested"}),
        "payments conversations",
        "does not expire",
    ),
    _pantheon("the secret of an app opens everything", the_secret_opens_everything, "contacts", "another scheme"),
    _pantheon("another contact is shown", another_object("/getContact", "contact_id"), "contacts", "another object"),
)

OF_BOTPRESS = (
    _botpress("pageSize is ignored", without_input("/users", "pageSize"), "users", "page size"),
    _botpress("tags are ignored", without_input("/users", "tags", reading), "users", "filter"),
    _botpress(
        "a filter by conversation is ignored",
        without_input("/messages", "conversationId", reading),
        "messages",
        "filter",
    ),
    _botpress("sortDirection is ignored", without_input("/users", "sortDirection"), "users", "order"),
    _botpress("afterDate is ignored", without_input("/messages", "afterDate"), "messages", "bound"),
    _botpress("a later page repeats a row", a_later_page_repeats_a_user, "users", "repeated"),
    _botpress("a delete does not delete", a_deleted_user_stays, "users", "still there"),
    _botpress("a create is not stored", a_created_user_is_not_stored, "users", "not found"),
    _botpress(
        "bots are not isolated", as_caller("", _PAT, lambda given: given == _STRANGER), "users", "another account"
    ),
    _botpress(
        "files are not isolated",
        as_caller("/files", _PAT, lambda given: given == _STRANGER),
        "files",
        "another account",
    ),
    _botpress(
        "the key of a bot may administrate", as_caller("/admin/", _PAT, lambda given: given == _BOT), "bots", "refused"
    ),
    _botpress(
        "the key of an integration sees bills",
        as_caller("/billing/", _PAT, lambda given: given == _INTEGRATION),
        "billing.invoices billing.payment_method",
        "refused",
    ),
    _botpress(
        "a state is stored without its payload",
        with_body("/states/", lambda body: {**body, "state": {**body["state"], "payload": {}}}, writing),
        "states conversations",
        "as it was sent",
    ),
    _botpress("a name is lost in an update", without_input("/users", "name", updating), "users", "as it was sent"),
    _botpress(
        "the list shows another name",
        with_body("/users", each(setting("name", "Somebody"), "users")),
        "users",
        "list shows",
    ),
    _botpress(
        "a count of messages is stale",
        with_body("/conversations", each(_plus_one("messageCount"), "conversations")),
        "conversations messages",
        "count",
    ),
)

OF_THE_CHAT = (
    _chat("users are not isolated", as_caller("", _ANA, _not_own_key, _KEY), "conversations", "another account"),
    _chat(
        "who takes no part reads the messages",
        as_caller("/messages", _ANA, _not_own_key, _KEY),
        "conversations messages",
        "another account",
    ),
    _chat("the signature of a key is not looked at", as_caller("", _ANA, _forged, _KEY), "conversations", "refused"),
    _chat(
        "nobody is asked for a key",
        as_caller("", _ANA, lambda given: given is None, _KEY),
        "conversations",
        "credentials",
    ),
)

FAULTS = (*OF_RAPIDPRO, *OF_PANTHEON, *OF_BOTPRESS, *OF_THE_CHAT)


@attrs.frozen
class Found:
    """What the suite named of a fault, and what it took."""

    fault: Fault
    problems: Sequence[str]
    requests: int
    seconds: float

    @property
    def is_found(self) -> bool:
        """Whether the problem was named."""
        return any(self.fault.problem in problem for problem in self.problems)


def find(fault: Fault) -> Found:
    """Run the suite against a server with this fault."""
    paths = {a_deleted_user_stays: USERS, a_created_user_is_not_stored: USERS, a_later_page_repeats_a_user: USERS}
    paths |= dict.fromkeys(
        (delete_does_not_delete, create_is_not_stored, a_page_repeats_a_row), "/rapidpro/api/v2/labels.json"
    )
    started = time.perf_counter()

    def make(**settings: Any) -> Sandbox:
        return Buggy(fault.bug, paths.get(fault.bug, "/"), **settings)

    with contract.make_sandbox(fault.platform, make) as sandbox:
        report = suite.run(fault.platform, sandbox, "normal", 1, *fault.resources)
        problems = [f"{found.problem} ({found.operation})" for found, _ in report.findings]
    return Found(fault, problems, report.responses.total(), time.perf_counter() - started)


def table(faults: Sequence[Fault] = FAULTS) -> Iterator[str]:
    """Yield the lines of the table, the last one with how many were found."""
    found = [find(fault) for fault in faults]
    for each_found in found:
        named = next((problem for problem in each_found.problems if each_found.fault.problem in problem), "NOT FOUND")
        yield (
            f"{each_found.fault.platform:9} {each_found.fault.name:44} {named:64}"
            f"{each_found.requests:6} requests {each_found.seconds:5.1f} s"
        )
    yield f"{sum(one.is_found for one in found)} of {len(found)} found"


def main() -> int:
    """Print the table; 1 if a fault was not found."""
    lines = []
    for line in table():
        print(line, flush=True)
        lines.append(line)
    return int(any("NOT FOUND" in line for line in lines))


if __name__ == "__main__":
    sys.exit(main())
