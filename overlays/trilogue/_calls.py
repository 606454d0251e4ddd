"""Turns a method call into a request that can be sent, as often as necessary."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl
from uuid import uuid4

from msgspec.json import encode
from msgspec.structs import replace
from trilogue_generated.runtime.model import is_object
from trilogue_generated.runtime.operation import ContextHeader, Operation, nothing
from trilogue_generated.runtime.unset import Unset

from ._core import Core
from ._deadline import Deadline
from ._http.destinations import Destination
from ._http.messages import Body, HttpRequest, Multipart, Timeout
from ._records import Record
from ._serialization.arguments import Serialized, serialize
from ._serialization.strings import encode_query, require_form_value, to_form_value
from ._version import __version__
from .errors import InvalidArgument

CALL_DEADLINE = 120.0
"""Seconds a single call may take in all, waits included, unless the caller says otherwise."""

BASE_HEADERS = {
    "accept": "application/json",
    "accept-encoding": "gzip",
    "user-agent": f"trilogue/{__version__}",
}
"""The headers of each request; like those of a call, under lower-case names."""

JSON, FORM = "application/json", "application/x-www-form-urlencoded"

Result = TypeVar("Result")


class PreparedCall(Record, Generic[Result], frozen=True):
    """One call of a method, ready to be sent.

    `deadline`: the seconds it may take in all. `is_retryable`: repeating it does no harm. `has_generated_key`: its
    idempotency key was made for this call, so that another call has another. `fails_fast`: it neither waits nor is
    retried.
    """

    operation: Operation[Result]
    url: str
    headers: dict[str, str]
    body: Body
    timeout: Timeout
    deadline: float | None
    is_retryable: bool
    has_generated_key: bool = False
    fails_fast: bool = False
    destination: Destination | None = None

    def request(self, credentials: Mapping[str, str], deadline: Deadline) -> HttpRequest:
        """Return the request of one attempt with the header of the credentials; it takes no more time than is left."""
        return HttpRequest(
            self.operation.method,
            self.url,
            {**self.headers, **credentials},
            deadline.limit(self.timeout),
            self.body,
            deadline.left(),
            self.is_retryable,
            self.operation.decode is not nothing,
            self.destination,
        )


def prepare(core: Core, operation: Operation[Result], arguments: Mapping[str, Any]) -> PreparedCall[Result]:
    """Check the arguments of a method and prepare its call.

    Raises:
        InvalidArgument: an argument is wrong, or a setting that this method needs is missing.
    """
    with MethodErrors(core, operation.name):
        return build(core, operation, serialize(operation, arguments), CALL_DEADLINE)


class MethodErrors:
    """Let an InvalidArgument name the method."""

    def __init__(self, core: Core, name: str) -> None:
        """`name` is that of the method."""
        self._core, self._name = core, name

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Raise an InvalidArgument that names the method in place of one that does not."""
        if isinstance(error, InvalidArgument):
            raise InvalidArgument(f"{self._core.platform.label} {self._name}: {error}") from None


def build(
    core: Core, operation: Operation[Result], serialized: Serialized, default_deadline: float | None
) -> PreparedCall[Result]:
    """Return the call of an operation with serialized arguments; raises InvalidArgument as `prepare` does."""
    options = core.options
    if options.extra_body:
        serialized = _with_extra_body(options.extra_body, operation, serialized)
    body, content_type = _body(operation, serialized)
    context = _context_headers(core, operation) if operation.context else {}
    headers = {**BASE_HEADERS, **content_type, **context, **serialized.headers, **options.headers}
    has_generated_key = operation.key_header is not None and operation.key_header.lower() not in headers
    if operation.key_header is not None and has_generated_key:
        headers[operation.key_header.lower()] = str(uuid4())
    return PreparedCall(
        operation,
        _url(core, serialized),
        headers,
        body,
        options.timeout,
        options.deadline_or(default_deadline),
        serialized.is_retryable,
        has_generated_key,
    )


def _url(core: Core, serialized: Serialized) -> str:
    query = serialized.query
    if core.options.extra_query:
        query = "&".join(part for part in (query, _extra_query(core.options.extra_query, query)) if part)
    address = core.base_url + serialized.path
    return f"{address}?{query}" if query else address


def _extra_query(extra: Mapping[str, str], query: str) -> str:
    """Return the extra parameters that a link to the next page does not repeat already."""
    present = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
    return encode_query((name, value) for name, value in extra.items() if name not in present)


def _with_extra_body(extra: Mapping[str, Any], operation: Operation[Any], serialized: Serialized) -> Serialized:
    if isinstance(serialized.body, Unset):
        return serialized
    if not is_object(serialized.body):
        raise InvalidArgument("extra_body: the body of this method is not an object; call it without extra_body")
    if operation.content_type != JSON:
        extra = {name: require_form_value(value, f"extra_body.{name}") for name, value in extra.items()}
    return replace(serialized, body=_add(serialized.body, extra))


def _add(body: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object with the fields of another; an object within it is added to as well."""
    both = {name for name in extra if is_object(body.get(name)) and is_object(extra[name])}
    return {**body, **extra, **{name: _add(body[name], extra[name]) for name in both}}


def _body(operation: Operation[Any], serialized: Serialized) -> tuple[Body, dict[str, str]]:
    """Return the body, with its `content-type` header where httpx does not set one."""
    if serialized.file is not None:
        return Multipart(serialized.body, serialized.file), {}
    if isinstance(serialized.body, Unset):
        return None, {}
    if operation.content_type == FORM:
        pairs = [(name, to_form_value(value)) for name, value in serialized.body.items()]
        return encode_query(pairs).encode(), {"content-type": FORM}
    try:
        return encode(serialized.body), {"content-type": JSON}
    except (TypeError, ValueError) as error:
        raise InvalidArgument(f"the body cannot be serialized as JSON: {type(error).__name__}") from None


def _context_headers(core: Core, operation: Operation[Any]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for header in operation.context:
        if header.name in core.context:
            headers[header.name] = core.context[header.name]
        elif header.required:
            raise InvalidArgument(_missing(core, header))
    return headers


def _missing(core: Core, header: ContextHeader) -> str:
    setting = header.name.removeprefix("x-").replace("-", "_")
    variable = core.platform.variables.get(header.name)
    return f"this client has no {setting}; pass {setting}=... to it{f' or set {variable}' if variable else ''}"
