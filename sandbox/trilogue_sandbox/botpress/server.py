"""The server: routes requests and makes the checks that all operations share."""

from __future__ import annotations

import attrs

from trilogue_sandbox.botpress import credentials, errors, roles
from trilogue_sandbox.botpress.admission import Admission
from trilogue_sandbox.botpress.errors import ERRORS, ApiError, ErrorType, PartialError
from trilogue_sandbox.botpress.exchange import Exchange
from trilogue_sandbox.botpress.limits import REQUESTS, Allowance, count_request, limit
from trilogue_sandbox.botpress.resources import RESOURCES
from trilogue_sandbox.kernel.description import Match
from trilogue_sandbox.kernel.http import JsonObject, Request, Response
from trilogue_sandbox.kernel.operation import Inputs, Operation
from trilogue_sandbox.kernel.platform import Account, ControlError, ErrorReason, Leniency
from trilogue_sandbox.kernel.resource_platform import ResourcePlatform
from trilogue_sandbox.kernel.samples import SampleRequest

_CREATED = frozenset({"createConversation", "createEvent", "createMessage", "createUser", "createWorkflow"})
"""The operations that respond with 201; all others respond with 200, even those that create."""

_ERROR_OF_FAULT: dict[ErrorReason, ErrorType] = {
    "expired_token": "Unauthorized",
    "rate_limit": "RateLimited",
    "failure": "Internal",
}


class Botpress(ResourcePlatform[Exchange]):
    """The Botpress server."""

    name = "botpress"
    prefix = "/botpress"
    resources = RESOURCES
    sign_ins = credentials.ACCOUNTS
    leniencies = (Leniency("*", "body", "unknown", "the platform's own client sends an empty object with each DELETE"),)

    def respond(self, request: Request) -> Response:
        """Respond to a request."""
        if downloaded := self.download(request):
            return downloaded
        match = self.world.description.match(request.method, request.path)
        operation = match.operation if match else None
        admission = Admission.of(self.world, request, operation)
        caller = request.headers.get("authorization", "")
        allowance = count_request(self.world, caller, admission.limit(REQUESTS))
        if allowance.is_exceeded:
            response = self._rate_limited()
        elif match is None or operation is None:
            response = self._method_not_found(request, match)
        else:
            response = self._respond(admission, match, operation)
        return response.with_headers(response.headers.add(*allowance.headers.items()))

    def sample_request(self, account: Account) -> SampleRequest:
        """Return a request for the conversations of the bot."""
        given = account.credentials
        headers = {"Authorization": f"Bearer {given['token']}", "x-bot-id": given["bot_id"]}
        if "integration_id" in given:
            headers["x-integration-id"] = given["integration_id"]
        return SampleRequest("GET", "/v1/chat/conversations", headers)

    def control(self, action: str, arguments: JsonObject) -> object:
        """Do what a person, a channel or the passing of time does."""
        try:
            return super().control(action, arguments)
        except ApiError as error:
            raise ControlError(f"{error.error_type}: {error.message}") from error

    def error_response(self, reason: ErrorReason, status: int | None) -> Response:
        """Return the error response of an injected fault."""
        error_type = _ERROR_OF_FAULT[reason]
        if status is not None and ERRORS[error_type].status != status:
            error_type = errors.of_status(status)
        response = errors.respond(self.world, error_type, ERRORS[error_type].description, status=status)
        allowed = limit(self.world, REQUESTS)
        allowance = Allowance(allowed, 0 if reason == "rate_limit" else allowed)
        return attrs.evolve(response, headers={**response.headers, **allowance.headers})

    def _rate_limited(self) -> Response:
        response = errors.respond(self.world, "RateLimited", "too many requests, try again in 1 s")
        return attrs.evolve(response, headers=response.headers.set("Retry-After", "1"))

    def _respond(self, admission: Admission, match: Match, operation: Operation) -> Response:
        request = admission.request
        try:
            actor = admission.admit(operation)
            inputs = operation.read(operation.without_surplus_body(request), match.path_values)
            _require_valid(inputs)
            exchange = Exchange.read(request, operation, actor, inputs)
            if actor.bot_id and operation.describes(402):
                roles.require_paid_by(actor)
            with self.world.store.transaction():  # an error undoes what the handler has done
                return self._handle(exchange)
        except ApiError as error:
            return self._error(error)

    def _handle(self, exchange: Exchange) -> Response:
        operation_id = exchange.operation.id
        try:
            document = RESOURCES.operations[operation_id](exchange)
            return Response.json(document, 201 if operation_id in _CREATED else 200)
        except PartialError as error:  # handled in here, so that nothing is undone
            return self._error(error)

    def _error(self, error: ApiError) -> Response:
        return errors.respond(self.world, error.error_type, error.message, error.metadata)

    def _method_not_found(self, request: Request, match: Match | None) -> Response:
        response = errors.respond(self.world, "MethodNotFound", f"there is no {request.method} {request.path}")
        headers = response.headers.set("Allow", ", ".join(match.allowed)) if match else response.headers
        return attrs.evolve(response, headers=headers)


def _require_valid(inputs: Inputs) -> None:
    if not inputs.violations:
        return
    violation = inputs.violations[0]
    if violation.location == "header/content-type":
        raise ApiError("UnsupportedMediaType", "send the body as application/json")
    raise ApiError("InvalidPayload" if violation.location.startswith("body") else "InvalidQuery", str(violation))
