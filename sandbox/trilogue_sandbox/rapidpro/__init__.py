"""RapidPro: the API version 2 as the newer server (TextIt) has it, and beside it what only RapidPro 9 has."""

from __future__ import annotations

import re
from collections.abc import Sequence

import attrs

from trilogue_sandbox.kernel.http import Headers, JsonObject, Request, Response
from trilogue_sandbox.kernel.platform import Account, ControlError, ErrorReason, Leniency, Platform
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import documentation, files, limits, negotiation, seeding
from trilogue_sandbox.rapidpro.auth import Session, authenticate, not_permitted, unauthenticated
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.errors import ApiError, refusal
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.leniencies import LENIENCIES
from trilogue_sandbox.rapidpro.registry import ACTIONS, ENDPOINTS
from trilogue_sandbox.rapidpro.tables import make_tables

_PATH = re.compile(r"/([a-z_]+)(\.json/?)?")


class RapidPro:
    """The RapidPro server: routes requests and makes the checks that all endpoints share, in the server's order."""

    name = "rapidpro"
    prefix = "/rapidpro/api/v2"
    leniencies: Sequence[Leniency] = LENIENCIES

    def __init__(self, world: World) -> None:
        self._world = world

    def respond(self, request: Request) -> Response:
        """Answer a request."""
        request = attrs.evolve(request, method=request.method.upper())
        try:
            response = self._route(request)
        except ApiError as refused:
            response = refused.response
        headers = Headers([*response.headers.pairs, ("Vary", "Accept, Cookie"), ("Content-Language", "en-us")])
        return attrs.evolve(response, headers=headers, body=b"" if request.method == "HEAD" else response.body)

    def reset(self) -> None:
        """Make the tables and fill in the workspaces."""
        make_tables(self._world.store)
        seeding.furnish(self._world)

    def seed(self, data: JsonObject) -> object:
        """Add as many rows of each kind as `data` says."""
        return seeding.seed(self._world, data)

    def control(self, action: str, arguments: JsonObject) -> object:
        """Do what a person, a channel or the passing of time does."""
        if action not in ACTIONS:
            raise ControlError(f"there is no action {action!r}; there is: {', '.join(sorted(ACTIONS))}")
        return ACTIONS[action](self._world, arguments)

    def accounts(self) -> Sequence[Account]:
        """Return the tokens."""
        return seeding.ACCOUNTS

    def error_response(self, reason: ErrorReason, status: int | None) -> Response:
        """Return the error response of an injected fault."""
        if reason == "expired_token":
            return refusal("Invalid token", status or 403).response
        if reason == "rate_limit":
            return refusal("Request was throttled.", status or 429).response
        return Response.html("Server Error. Site administrators have been notified.", status or 500)

    def _route(self, request: Request) -> Response:
        if not request.base_url.endswith(self.prefix):
            return files.respond(self._world, request)
        if request.path in ("", "/", "/.json"):
            return documentation.root(self._world, request, self.accounts())
        found = _PATH.fullmatch(request.path)
        endpoint = ENDPOINTS.get(found[1]) if found else None
        if found is None or endpoint is None:
            return documentation.not_found()
        return self._call(request, endpoint) if found[2] else self._document(request, endpoint)

    def _call(self, request: Request, endpoint: Endpoint) -> Response:
        negotiation.require_json(request)
        session = authenticate(self._world, request.headers.get("authorization", ""))
        try:
            response = self._admit(request, endpoint, session)
        except ApiError as refused:
            response = refused.response
        headers = response.headers.set("Allow", endpoint.allowed)
        if session:
            headers = headers.set("X-Temba-Workspace", session.tenant.workspace.uuid)
        return attrs.evolve(response, headers=headers)

    def _admit(self, request: Request, endpoint: Endpoint, session: Session | None) -> Response:
        handler = endpoint.handlers.get(request.method)
        if handler is None and not endpoint.is_fixed:
            raise _method_not_allowed(request)
        if session is None:
            raise unauthenticated()
        if not session.is_permitted:
            raise not_permitted()
        limits.count_call(session.tenant, endpoint.scope)
        call = Call(request, session.tenant, session.user)
        with self._world.store.transaction():  # a refusal undoes what the handler has done, but the call counts
            return handler(call) if handler else _answer_by_default(call, endpoint)

    def _document(self, request: Request, endpoint: Endpoint) -> Response:
        """Show the documentation. It is never throttled: the real server counts its readers by their address."""
        session = authenticate(self._world, request.headers.get("authorization", ""))
        if request.method != "GET":
            raise not_permitted() if session else unauthenticated()
        if not negotiation.prefers_json(request):
            return documentation.page(self._world, request, endpoint.name)
        return Response.json([]) if endpoint.is_list else self._admit(request, endpoint, session)


def _answer_by_default(call: Call, endpoint: Endpoint) -> Response:
    """Answer HEAD and OPTIONS where nothing forbids them, and refuse everything else."""
    if call.request.method == "HEAD" and endpoint.get:
        return endpoint.get(call)
    if call.request.method == "OPTIONS":
        return documentation.options(endpoint.name)
    raise _method_not_allowed(call.request)


def _method_not_allowed(request: Request) -> ApiError:
    return refusal(f'Method "{request.method}" not allowed.', 405)


def create(world: World) -> Platform:
    """Make the platform."""
    return RapidPro(world)
