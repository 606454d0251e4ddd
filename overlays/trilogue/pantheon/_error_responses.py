"""Reads the error responses of Pantheon."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trilogue_generated.runtime.model import is_array, is_object

from .._error_responses import ErrorDetails, read_body
from .._http.messages import HttpResponse
from ..errors import error_class


def read_error(response: HttpResponse) -> ErrorDetails:
    """Read an unsuccessful response: `{"message": ..., "errors": [{field: message}]}`."""
    body = read_body(response)
    fields: dict[str, list[str]] = {}
    for name, message in _field_errors(body):
        fields.setdefault(name, []).append(message)
    summary = body.get("message") if is_object(body) else None
    details = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in fields.items())
    message = " ".join(part for part in (summary if isinstance(summary, str) else "", details) if part)
    request_id = response.headers.get("x-request-id")
    return ErrorDetails(error_class(response.status), message, body, request_id=request_id, field_errors=fields)


def _field_errors(body: Any) -> Iterator[tuple[str, str]]:
    errors: Any = body.get("errors") if is_object(body) else None
    entries: list[Any] = errors if is_array(errors) else [errors]
    for entry in entries:
        if is_object(entry):
            yield from ((str(name), str(message)) for name, message in entry.items())
