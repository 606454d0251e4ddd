"""The server: routes requests and makes the checks that all operations share."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

import attrs

from trilogue_sandbox.botpress import errors, limits, seeding
from trilogue_sandbox.botpress.auth import Caller, authenticate, family_of, require_family
from trilogue_sandbox.botpress.billing_block import require_paid
from trilogue_sandbox.botpress.errors import KINDS, ApiError, ErrorType, PartialError
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.leniencies import LENIENCIES
from trilogue_sandbox.botpress.registry import ACTIONS, FOLDERS, HANDLERS, MAKERS, RESOURCES
from trilogue_sandbox.botpress.rules import raise_planned_refusal
from trilogue_sandbox.botpress.scopes import find_scope
from trilogue_sandbox.botpress.tables import make_tables
from trilogue_sandbox.kernel.description import Inputs, Match, Operation
from trilogue_sandbox.kernel.http import Headers, JsonObject, Request, Response
from trilogue_sandbox.kernel.platform import Account, ControlError, ErrorReason, Leniency
from trilogue_sandbox.kernel.world import World

_CREATED = frozenset(
    {"createConversation", "createEvent", "createMessage", "createUser", "createWorkflow"},
)
"""The operations that answer 201; all others answer 200, even those that create."""

_ERROR_OF_FAULT: dict[ErrorReason, ErrorType] = {
    "expired_token": "Unauthorized",
    "rate_limit": "RateLimited",
    "failure": "Internal",
}


class Botpress:
    """The Botpress server: routes requests and makes the checks that all operations share."""

    name = "botpress"
    prefix = "/botpress"
    leniencies: Sequence[Leniency] = LENIENCIES

    def __init__(self, world: World) -> None:
        self._world = world

    def respond(self, request: Request) -> Response:
        """Answer a request."""
        folder, _, rest = request.path.lstrip("/").partition("/")
        if folder in FOLDERS:
            return FOLDERS[folder](self._world, request, unquote(rest))
        authorization = request.headers.get("authorization", "")
        allowance = limits.count_request(self._world, authorization)
        response = self._limited(allowance) if allowance.is_exceeded else self._answer(request, authorization)
        return attrs.evolve(response, headers=Headers([*response.headers.pairs, *allowance.headers.items()]))

    def reset(self) -> None:
        """Make the tables and fill in what is there from the beginning."""
        make_tables(self._world.store, [resource.schema for resource in RESOURCES])
        seeding.furnish(self._world)
        for resource in RESOURCES:
            if resource.furnish:
                resource.furnish(self._world)

    def seed(self, data: JsonObject) -> object:
        """Make what each key of the data asks for."""
        return seeding.seed(self._world, data, MAKERS)

    def control(self, action: str, arguments: JsonObject) -> object:
        """Do what a person, a channel or the passing of time does."""
        if action not in ACTIONS:
            raise ControlError(f"there is no action {action!r}; there is: {', '.join(sorted(ACTIONS))}")
        try:
            return ACTIONS[action](self._world, arguments)
        except ApiError as refused:
            raise ControlError(f"{refused.error_type}: {refused.message}") from refused

    def accounts(self) -> Sequence[Account]:
        """Return the tokens."""
        return seeding.ACCOUNTS

    def error_response(self, reason: ErrorReason, status: int | None) -> Response:
        """Return the error response of an injected fault."""
        error_type = _ERROR_OF_FAULT[reason]
        if status is not None and KINDS[error_type].status != status:
            error_type = errors.of_status(status)
        response = errors.answer(self._world, error_type, KINDS[error_type].description, status=status)
        return attrs.evolve(response, headers={**response.headers, **self._allowance(reason).headers})

    def _allowance(self, reason: ErrorReason) -> limits.Allowance:
        allowed = limits.limit(self._world, limits.REQUESTS)
        return limits.Allowance(allowed, 0 if reason == "rate_limit" else allowed, 1)

    def _limited(self, allowance: limits.Allowance) -> Response:
        message = f"too many requests, try again in {allowance.reset_seconds} s"
        response = errors.answer(self._world, "RateLimited", message)
        return attrs.evolve(response, headers=response.headers.set("Retry-After", str(allowance.reset_seconds)))

    def _answer(self, request: Request, authorization: str) -> Response:
        match = self._world.description.match(request.method, request.path)
        if match is None or match.operation is None:
            return self._refuse_method(request, match.allowed if match else ())
        operation = match.operation
        try:
            caller = self._admit(request, operation, authorization)
            with self._world.store.transaction():  # a refusal undoes what the handler has done
                return self._call(request, match, operation, caller)
        except ApiError as refused:
            return self._refuse(refused)

    def _refuse(self, refused: ApiError) -> Response:
        return errors.answer(self._world, refused.error_type, refused.message, refused.metadata)

    def _call(self, request: Request, match: Match, operation: Operation, caller: Caller) -> Response:
        required = {parameter.name for parameter in operation.parameters if parameter.is_required}
        scope = find_scope(self._world, caller, request.headers, required)
        inputs = operation.read(_without_surplus_body(request, operation), match.path_values)
        _refuse_violations(inputs)
        call = Call.of(self._world, request, operation.id, caller, scope, inputs)
        if scope.bot_id and operation.describes(402):
            require_paid(call)
        try:
            return Response.json(HANDLERS[operation.id](call), 201 if operation.id in _CREATED else 200)
        except PartialError as refused:  # answered in here, so that nothing is undone
            return self._refuse(refused)

    def _refuse_method(self, request: Request, allowed: Sequence[str]) -> Response:
        response = errors.answer(self._world, "MethodNotFound", f"there is no {request.method} {request.path}")
        headers = response.headers.set("Allow", ", ".join(allowed)) if allowed else response.headers
        return attrs.evolve(response, headers=headers)

    def _admit(self, request: Request, operation: Operation, authorization: str) -> Caller:
        caller = authenticate(self._world, authorization)
        family = family_of(operation.path)
        require_family(caller, family)
        if len(request.body) > limits.limit(self._world, family.body_limit):
            raise ApiError("PayloadTooLarge", "the request body is larger than this family of operations takes")
        raise_planned_refusal(self._world, operation.id)
        return caller


def _without_surplus_body(request: Request, operation: Operation) -> Request:
    """Drop the empty object that comes with a DELETE."""
    is_surplus = operation.request_body is None and request.body.strip() == b"{}"
    return attrs.evolve(request, body=b"") if is_surplus else request


def _refuse_violations(inputs: Inputs) -> None:
    if not inputs.violations:
        return
    violation = inputs.violations[0]
    if violation.location == "header/content-type":
        raise ApiError("UnsupportedMediaType", "send the body as application/json")
    kind: ErrorType = "InvalidPayload" if violation.location.startswith("body") else "InvalidQuery"
    raise ApiError(kind, str(violation))
