"""Reads the error responses of RapidPro."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trilogue_generated.runtime.model import is_array, is_object

from .._error_responses import ErrorDetails, read_body
from .._http.messages import HttpResponse
from ..errors import CredentialsRefused, PermissionDenied, error_class

CREDENTIAL_ERRORS = ("Authentication credentials were not provided", "Invalid token", "Invalid basic header")
"""How the message of a 403 starts that is about the credentials and not about a permission."""

MAX_DEPTH = 8
"""Levels below a field to look for messages in; the server has three."""


def read_error(response: HttpResponse) -> ErrorDetails:
    """Read an unsuccessful response.

    Reads `{"detail": ...}`, messages by field, messages nested by index, key or language, a bare list, and pages of
    HTML.
    """
    body = read_body(response)
    fields = dict(_field_errors(body))
    message = _detail(body) or "; ".join(
        f"{name}: {' '.join(texts)}" if name else " ".join(texts) for name, texts in fields.items()
    )
    by_status = error_class(response.status)
    is_about_credentials = by_status is PermissionDenied and message.startswith(CREDENTIAL_ERRORS)
    return ErrorDetails(CredentialsRefused if is_about_credentials else by_status, message, body, field_errors=fields)


def _detail(body: Any) -> str:
    detail = body.get("detail") if is_object(body) else None
    return detail if isinstance(detail, str) else ""


def _field_errors(body: Any) -> Iterator[tuple[str, list[str]]]:
    if is_object(body):
        for name, value in body.items():
            if name == "non_field_errors":
                yield from _messages("", value)
            elif name != "detail" or not isinstance(value, str):
                yield from _messages(name, value)
    elif is_array(body):
        yield from _messages("", body)


def _messages(path: str, value: Any, depth: int = 0) -> Iterator[tuple[str, list[str]]]:
    """Yield the messages below a field with the path to each: `urns[0]`, `text.eng`, `quick_replies[0].type`."""
    if depth > MAX_DEPTH:
        return
    if is_object(value):
        for key, inner in value.items():
            yield from _messages(_inner_path(path, str(key)), inner, depth + 1)
    elif is_array(value):
        texts = [text for text in value if isinstance(text, str)]
        if texts:
            yield path, texts
        for index, inner in enumerate(value):
            if isinstance(inner, (dict, list)):
                yield from _messages(_inner_path(path, str(index)), inner, depth + 1)
    elif value is not None:
        yield path, [str(value)]


def _inner_path(path: str, key: str) -> str:
    if key == "non_field_errors":
        return path
    return f"{path}[{key}]" if key.isdigit() else f"{path}.{key}".lstrip(".")
