"""What sets RapidPro apart: its credentials, its rate limits, its errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trilogue_generated.platforms import RAPIDPRO
from trilogue_generated.runtime.model import is_array, is_object
from trilogue_generated.runtime.operation import Operation

from .._auth import StaticAuth, basic, checked_token
from .._core import Core, Platform, base_url
from .._http import HttpResponse
from .._pacing import WindowPacer
from .._responses import error_body, wordless
from .._settings import Settings
from ..errors import ApiError, CredentialsRefused, InvalidArgument, PermissionDenied, error_class

TEXTIT = "https://textit.com"
HOUR = 3600.0

OWN_COUNTS = ("contacts", "messages", "runs", "broadcasts")
"""The endpoints whose requests the server counts apart; all others share one count."""

REFUSALS = ("Authentication credentials were not provided", "Invalid token", "Invalid basic header")
"""How a 403 begins that is about the credentials and not about a permission."""

DEEPEST = 8
"""Levels below a field to look for messages in; the server has three."""


def connect(
    given: Settings, *, token: str | None, host: str | None, email: str | None, requests_per_hour: int | None
) -> Core:
    """Return what the copies of a client share."""
    key = checked_token(token, "token", RAPIDPRO.variables["token"])
    address = base_url(host or TEXTIT, "", allow_http=given.allow_http)
    return Core(
        PLATFORM,
        address.removesuffix(RAPIDPRO.base_path) + RAPIDPRO.base_path,
        StaticAuth(f"Token {key}" if email is None else basic(_checked_email(email), key)),
        WindowPacer(_scope, HOUR, _checked_limit(requests_per_hour)),
        given.clock,
        given.options,
    )


def _checked_email(email: str) -> str:
    if not isinstance(email, str) or "@" not in email or ":" in email:
        raise InvalidArgument("email: expected the e-mail address of a user of the workspace")
    return email


def _checked_limit(limit: int | None) -> int | None:
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
        raise InvalidArgument("requests_per_hour: expected an integer of at least 1, or None to learn it")
    return limit


def _scope(operation: Operation[Any]) -> str:
    endpoint = operation.path.strip("/").removesuffix(".json")
    return endpoint if endpoint in OWN_COUNTS else "others"


def read_error(response: HttpResponse) -> ApiError:
    """Return the exception for an answer that is no success.

    Reads `{"detail": ...}`, messages by field, messages nested by index, key or language, a bare list, and pages of
    HTML.
    """
    body = error_body(response)
    fields = dict(_field_errors(body))
    message = _detail(body) or "; ".join(
        f"{name}: {' '.join(texts)}" if name else " ".join(texts) for name, texts in fields.items()
    )
    kind = error_class(response.status)
    if kind is PermissionDenied and message.startswith(REFUSALS):
        kind = CredentialsRefused
    return kind(
        message or wordless(response, "RapidPro"),
        status=response.status,
        headers=response.headers,
        body=body,
        field_errors=fields,
    )


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
    if depth > DEEPEST:
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


PLATFORM = Platform(RAPIDPRO.name, RAPIDPRO.label, read_error)
