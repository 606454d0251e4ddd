"""What sets Pantheon apart: its access tokens, its rate limits, its errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

from trilogue_generated.platforms import PANTHEON
from trilogue_generated.runtime.model import is_array, is_object
from trilogue_generated.runtime.operation import Operation

from .._auth import basic, checked_token
from .._core import Core, Platform, base_url
from .._http import HttpResponse
from .._pacing import HeaderPacer
from .._responses import error_body, wordless
from .._settings import Settings
from ..errors import ApiError, error_class
from ._tokens import TokenAuth, TokenCache

SERVER = "https://pantheon.api"
MINUTE = 60.0


def connect(
    given: Settings,
    *,
    client_id: str | None,
    client_secret: str | None,
    host: str | None,
    token_cache: TokenCache | None,
) -> Core:
    """Return what the copies of a client share."""
    app = checked_token(client_id, "client_id", PANTHEON.variables["client_id"])
    secret = checked_token(client_secret, "client_secret", PANTHEON.variables["client_secret"])
    return Core(
        PLATFORM,
        base_url(host or SERVER, PANTHEON.base_path, allow_http=given.allow_http),
        TokenAuth(basic(app, secret), token_cache),
        HeaderPacer(_endpoint, "x-ratelimit-remaining", _seconds_to_next_minute, "x-ratelimit-total", MINUTE),
        given.clock,
        given.options,
    )


def _endpoint(operation: Operation[Any]) -> str:
    return operation.path


def _seconds_to_next_minute(headers: Mapping[str, str], now: float) -> float:
    """Return the seconds until the platform counts anew: it counts in minutes of its own clock, which `Date` tells."""
    with suppress(TypeError, ValueError):
        now = parsedate_to_datetime(headers.get("date", "")).timestamp()
    return MINUTE - now % MINUTE


def read_error(response: HttpResponse) -> ApiError:
    """Return the exception for an answer that is no success; reads `{"message": ..., "errors": [{field: message}]}`."""
    body = error_body(response)
    fields: dict[str, list[str]] = {}
    for name, message in _field_errors(body):
        fields.setdefault(name, []).append(message)
    said = body.get("message") if is_object(body) else None
    details = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in fields.items())
    text = " ".join(part for part in (said if isinstance(said, str) else "", details) if part)
    return error_class(response.status)(
        text or wordless(response, "Pantheon"),
        status=response.status,
        headers=response.headers,
        body=body,
        request_id=response.headers.get("x-request-id"),
        field_errors=fields,
    )


def _field_errors(body: Any) -> Iterator[tuple[str, str]]:
    errors: Any = body.get("errors") if is_object(body) else None
    entries: list[Any] = errors if is_array(errors) else [errors]
    for entry in entries:
        if is_object(entry):
            yield from ((str(name), str(message)) for name, message in entry.items())


PLATFORM = Platform(PANTHEON.name, PANTHEON.label, read_error, keeps_origin=True)
