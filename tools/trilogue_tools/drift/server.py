"""A live server, and what is sent to it: within a number of requests, and read only unless told otherwise."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from attrs import define, field, frozen
from msgspec.structs import replace
from trilogue._auth import StaticAuth
from trilogue._calls import JSON, build
from trilogue._drift.differences import Difference
from trilogue._drift.responses import compare_response
from trilogue._http.messages import HttpRequest, HttpResponse
from trilogue._json import parse_json
from trilogue._serialization.arguments import Serialized
from trilogue._serialization.strings import encode_query, to_form_value
from trilogue.errors import ConnectionFailed, RateLimited, TrilogueError
from trilogue_generated.runtime.operation import ContextHeader, Operation
from trilogue_generated.runtime.unset import UNSET

from trilogue_tools.drift.endpoints import Endpoint

SECONDS = 60.0
"""How long one request may take, waits for the rate limit not included."""


class BudgetSpent(Exception):
    """No request is left of those that were announced, or of those that the platform allows."""


@frozen(eq=False)
class Exchange:
    """A request that was sent, and its response; `status` is None if none came, and `error` says why."""

    endpoint: Endpoint
    method: str
    url: str = field(repr=False)
    status: int | None
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    seconds: float
    error: str = ""

    @property
    def is_granted(self) -> bool:
        """Whether the server did what it was asked to."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def body(self) -> Any:
        """The body as JSON values; None if it is no JSON."""
        try:
            return parse_json(self.content)
        except ValueError:
            return None

    def differences(self) -> list[Difference]:
        """Return how the response differs from its description, each difference once for each time it occurs."""
        if self.status is None:
            return []
        description = self.endpoint.description
        return [*compare_response(description, self.endpoint.node, self.status, self.headers, self.content)]


@frozen(eq=False)
class AccessToken:
    """An access token, when it was issued by the clock of the server, and the seconds it is said to live."""

    value: str = field(repr=False)
    issued_at: datetime
    lifetime: int


@define(eq=False)
class _Recorder:
    """Stands in the place of a client's connections: counts the requests, and keeps the last response."""

    inner: Any
    limit: int
    sent: int = 0
    is_reached: bool = False
    last: HttpResponse | None = None
    token: AccessToken | None = None

    def send(self, request: HttpRequest) -> HttpResponse:
        if self.sent >= self.limit:
            raise BudgetSpent
        self.sent += 1
        self.last = None
        response: HttpResponse = self.inner.send(request)
        self.last, self.is_reached = response, True
        self._note_token(response)
        return response

    def _note_token(self, response: HttpResponse) -> None:
        """Note the last access token, when it was issued and how long it is said to live."""
        if b'"access_token"' in response.content and b'"expires_in"' in response.content:
            body, date = parse_json(response.content), response.headers.get("date")
            if date is not None:
                self.token = AccessToken(body["access_token"], parsedate_to_datetime(date), body["expires_in"])

    def close(self) -> None:
        self.inner.close()


