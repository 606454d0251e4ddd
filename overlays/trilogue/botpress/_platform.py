"""What sets Botpress apart: its context headers, its rate limits, its errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from trilogue_generated.platforms import BOTPRESS
from trilogue_generated.runtime.operation import Operation

from .._auth import StaticAuth, checked_token
from .._core import Core, Platform, base_url
from .._http import HttpResponse
from .._pacing import HeaderPacer
from .._responses import error_body, wordless
from .._settings import Settings
from .._waiting import retry_after
from ..errors import ApiError, InvalidArgument, error_class
from . import errors

SERVER = "https://api.botpress.cloud"


def connect(
    given: Settings,
    *,
    token: str | None,
    bot_id: str | None,
    workspace_id: str | None,
    integration_id: str | None,
    host: str | None,
) -> Core:
    """Return what the copies of a client share."""
    key = checked_token(token, "token", BOTPRESS.variables["token"])
    return Core(
        PLATFORM,
        base_url(host or SERVER, BOTPRESS.base_path, allow_http=given.allow_http),
        StaticAuth(f"Bearer {key}"),
        HeaderPacer(_everything, "ratelimit-remaining", _seconds_to_reset),
        given.clock,
        given.options,
        _context(bot_id=bot_id, workspace_id=workspace_id, integration_id=integration_id),
    )


def _context(**ids: str | None) -> dict[str, str]:
    return {header(name): checked_id(name, value) for name, value in ids.items() if value}


def header(argument: str) -> str:
    """Return the context header of an argument: `x-bot-id` for `bot_id`."""
    return f"x-{argument.replace('_', '-')}"


def checked_id(name: str, value: object) -> str:
    """Return an id that can be sent in a header.

    Raises:
        InvalidArgument: it is not one.
    """
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable() or " " in value:
        raise InvalidArgument(f"{name}: expected an id as Botpress shows it, without spaces")
    return value


def _everything(operation: Operation[Any]) -> str:
    return ""


def _seconds_to_reset(headers: Mapping[str, str], now: float) -> float:
    """Read `RateLimit-Reset`, which is written as `Retry-After` is."""
    return retry_after({"retry-after": headers.get("ratelimit-reset", "")}, now) or 0.0


def read_error(response: HttpResponse) -> ApiError:
    """Return the exception for an answer that is no success.

    The class follows the `type` that Botpress names, and the status where it names none or a new one. Reads both forms
    of the body: `{id, code, type, message}` and `{type, description, status}`.
    """
    body = error_body(response)
    said = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    name, occurrence = said.get("type"), said.get("id")
    kind = errors.TYPES.get(name) if isinstance(name, str) else None
    message = said.get("message") or said.get("description")
    return (kind or error_class(response.status))(
        str(message) if message else wordless(response, "Botpress"),
        status=response.status,
        headers=response.headers,
        body=body,
        type=name if isinstance(name, str) else None,
        request_id=occurrence if isinstance(occurrence, str) else None,
    )


VARIABLES = {header(name): BOTPRESS.variables[name] for name in ("bot_id", "workspace_id", "integration_id")}
PLATFORM = Platform(BOTPRESS.name, BOTPRESS.label, read_error, variables=VARIABLES)
