"""The server: the checks that all operations share, in the order that the description gives."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import format_datetime

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject, Request, Response
from trilogue_sandbox.kernel.operation import Operation
from trilogue_sandbox.kernel.platform import Account as SignIn
from trilogue_sandbox.kernel.platform import ErrorReason, Leniency
from trilogue_sandbox.kernel.resource import Resources, control_error
from trilogue_sandbox.kernel.resource_platform import ResourcePlatform
from trilogue_sandbox.kernel.samples import SampleRequest, basic
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import (
    apps,
    authentication,
    channel_operations,
    chat,
    contact_operations,
    conversations,
    default_data,
    deliveries,
    files,
    idempotency,
    logins,
    magic_inputs,
    message_operations,
    otps,
    payments,
    seeders,
    simulated_contacts,
    webhooks,
)
from trilogue_sandbox.pantheon.accounts import Account, new_id
from trilogue_sandbox.pantheon.apps import Allowance, count_call, limits_of, seconds_to_next_minute
from trilogue_sandbox.pantheon.authentication import authenticate_app, authenticate_token, token_error
from trilogue_sandbox.pantheon.errors import CONTENT_TYPE, ApiError, error_response, invalid
from trilogue_sandbox.pantheon.explanations import explain
from trilogue_sandbox.pantheon.operations import AppExchange, account_of

_NO_VERSION = "There is no such version of the API; the current one is v1.0."

_NO_ENDPOINT = Allowance(120, 120)
"""What is left for a response that no endpoint gave: that of most endpoints on the plan `free`."""


class Pantheon(ResourcePlatform[AppExchange]):
    """The Pantheon server."""

    name = "pantheon"
    prefix = "/pantheon/v1.0"
    sign_ins = default_data.SIGN_INS
    leniencies = (
        Leniency("files_upload", "body/file", "minLength", "a file is no string here; the handler checks its size"),
    )
    resources = Resources(
        (
            authentication.RESOURCE,
            apps.RESOURCE,
            channel_operations.RESOURCE,
            contact_operations.RESOURCE,
            conversations.RESOURCE,
            message_operations.RESOURCE,
            simulated_contacts.RESOURCE,
            files.RESOURCE,
            payments.RESOURCE,
            logins.RESOURCE,
            otps.RESOURCE,
            magic_inputs.RESOURCE,
            chat.RESOURCE,
            webhooks.RESOURCE,
            deliveries.RESOURCE,
            idempotency.RESOURCE,
            default_data.RESOURCE,
            seeders.RESOURCE,
        ),
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        world.background_jobs.add_source(deliveries.Deliveries(world).next_attempt)

    def relabel(self, request: Request) -> Request:
        """Return a request for a token as a form, if it is one under the content type of JSON."""
        return authentication.relabel(request) if request.path == authentication.TOKEN_PATH else request

    def respond(self, request: Request) -> Response:
        """Respond to a request."""
        if not request.base_url.endswith(self.prefix):
            found = self.download(request) if request.method in ("GET", "HEAD") else None
            response = found or error_response(404, _NO_VERSION)
            return self._complete(response) if response.status >= 400 else response
        match = self.world.description.match(request.method, request.path)
        if match is None or match.operation is None:
            return self._complete(error_response(404))
        endpoint = request.path.removeprefix("/")
        try:
            account = self._authenticate(request, endpoint)
        except ApiError as error:
            total = limits_of(self.world.description)[endpoint]["free"]
            return self._complete(error.response, Allowance(total, total))
        allowance = count_call(account, endpoint)
        response = self._limited() if allowance.is_exceeded else self._respond(request, match.operation, account)
        return self._complete(response, allowance)

    def seed(self, data: JsonObject) -> object:
        """Add what each key of the data asks for to the account of the app `client_id`; return the ids."""
        account = account_of(self.world, Fields(data, control_error))
        return self.resources.seed(account, {key: value for key, value in data.items() if key != "client_id"})

    def error_response(self, reason: ErrorReason, status: int | None) -> Response:
        """Return the response of an injected fault."""
        remaining = 0 if reason == "rate_limit" else _NO_ENDPOINT.remaining
        return self._complete(self._fault(reason, status), Allowance(_NO_ENDPOINT.total, remaining))

    def sample_request(self, account: SignIn) -> SampleRequest:
        """Return a request for an access token, with which all others are sent."""
        headers = {"Authorization": basic(*account.credentials.values()), "Content-Type": "application/json"}
        return SampleRequest("POST", authentication.TOKEN_PATH, headers, '{"grant_type": "client_credentials"}')

    def _fault(self, reason: ErrorReason, status: int | None) -> Response:
        if reason == "expired_token":
            return token_error("The access token has expired.").response
        if reason == "rate_limit":
            return self._limited()
        if status == 400:
            return invalid([("body", "The body is refused by a fault of the sandbox")]).response
        return error_response(status or 500)

    def _authenticate(self, request: Request, endpoint: str) -> Account:
        authenticate = authenticate_app if endpoint.startswith("auth/") else authenticate_token
        origin = request.base_url.removesuffix(self.prefix)
        return authenticate(self.world, request.headers.get("authorization", ""), origin)

    def _limited(self) -> Response:
        seconds = seconds_to_next_minute(self.world)
        message = f"Too many calls, try again in {seconds} seconds."
        return error_response(429, message, {"Retry-After": str(seconds)})

    def _respond(self, request: Request, operation: Operation, account: Account) -> Response:
        inputs = operation.read(request, {})
        if violations := self.violations(operation, inputs):
            return invalid(explain(violations)).response
        exchange = AppExchange.of(request, operation, account, inputs)
        try:
            return self._handle_once(exchange, exchange.headers.optional_string(idempotency.HEADER.lower()))
        except ApiError as error:
            return error.response

    def _handle_once(self, exchange: AppExchange, key: str | None) -> Response:
        if key is None:
            return self.handle(exchange)
        kept = idempotency.find_response(exchange, key)
        if kept is not None:
            return Response(200, {"Content-Type": CONTENT_TYPE, "Idempotent-Replayed": "true"}, kept)
        response = self.handle(exchange)
        idempotency.keep_response(exchange, key, response.body)
        return response

    def _complete(self, response: Response, allowance: Allowance = _NO_ENDPOINT) -> Response:
        """Add the headers of every response."""
        headers: Mapping[str, str] = {
            **allowance.headers,
            "Cache-Control": "no-store",
            "X-Request-Id": new_id(self.world, "req"),
            "Date": format_datetime(self.world.clock.now(), usegmt=True),
        }
        return response.with_headers(response.headers.set("Content-Type", CONTENT_TYPE).add(*headers.items()))
