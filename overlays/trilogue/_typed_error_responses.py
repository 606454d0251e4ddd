"""Reads error responses that name the type of the error, as those of Botpress's APIs do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ._error_responses import ErrorDetails, read_body
from ._http.messages import HttpResponse
from .errors import ApiError, error_class


def read_typed_error(response: HttpResponse, types: Mapping[str, type[ApiError]]) -> ErrorDetails:
    """Read an unsuccessful response.

    The class follows the `type` that the platform names, and the status where it names none or a new one. Reads both
    forms of the body: `{id, code, type, message}` and `{type, description, status}`.
    """
    body = read_body(response)
    fields = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    type_name, request_id = fields.get("type"), fields.get("id")
    by_type = types.get(type_name) if isinstance(type_name, str) else None
    message = fields.get("message") or fields.get("description")
    return ErrorDetails(
        by_type or error_class(response.status),
        str(message) if message else "",
        body,
        type=type_name if isinstance(type_name, str) else None,
        request_id=request_id if isinstance(request_id, str) else None,
    )
