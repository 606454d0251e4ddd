"""Prepares requests that this package has no method for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace
from trilogue_generated.runtime.operation import ANY, ContextHeader, DownloadTarget, Operation
from trilogue_generated.runtime.unset import Unset

from ._calls import CALL_DEADLINE, JSON, PreparedCall, build
from ._core import Core
from ._http.destinations import Destination
from ._options import require_strings
from ._redaction import redact
from ._serialization.arguments import Serialized
from ._serialization.strings import encode_query
from ._serialization.values import serialize_value
from .errors import InvalidArgument

READ_METHODS = ("GET", "HEAD", "OPTIONS")


def prepare_custom(
    core: Core,
    method: str,
    path: str,
    query: Mapping[str, str] | None,
    json: Any,
    to: DownloadTarget | None,
) -> PreparedCall[Any]:
    """Prepare a request to a path below the base address; only one that reads is retryable.

    Raises:
        InvalidArgument: an argument is wrong.
    """
    _check(method, path)
    method = method.upper()
    body = json if isinstance(json, Unset) else serialize_value(ANY, json, "json")
    operation = Operation[Any](
        id="request",
        name=f"{method} {redact(path)}",
        method=method,
        path=path,
        decode=_unchanged,
        content_type=None if isinstance(json, Unset) else JSON,
        context=tuple(ContextHeader(name) for name in core.context),
    )
    pairs = require_strings({} if query is None else query, "query").items()
    serialized = Serialized(path, encode_query(pairs), body=body, is_retryable=method in READ_METHODS)
    call = build(core, operation, serialized, CALL_DEADLINE if to is None else None)
    return call if to is None else replace(call, destination=Destination(to))


def _check(method: object, path: object) -> None:
    if not isinstance(method, str) or not method.isascii() or not method.isalpha():
        raise InvalidArgument("method: expected an HTTP method such as GET")
    if not isinstance(path, str) or not path.startswith("/") or not path.isprintable() or "?" in path or "#" in path:
        raise InvalidArgument("path: expected one below the base address, such as /contacts.json, without a query")


def _unchanged(body: Any) -> Any:
    return body
