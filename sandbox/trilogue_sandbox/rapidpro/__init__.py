"""RapidPro: the API version 2 as the newer server (TextIt) has it, and beside it what only RapidPro 9 has."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

import attrs

from trilogue_sandbox.kernel.description import Match
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject, Request, Response
from trilogue_sandbox.kernel.known_faults import KnownFault
from trilogue_sandbox.kernel.operation import Operation
from trilogue_sandbox.kernel.platform import Account, ErrorReason, Leniency
from trilogue_sandbox.kernel.resource import control_error
from trilogue_sandbox.kernel.resource_platform import ResourcePlatform
from trilogue_sandbox.kernel.samples import SampleRequest
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro.access import Scope, Session, authenticate, count_call, not_authenticated, not_permitted
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.errors import ApiError, api_error
from trilogue_sandbox.rapidpro.exchange import Exchange
from trilogue_sandbox.rapidpro.leniencies import LENIENCIES
from trilogue_sandbox.rapidpro.registry import RESOURCES
from trilogue_sandbox.rapidpro.servers import SERVERS
from trilogue_sandbox.rapidpro.sign_ins import ACCOUNTS

_PATH = re.compile(r"/([a-z_]+)(\.json/?)?")
_SINGLE = ("definitions", "org", "statistics", "ticket_actions", "workspace")
"""The endpoints whose GET is not documented by an empty list, as they are no lists."""

_FIXED = ("contact_actions", "definitions", "message_actions", "org", "statistics", "ticket_actions", "workspace")
"""The endpoints at which the method is checked last, so that an anonymous caller gets 403 and not 405."""

_SCOPES: Mapping[str, Scope] = {
    "broadcasts": "v2.broadcasts",
    "contacts": "v2.contacts",
    "messages": "v2.messages",
    "runs": "v2.runs",
}
_NOT_FOUND = (
    '<!doctype html>\n<html lang="en">\n<head>\n  <title>Not Found</title>\n</head>\n<body>\n  <h1>Not Found</h1>'
    "<p>There is nothing at this address. Endpoints end in .json.</p>\n</body>\n</html>\n"
)
_NOT_ACCEPTABLE = "<!DOCTYPE html>\n<title>RapidPro</title>\n<p>This address responds with JSON only.</p>\n"


class RapidPro(ResourcePlatform[Exchange]):
    """The RapidPro server: routes requests and makes the checks that all endpoints share, in the server's order."""

    name = "rapidpro"
    prefix = "/rapidpro/api/v2"
    resources = RESOURCES
    sign_ins = ACCOUNTS
    leniencies: Sequence[Leniency] = LENIENCIES

    def respond(self, request: Request) -> Response:
        """Respond to a request."""
        try:
            response = self._route(request)
        except ApiError as error:
            response = error.response
        headers = response.headers.add(("Vary", "Accept, Cookie"), ("Content-Language", "en-us"))
        if request.method == "HEAD":
            return Response(response.status, headers)
        return response.with_headers(headers)

    def seed(self, data: JsonObject) -> object:
        """Add as many rows of each type as `data` says, to the workspace that `workspace` names."""
        rows = {key: value for key, value in data.items() if key != "workspace"}
        return self.resources.seed(WorkspaceContext.of(self.world, Fields(data, control_error)), rows)

    def error_response(self, reason: ErrorReason, status: int | None) -> Response:
        """Return the error response of an injected fault."""
        if reason == "expired_token":
            return api_error("Invalid token", status or 403).response
        if reason == "rate_limit":
            return api_error("Request was throttled.", status or 429).response
        return Response.html("Server Error. Site administrators have been notified.", status or 500)

    def sample_request(self, account: Account) -> SampleRequest:
        """Return a request for the workspace."""
        return SampleRequest("GET", "/workspace.json", {"Authorization": f"Token {account.credentials['token']}"})

    def _route(self, request: Request) -> Response:
        if not request.base_url.endswith(self.prefix):
            return self._outside(request)
        if request.path in ("", "/", "/.json"):
            return self._root(request)
        if request.path == "/explorer/":
            return Response.html("", 302, {"Location": f"{SERVERS[self.world.flavour].login}?next=/api/v2/explorer/"})
        found = _PATH.fullmatch(request.path)
        match = self.world.description.match(request.method, f"/{found[1]}.json") if found else None
        if found is None or match is None:
            return Response.html(_NOT_FOUND, 404)
        endpoint = _Endpoint(found[1], match)
        return self._call(request, endpoint, is_document=not found[2])

    def _outside(self, request: Request) -> Response:
        if request.path.rstrip("/") == "/rapidpro/api":
            return Response.empty(302, {"Location": "/rapidpro/api/v2/"})
        found = self.download(request) if request.method in ("GET", "HEAD") else None
        return found or Response.html(_NOT_FOUND, 404)

    def _call(self, request: Request, endpoint: _Endpoint, *, is_document: bool) -> Response:
        headers = {"Allow": _allow(endpoint.match.allowed)}
        try:
            if not is_document:
                _require_json(request)
            session = authenticate(self.world, request.headers.get("authorization", ""), self._scope(endpoint))
            if session:
                headers.update(_workspace_header(session))
            enter = self._document if is_document else self._admit
            response = enter(request, endpoint, session)
        except ApiError as error:
            response = error.response
        except KnownFault as fault:
            response = fault.mark(self.error_response("failure", 500))
        return response.with_headers(response.headers.add(*headers.items()))

    def _admit(self, request: Request, endpoint: _Endpoint, session: Session | None) -> Response:
        if endpoint.operation is None and endpoint.name not in _FIXED:
            raise _method_not_allowed(request)
        if session is None:
            raise not_authenticated()
        if not session.is_permitted:
            raise not_permitted()
        count_call(session, self._scope(endpoint))
        if request.method == "OPTIONS":
            return _options(endpoint)
        operation = self._get(endpoint) if request.method == "HEAD" else endpoint.operation
        if operation is None:
            raise _method_not_allowed(request)
        return self.handle(Exchange(request, operation, session.context, user_id=session.user_id))

    def _scope(self, endpoint: _Endpoint) -> Scope:
        """Return the rate limit that the calls of an endpoint count for."""
        scope = _SCOPES.get(endpoint.name, "v2")
        return scope if scope in SERVERS[self.world.flavour].calls_per_hour else "v2"

    def _get(self, endpoint: _Endpoint) -> Operation | None:
        match = self.world.description.match("GET", f"/{endpoint.name}.json")
        return match.operation if match else None

    def _document(self, request: Request, endpoint: _Endpoint, session: Session | None) -> Response:
        """Respond to a request without `.json`, which is never throttled."""
        if request.method != "GET":
            raise not_permitted() if session else not_authenticated()
        if not _prefers_json(request):
            return _page([f"{request.base_url}/{endpoint.name}.json"])
        return self._admit(request, endpoint, session) if endpoint.name in _SINGLE else Response.json([])

    def _root(self, request: Request) -> Response:
        """Return the addresses of the endpoints."""
        is_json = request.path == "/.json"
        if is_json:
            _require_json(request)
        if request.method != "GET":
            raise _method_not_allowed(request)
        paths = {operation.path for operation in self.world.description.operations.values()}
        names = sorted({path[1:].removesuffix(".json") for path in paths} - {*SERVERS[self.world.flavour].unlisted})
        headers = {"Allow": "GET, HEAD, OPTIONS"}
        if is_json or _prefers_json(request):
            return Response.json({name: f"{request.base_url}/{name}" for name in names}, headers=headers)
        return _page([f"{request.base_url}/{name}.json" for name in names])


