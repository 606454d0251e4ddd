"""The server: who is let in, in which order things are checked."""

from __future__ import annotations

import attrs
from trilogue_generated.platforms import BOTPRESS_CHAT

from trilogue_sandbox.botpress_chat import (
    bot,
    chat,
    conversations,
    default_data,
    errors,
    events,
    messages,
    participants,
    settings,
    signals,
    user_keys,
    users,
)
from trilogue_sandbox.botpress_chat.caller import Caller, Exchange, Resource
from trilogue_sandbox.botpress_chat.errors import STATUSES, ApiError, ErrorType
from trilogue_sandbox.kernel.description import Match
from trilogue_sandbox.kernel.http import Request, Response
from trilogue_sandbox.kernel.operation import Operation
from trilogue_sandbox.kernel.platform import Account, ErrorReason, Leniency
from trilogue_sandbox.kernel.resource import Resources
from trilogue_sandbox.kernel.resource_platform import ResourcePlatform
from trilogue_sandbox.kernel.samples import SampleRequest
from trilogue_sandbox.kernel.world import World

_BODY_BYTES = 1024 * 1024
_ERROR_OF_FAULT: dict[ErrorReason, ErrorType] = {
    "expired_token": "Unauthorized",
    "rate_limit": "RateLimited",
    "failure": "Internal",
}


def _hello(world: World, request: Request, rest: str) -> Response | None:
    """Greet a client that looks whether there is a server, as the platform's own does first."""
    return Response(200, {"Content-Type": "text/plain; charset=utf-8"}, "Hello, Botpress User 🤖".encode())


class BotpressChat(ResourcePlatform[Exchange]):
    """The Chat integration of one bot."""

    name = BOTPRESS_CHAT.name
    prefix = BOTPRESS_CHAT.prefix
    resources = Resources[Exchange](
        (
            settings.RESOURCE,
            users.RESOURCE,
            conversations.RESOURCE,
            participants.RESOURCE,
            messages.RESOURCE,
            events.RESOURCE,
            signals.RESOURCE,
            bot.RESOURCE,
            chat.RESOURCE,
            default_data.RESOURCE,
            Resource(downloads={"hello": _hello}),
        ),
    )
    sign_ins = default_data.accounts(BOTPRESS_CHAT.base_path.removeprefix("/"))
    leniencies = (Leniency("*", "body", "unknown", "the platform's own client sends an empty object with each DELETE"),)

    def respond(self, request: Request) -> Response:
        """Respond to a request."""
        if downloaded := self.download(request):
            return downloaded
        match = self.world.description.match(request.method, request.path)
        if match is None or match.operation is None:
            return self._method_not_found(request, match)
        try:
            return self._respond(request, match, match.operation)
        except ApiError as error:
            return errors.respond(self.world, error.error_type, str(error))

    def sample_request(self, account: Account) -> SampleRequest:
        """Return a request for the conversations of a user."""
        return SampleRequest("GET", "/conversations", {"x-user-key": account.credentials["user_key"]})

    def error_response(self, reason: ErrorReason, status: int | None) -> Response:
        """Return the error response of an injected fault."""
        error_type = _ERROR_OF_FAULT[reason]
        if status is not None and STATUSES[error_type] != status:
            error_type = errors.of_status(status)
        return errors.respond(self.world, error_type, "An injected fault.", status)

    def _respond(self, request: Request, match: Match, operation: Operation) -> Response:
        caller = self._authenticate(request, operation)
        if len(request.body) > _BODY_BYTES:
            raise ApiError("PayloadTooLarge", f"the body has more than {_BODY_BYTES} bytes")
        inputs = operation.read(operation.without_surplus_body(request), match.path_values)
        for violation in inputs.violations:
            if violation.location == "header/content-type":
                raise ApiError("UnsupportedMediaType", "send the body as application/json")
            raise ApiError(
                "InvalidQuery" if violation.location.startswith("query") else "InvalidPayload", str(violation)
            )
        return self.handle(Exchange.of(request, operation, caller, inputs))

    def _authenticate(self, request: Request, operation: Operation) -> Caller:
        if operation.node.child("security") is not None:  # the only one of its own is that of createUser: none
            return Caller(self.world)
        key = request.headers.get("x-user-key", "")
        user_id = user_keys.read(key, settings.settings(self.world)["encryption_key"])
        if user_id is None:
            raise ApiError("Unauthorized", "Invalid user key")
        return Caller(self.world, user_id)

    def _method_not_found(self, request: Request, match: Match | None) -> Response:
        response = errors.respond(self.world, "MethodNotFound", f"there is no {request.method} {request.path}")
        headers = response.headers.set("Allow", ", ".join(match.allowed)) if match else response.headers
        return attrs.evolve(response, headers=headers)
