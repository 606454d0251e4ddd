"""What all copies of a client share, and how a method call becomes a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any, Protocol, TypeVar
from urllib.parse import SplitResult, parse_qsl, urlsplit
from uuid import uuid4

import orjson
from attrs import define, evolve, field, frozen
from trilogue_generated.runtime.model import is_object
from trilogue_generated.runtime.operation import Operation
from trilogue_generated.runtime.unset import Unset

from ._arguments import Written, encode_query, form_field, given, text, write
from ._clock import Clock
from ._http import FilePart, HttpRequest, HttpResponse, Timeout, written_host
from ._options import Options
from ._pacing import Pacer
from ._sending import Flow
from ._version import __version__
from .errors import ApiError, InvalidArgument

CALL_DEADLINE = 120.0
"""Seconds a single call may take in all, waits included, unless the caller says otherwise."""

Answer = TypeVar("Answer")


@frozen(eq=False)
class Platform:
    """What sets one platform apart from the others.

    `label` is the name errors call it by; `read_error` makes the exception out of an answer that is no success.
    `keeps_origin`: links to further pages have the very origin that was called, no other scheme or port. `variables`
    are the environment variables that context headers come from.
    """

    name: str
    label: str
    read_error: Callable[[HttpResponse], ApiError]
    keeps_origin: bool = False
    variables: Mapping[str, str] = field(factory=dict[str, str])


class Auth(Protocol):
    """How a request is signed."""

    def signed(self, call: Call, core: Core) -> Flow[HttpRequest]:
        """Return the request with its credentials; may fetch some first."""
        ...

    def renewed(self, request: HttpRequest, core: Core) -> Flow[bool]:
        """Told of a 401: return whether there are new credentials to try once more with."""
        ...


@define(repr=False, eq=False)
class Call:
    """One call of a method, ready to be sent as often as need be, or, if not `patient`, once and at once."""

    operation: Operation[Any]
    written: Written
    url: str
    headers: dict[str, str]
    content: bytes | None
    timeout: Timeout
    deadline: float | None
    repeatable: bool
    file: FilePart | None = None
    patient: bool = True

    def request(self) -> HttpRequest:
        """Return a request for one attempt."""
        fields: Mapping[str, str] = self.written.body if self.written.files else {}
        return HttpRequest(
            self.operation.method,
            self.url,
            dict(self.headers),
            self.timeout,
            self.content,
            fields,
            self.written.files,
            self.file,
        )


@frozen(repr=False, eq=False)
class Core:
    """A client without its connections: shared, never changed."""

    platform: Platform
    base_url: str
    auth: Auth
    pacer: Pacer
    clock: Clock
    options: Options
    context: Mapping[str, str] = field(factory=dict[str, str])

    def call(
        self, operation: Operation[Any], arguments: Mapping[str, Any], *, default_deadline: float | None = CALL_DEADLINE
    ) -> Call:
        """Check the arguments of a method and prepare its call.

        Raises:
            InvalidArgument: an argument is wrong, or a setting that this method needs is missing.
        """
        try:
            return self.prepare(
                operation, write(operation, arguments), _repeatable(operation, arguments), default_deadline
            )
        except InvalidArgument as error:
            raise InvalidArgument(f"{self.platform.label} {operation.name}: {error}") from None

    def prepare(
        self, operation: Operation[Any], written: Written, repeatable: bool, default_deadline: float | None
    ) -> Call:
        """Return the call of an operation whose arguments are written already."""
        written = self._extended(operation, written)
        content, content_type = self._content(operation, written)
        headers = _merged(BASE_HEADERS, content_type, self._context(operation), written.headers, self.options.headers)
        if operation.key_header is not None:
            headers.setdefault(operation.key_header.lower(), str(uuid4()))
        deadline = self.options.deadline
        return Call(
            operation,
            written,
            self.url(written),
            headers,
            content,
            self.options.timeout,
            default_deadline if isinstance(deadline, Unset) else deadline,
            repeatable,
        )

    def url(self, written: Written) -> str:
        """Return the whole address of a request."""
        query = "&".join(part for part in (written.query, self._extra_query(written.query)) if part)
        return f"{self.base_url}{written.path}{'?' if query else ''}{query}"

    def _extra_query(self, query: str) -> str:
        """Return the extra parameters that a link to the next page does not repeat already."""
        extra = self.options.extra_query
        if not extra:
            return ""
        there = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
        return encode_query((name, value) for name, value in extra.items() if name not in there)

    def _extended(self, operation: Operation[Any], written: Written) -> Written:
        """Return what is written with the extra fields of the body, where it has one."""
        extra = self.options.extra_body
        if not extra or isinstance(written.body, Unset):
            return written
        if not is_object(written.body):
            raise InvalidArgument("extra_body: the body of this method is no object that a field could be added to")
        if operation.content_type != "application/json":
            extra = {name: form_field(value, f"extra_body.{name}") for name, value in extra.items()}
        return evolve(written, body={**written.body, **extra})

    def _content(self, operation: Operation[Any], written: Written) -> tuple[bytes | None, dict[str, str]]:
        if written.files or isinstance(written.body, Unset):
            return None, {}
        if operation.content_type == "application/x-www-form-urlencoded":
            pairs = [(name, text(value)) for name, value in written.body.items()]
            return encode_query(pairs).encode(), {"Content-Type": operation.content_type}
        try:
            return orjson.dumps(written.body), {"Content-Type": "application/json"}
        except (TypeError, ValueError) as error:
            raise InvalidArgument(f"the body cannot be written as JSON: {type(error).__name__}") from None

    def _context(self, operation: Operation[Any]) -> dict[str, str]:
        headers: dict[str, str] = {}
        for header in operation.context:
            if header.name in self.context:
                headers[header.name] = self.context[header.name]
            elif header.required:
                raise InvalidArgument(self._missing(header.name))
        return headers

    def _missing(self, header: str) -> str:
        setting, variable = _setting(header), self.platform.variables.get(header)
        return f"this client has no {setting}; give {setting}=... to it{f' or set {variable}' if variable else ''}"


BASE_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": f"trilogue/{__version__}",
}


def _merged(*groups: Mapping[str, str]) -> dict[str, str]:
    """Return headers of which a later one takes the place of an earlier one in any case."""
    return {name.lower(): value for group in groups for name, value in group.items()}


def _setting(header: str) -> str:
    return header.removeprefix("x-").replace("-", "_")


def _repeatable(operation: Operation[Any], arguments: Mapping[str, Any]) -> bool:
    return operation.retry != "non-idempotent" and not given(operation.retry_unless, arguments)


def base_url(host: str, path: str, *, allow_http: bool = False) -> str:
    """Return the address all paths are added to; `host` may lack its scheme and may have a path.

    Raises:
        InvalidArgument: it is no address, or plain http to another machine.
    """
    parts = _parts(host)
    name = written_host(parts.hostname) if parts is not None and parts.hostname else None
    if parts is None or name is None or parts.scheme not in ("http", "https"):
        raise InvalidArgument("host: expected an address such as https://rapidpro.example.org")
    if parts.scheme == "http" and not _is_loopback(name) and not allow_http:
        raise InvalidArgument("host: plain http would show the token to everyone on the way; use https")
    port = f":{parts.port}" if parts.port is not None else ""
    return f"{parts.scheme}://{name}{port}{parts.path.rstrip('/')}{path}"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _parts(host: object) -> SplitResult | None:
    """Return the parts of an address, None if it is none or has more than a scheme, a host, a port and a path."""
    if not isinstance(host, str) or " " in host or not host.isprintable():
        return None
    try:
        parts = urlsplit(host if "://" in host else f"https://{host}")
        surplus = parts.query or parts.fragment or "@" in parts.netloc or parts.port == 0
    except ValueError:
        return None
    return None if surplus else parts