@attrs.frozen
class _Endpoint:
    """A path of the API, and what the description has there for a method."""

    name: str
    match: Match

    @property
    def operation(self) -> Operation | None:
        return self.match.operation


@cache
def _allow(described: Sequence[str]) -> str:
    """Return the value of the Allow header where the description has some methods."""
    methods = [method for method in ("GET", "POST", "DELETE") if method in described]
    return ", ".join([*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS"])


def _options(endpoint: _Endpoint) -> Response:
    parses = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]
    title = "Workspace" if endpoint.name == "org" else endpoint.name.replace("_", " ").title()
    renders = ["text/html", "application/json"]
    return Response.json({"name": f"{title} Endpoint", "description": "", "renders": renders, "parses": parses})


def _workspace_header(session: Session) -> dict[str, str]:
    workspace, header = session.context.workspace, session.context.server.workspace_header
    return {header: str(workspace.id) if header == "X-Temba-Org" else workspace.uuid}


def _page(addresses: Sequence[str]) -> Response:
    """Return a page for people, who find the documentation elsewhere."""
    links = "".join(f'<li><a href="{address}">{address}</a></li>' for address in addresses)
    return Response.html(f"<!doctype html>\n<title>RapidPro</title>\n<ul>{links}</ul>\n")


def _method_not_allowed(request: Request) -> ApiError:
    return api_error(f'Method "{request.method}" not allowed.', 405)


def _require_json(request: Request) -> None:
    """Raise 406 if the Accept header does not allow JSON."""
    if not _accepts(request.headers.get("accept", "*/*"), "application/json"):
        raise ApiError(Response.html(_NOT_ACCEPTABLE, 406))


def _prefers_json(request: Request) -> bool:
    """Whether JSON is asked for where a page is offered first."""
    if dict(request.query).get("format") == "json":
        return True
    accepted = request.headers.get("accept", "*/*")
    return _accepts(accepted, "application/json") and not _accepts(accepted, "text/html")


@lru_cache(256)  # since a client asks for the same with each request
def _accepts(accepted: str, media_type: str) -> bool:
    ranges = [part.partition(";")[0].strip().lower() for part in accepted.split(",")]
    return any(wanted in ranges for wanted in ("*/*", f"{media_type.partition('/')[0]}/*", media_type))


def create(world: World) -> RapidPro:
    """Make the platform."""
    return RapidPro(world)
