"""The server: routes requests and makes the checks that all operations share."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from urllib.parse import unquote

import attrs

from trilogue_sandbox.botpress import credentials, errors, roles
from trilogue_sandbox.botpress.admission import Admission
from trilogue_sandbox.botpress.errors import ERRORS, ApiError, ErrorType, PartialError
from trilogue_sandbox.botpress.exchange import Actor, Exchange
from trilogue_sandbox.botpress.limits import REQUESTS, Allowance, RequestCounter, limit
from trilogue_sandbox.botpress.resources import RESOURCES
from trilogue_sandbox.kernel.description import Inputs, Match, Operation
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Headers, Json, JsonObject, Request, Response
from trilogue_sandbox.kernel.platform import Account, ControlError, ErrorReason, Leniency
from trilogue_sandbox.kernel.timestamps import MILLISECOND
from trilogue_sandbox.kernel.world import World

_CREATED = frozenset({"createConversation", "createEvent", "createMessage", "createUser", "createWorkflow"})
"""The operations that respond with 201; all others respond with 200, even those that create."""

_ERROR_OF_FAULT: dict[ErrorReason, ErrorType] = {
    "expired_token": "Unauthorized",
    "rate_limit": "RateLimited",
    "failure": "Internal",
}


class Botpress:
    """The Botpress server."""

    name = "botpress"
    prefix = "/botpress"
    leniencies: Sequence[Leniency] = (
        Leniency("*", "body", "unknown", "the platform's own client sends an empty object with each DELETE"),
    )

    def __init__(self, world: World) -> None:
        self._world = world
        self._counter = RequestCounter()

    def respond(self, request: Request) -> Response:
        """Respond to a request."""
        folder, _, rest = request.path.lstrip("/").partition("/")
        if folder in RESOURCES.downloads:
            return RESOURCES.downloads[folder](self._world, request, unquote(rest))
        match = self._world.description.match(request.method, request.path)
        admission = Admission.of(self._world, request, match.operation if match else None)
        caller = request.headers.get("authorization", "")
        allowance = self._counter.count(caller, self._world.now, admission.limit(REQUESTS))
        response = self._rate_limited() if allowance.is_exceeded else self._respond(admission, match)
        return attrs.evolve(response, headers=Headers([*response.headers.pairs, *allowance.headers.items()]))

    def reset(self) -> None:
        """Create the tables and the default data."""
        self._counter.clear()
        RESOURCES.reset(self._world)

    def seed(self, data: JsonObject) -> object:
        """Add what each key of the data asks for."""
        return RESOURCES.seed(self._world, data)

    def control(self, action: str, arguments: JsonObject) -> object:
        """Do what a person, a channel or the passing of time does."""
        try:
            return RESOURCES.control(self._world, action, arguments)
        except ApiError as error:
            raise ControlError(f"{error.error_type}: {error.message}") from error

    def accounts(self) -> Sequence[Account]:
        """Return the tokens."""
        return credentials.ACCOUNTS

    def refusal(self, reason: ErrorReason, status: int | None) -> Response:
        """Return the error response of an injected fault."""
        error_type = _ERROR_OF_FAULT[reason]
        if status is not None and ERRORS[error_type].status != status:
            error_type = errors.of_status(status)
        response = errors.respond(self._world, error_type, ERRORS[error_type].description, status=status)
        allowed = limit(self._world, REQUESTS)
        allowance = Allowance(allowed, 0 if reason == "rate_limit" else allowed)
        return attrs.evolve(response, headers={**response.headers, **allowance.headers})

    def _rate_limited(self) -> Response:
        response = errors.respond(self._world, "RateLimited", "too many requests, try again in 1 s")
        return attrs.evolve(response, headers=response.headers.set("Retry-After", "1"))

    def _respond(self, admission: Admission, match: Match | None) -> Response:
        if match is None or match.operation is None:
            return self._method_not_found(admission.request, match.allowed if match else ())
        undoing = nullcontext() if match.operation.method == "GET" else self._world.store.transaction()
        try:
            actor = admission.admit(match.operation)
            with undoing:  # an error undoes what the handler has done
                return self._handle(admission.request, match, match.operation, actor)
        except ApiError as error:
            return self._error(error)

    def _handle(self, request: Request, match: Match, operation: Operation, actor: Actor) -> Response:
        exchange = _exchange(request, match, operation, actor)
        if actor.bot_id and _describes(operation, "402"):
            roles.require_paid_by(actor)
        try:
            document: Json = RESOURCES.operations[operation.id](exchange)
            return Response.json(document, 201 if operation.id in _CREATED else 200)
        except PartialError as error:  # handled in here, so that nothing is undone
            return self._error(error)

    def _error(self, error: ApiError) -> Response:
        return errors.respond(self._world, error.error_type, error.message, error.metadata)

    def _method_not_found(self, request: Request, allowed: Sequence[str]) -> Response:
        response = errors.respond(self._world, "MethodNotFound", f"there is no {request.method} {request.path}")
        headers = response.headers.set("Allow", ", ".join(allowed)) if allowed else response.headers
        return attrs.evolve(response, headers=headers)


def _exchange(request: Request, match: Match, operation: Operation, actor: Actor) -> Exchange:
    inputs = operation.read(_without_surplus_body(request, operation), match.path_values)
    _require_valid(inputs)
    path, query, headers, body = (
        Fields.of(values, error)
        for values, error in (
            (inputs.path, _query_error),
            (inputs.query, _query_error),
            (inputs.headers, _query_error),
            (inputs.body, _body_error),
        )
    )
    query, body = (attrs.evolve(fields, precision=MILLISECOND) for fields in (query, body))
    return Exchange(request, operation, actor, path, query, headers, body)


def _query_error(name: str, message: str) -> Exception:
    return ApiError("InvalidQuery", f"{name} {message}")


def _body_error(name: str, message: str) -> Exception:
    return ApiError("InvalidPayload", f"{name} {message}")


def _require_valid(inputs: Inputs) -> None:
    if not inputs.violations:
        return
    violation = inputs.violations[0]
    if violation.location == "header/content-type":
        raise ApiError("UnsupportedMediaType", "send the body as application/json")
    raise ApiError("InvalidPayload" if violation.location.startswith("body") else "InvalidQuery", str(violation))


def _describes(operation: Operation, status: str) -> bool:
    responses = operation.node.child("responses")
    return responses is not None and responses.child(status) is not None


def _without_surplus_body(request: Request, operation: Operation) -> Request:
    """Drop the empty object that comes with a DELETE."""
    is_surplus = operation.node.child("requestBody") is None and request.body.strip() == b"{}"
    return attrs.evolve(request, body=b"") if is_surplus else request
