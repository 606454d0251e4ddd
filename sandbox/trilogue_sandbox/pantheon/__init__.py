"""Pantheon: the API version 1.0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.utils import format_datetime

import attrs

from trilogue_sandbox.kernel.description import Inputs, Operation
from trilogue_sandbox.kernel.http import Headers, JsonObject, Request, Response
from trilogue_sandbox.kernel.platform import Account as SandboxAccount
from trilogue_sandbox.kernel.platform import ControlError, ErrorReason, Leniency, Platform
from trilogue_sandbox.kernel.timestamps import MILLISECONDS
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import downloads, explanations, idempotency, limits, naming, origins, seeding
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.auth import App, authenticate_app, authenticate_token, token_refusal
from trilogue_sandbox.pantheon.deliveries import Deliveries
from trilogue_sandbox.pantheon.errors import ApiError, answer, invalid
from trilogue_sandbox.pantheon.exchanges import Call
from trilogue_sandbox.pantheon.fields import Fields
from trilogue_sandbox.pantheon.registry import ACTIONS, HANDLERS, TIMERS
from trilogue_sandbox.pantheon.tables import make_tables

_KEY = idempotency.HEADER.lower()
_TYPICAL_LIMIT = 120
"""What a fault says of the rate limit, since it does not know which endpoint it strikes."""


class Pantheon:
    """The Pantheon server: makes the checks that all methods share, in the order that the description gives."""

    name = "pantheon"
    prefix = "/pantheon/v1.0"
    leniencies: Sequence[Leniency] = (
        Leniency(
            "files_upload", "body/file", "minLength", "a file is no text here; its size is looked at by the handler"
        ),
    )

    def __init__(self, world: World) -> None:
        self._world = world
        world.background_jobs.add_source(Deliveries(world).next_attempt)

    def respond(self, request: Request) -> Response:
        """Answer a request."""
        if not request.base_url.endswith(self.prefix):
            return downloads.respond(self._world, request)
        origins.remember(self._world, request.base_url.removesuffix(self.prefix))
        match = self._world.description.match(request.method, request.path)
        if match is None or match.operation is None:
            return self._signed(answer(404))
        endpoint = request.path.removeprefix("/")
        try:
            app = self._authenticate(request, endpoint)
        except ApiError as refused:
            total = limits.limit(self._world, endpoint, "free")
            return self._signed(refused.response, limits.Allowance(total, total).headers)
        allowance = limits.count_call(self._world, app.account_id, endpoint)
        response = self._limited() if allowance.is_exceeded else self._answer(request, match.operation, app)
        return self._signed(response, allowance.headers)

    def reset(self) -> None:
        """Make the tables and fill in what is there from the beginning."""
        make_tables(self._world.store)
        seeding.furnish(self._world)

    def seed(self, data: JsonObject) -> object:
        """Make what each key of the data asks for."""
        return seeding.seed(self._world, data)

    def control(self, action: str, arguments: JsonObject) -> object:
        """Do what a person, a platform or the passing of time does."""
        found = ACTIONS.get(action) or TIMERS.get(action)
        if found is None:
            raise ControlError(f"there is no action {action!r}; there is: {', '.join(sorted(ACTIONS))}")
        return found(self._world, arguments)

    def accounts(self) -> Sequence[SandboxAccount]:
        """Return the credentials of the apps."""
        return seeding.ACCOUNTS

    def error_response(self, reason: ErrorReason, status: int | None) -> Response:
        """Return the error response of an injected fault."""
        remaining = 0 if reason == "rate_limit" else _TYPICAL_LIMIT
        return self._signed(self._fault(reason, status), limits.Allowance(_TYPICAL_LIMIT, remaining).headers)

    def _fault(self, reason: ErrorReason, status: int | None) -> Response:
        if reason == "expired_token":
            return token_refusal("The access token has expired.").response
        if reason == "rate_limit":
            return self._limited()
        if status == 400:
            return invalid([("body", "Refused by a fault of the sandbox")]).response
        return answer(status or 500)

    def _authenticate(self, request: Request, endpoint: str) -> App:
        authenticate = authenticate_app if endpoint.startswith("auth/") else authenticate_token
        return authenticate(self._world, request.headers.get("authorization", ""))

    def _limited(self) -> Response:
        seconds = limits.seconds_to_next_minute(self._world)
        message = f"Too many calls, try again in {seconds} seconds."
        return answer(429, message, {"Retry-After": str(seconds)})

    def _answer(self, request: Request, operation: Operation, app: App) -> Response:
        try:
            inputs = self._read(request, operation)
            call = _call(self._world, request, app, inputs)
            with self._world.store.transaction():  # a refusal undoes what the handler has done, but the call counts
                return _handled(call, operation.id, inputs.headers.get(_KEY))
        except ApiError as refused:
            return refused.response

    def _read(self, request: Request, operation: Operation) -> Inputs:
        inputs = operation.read(request, {})
        tolerated = {(leniency.operation_id, leniency.location, leniency.keyword) for leniency in self.leniencies}
        violations = [
            fault for fault in inputs.violations if (operation.id, fault.location, fault.keyword) not in tolerated
        ]
        if violations:
            raise invalid(explanations.explain(violations))
        return inputs

    def _signed(self, response: Response, more: Mapping[str, str] | None = None) -> Response:
        """Add the headers of every answer."""
        headers = {
            **(more or {}),
            "Cache-Control": "no-store",
            "X-Request-Id": naming.new_id(self._world, "req"),
            "Date": format_datetime(self._world.clock.now(), usegmt=True),
        }
        return attrs.evolve(response, headers=Headers([*response.headers.pairs, *headers.items()]))


def _call(world: World, request: Request, app: App, inputs: Inputs) -> Call:
    cursor = inputs.query.get("cursor")
    return Call(
        account=Account(world, app.account_id),
        app=app,
        endpoint=request.path.removeprefix("/"),
        url=request.base_url + request.path,
        body=Fields.of(inputs.body),
        files=inputs.files,
        cursor=cursor if isinstance(cursor, str) else None,
    )


def _handled(call: Call, operation_id: str, key: object) -> Response:
    if not isinstance(key, str):
        return Response.json(HANDLERS[operation_id](call))
    kept = idempotency.kept_answer(call, key)
    if kept is not None:
        return Response(200, {"Content-Type": "application/json", "Idempotent-Replayed": "true"}, kept)
    response = Response.json(HANDLERS[operation_id](call))
    idempotency.keep_answer(call, key, response.body)
    return response


def create(world: World) -> Platform:
    """Make the platform."""
    return Pantheon(attrs.evolve(world, timestamps=MILLISECONDS))