class Server:
    """Sends requests as a client would, with its credentials and its pace, and keeps what came back.

    `listeners` are told of each exchange. Nothing is sent past `limit` requests, those to sign in included, and nothing
    that may change something unless `writes`.
    """

    def __init__(self, client: Any, limit: int, *, writes: bool = False) -> None:
        """Take over a client that is used for nothing else."""
        self._client = client.with_options(max_attempts=1)
        self._recorder = _Recorder(client._http, limit)
        self._client._http = self._recorder
        self._scheme: str | None = None
        self.writes = writes
        self.listeners: list[Callable[[Exchange], None]] = []

    def anonymous(self) -> Server:
        """Return the same server, called without credentials."""
        return self.with_auth(StaticAuth(None))

    def as_account(self, client: Any) -> Server:
        """Return the same server, called with the credentials of another client."""
        return self.with_auth(client._core.auth)

    def with_scheme(self, name: str) -> Server:
        """Return the same server, called with the credentials of one security scheme, whatever an operation takes."""
        other = copy.copy(self)
        other._scheme = name
        return other

    def with_auth(self, auth: Any) -> Server:
        """Return the same server, called with other credentials."""
        other = copy.copy(self)
        other._client = self._client._copy(replace(self._client._core, auth=auth))
        return other

    @property
    def context(self) -> Mapping[str, str]:
        """The headers that the client fills in from its settings."""
        found: Mapping[str, str] = self._client._core.context
        return found

    @property
    def token(self) -> AccessToken | None:
        """The last access token; None if the credentials do not end."""
        return self._recorder.token

    @property
    def sent(self) -> int:
        """How many requests were sent."""
        return self._recorder.sent

    @property
    def left(self) -> int:
        """How many requests may still be sent."""
        return self._recorder.limit - self._recorder.sent

    def send(self, endpoint: Endpoint, values: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Exchange:
        """Send a request with these inputs.

        Raises:
            BudgetSpent: no request is left.
        """
        path = endpoint.path
        for name in (name for name, each in endpoint.inputs.items() if each.location == "path" and name in values):
            path = path.replace(f"{{{name}}}", quote(str(values[name]), safe=""))
        query = [pair for name, value in _located(endpoint, values, "query").items() for pair in _pairs(name, value)]
        in_headers = {name: to_form_value(value) for name, value in _located(endpoint, values, "header").items()}
        has_body = endpoint.body_schema is not None
        body = _located(endpoint, values, "body") if has_body else UNSET
        return self._send(endpoint, path, encode_query(query), body, {**in_headers, **(headers or {})})

    def follow(self, endpoint: Endpoint, values: Mapping[str, Any], link: str) -> Exchange:
        """Send the request for a further page; `link` is what the page before it names."""
        assert endpoint.page is not None
        if endpoint.page.style != "next-url":
            return self.send(endpoint, {**values, endpoint.page.parameter: link})
        position = dict(parse_qsl(urlsplit(link).query, keep_blank_values=True)).get(endpoint.page.parameter)
        if position is None:
            query = urlsplit(link).query
            return self._send(endpoint, endpoint.path, query, UNSET, {})
        return self.send(endpoint, {**values, endpoint.page.parameter: position})

    def _send(self, endpoint: Endpoint, path: str, query: str, body: Any, headers: Mapping[str, str]) -> Exchange:
        assert self.writes or endpoint.reads, f"{endpoint.name} may change something"
        client = self._client.with_options(headers=headers) if headers else self._client
        core = client._core
        operation = Operation[Any](
            id=endpoint.id,
            name=endpoint.name,
            method=endpoint.method,
            path=path,
            decode=lambda body: body,
            content_type=None if body is UNSET else JSON,
            context=tuple(ContextHeader(name) for name in core.context),
            security=(self._scheme,) if self._scheme else endpoint.security,
        )
        call = build(core, operation, Serialized(path, query, body=body, is_retryable=False), SECONDS)
        exchange = self._exchange(endpoint, client, call)
        for listener in self.listeners:
            listener(exchange)
        return exchange

    def _exchange(self, endpoint: Endpoint, client: Any, call: Any) -> Exchange:
        started, error = time.perf_counter(), ""
        self._recorder.last = None
        try:
            client._caller.send(call)
        except RateLimited as raised:
            if self._recorder.last is None:  # the platform has no room for longer than a request waits
                raise BudgetSpent from None
            error = type(raised).__name__
        except ConnectionFailed as raised:
            if not self._recorder.is_reached:
                raise
            error = type(raised).__name__
        except TrilogueError as raised:
            error = type(raised).__name__
        seconds = time.perf_counter() - started
        response = self._recorder.last
        if response is None:
            return Exchange(endpoint, endpoint.method, call.url, None, {}, b"", seconds, error)
        return Exchange(
            endpoint,
            endpoint.method,
            call.url,
            response.status,
            response.headers,
            response.content,
            seconds,
            response.fault,
        )


def _located(endpoint: Endpoint, values: Mapping[str, Any], location: str) -> dict[str, Any]:
    inputs = endpoint.inputs
    return {name: value for name, value in values.items() if name in inputs and inputs[name].location == location}


def _pairs(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [(f"{name}[{key}]", to_form_value(item)) for key, item in value.items()]
    return [(name, to_form_value(item)) for item in (value if isinstance(value, list) else [value])]
