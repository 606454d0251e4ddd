"""What sets Botpress apart: its address, credentials, context headers and rate limits."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from msgspec.structs import replace
from trilogue_generated.platforms import BOTPRESS
from trilogue_generated.runtime.operation import Operation

from .._auth import StaticAuth, require_token
from .._core import Core, Platform
from .._http.hosts import build_base_url
from .._pacing.rate_limit_headers import Countdown, HeaderPacer
from .._retry_after import parse_retry_after
from .._settings import Settings
from .._typed_error_responses import read_typed_error
from ..errors import InvalidArgument
from .errors import TYPES

SERVER = "https://api.botpress.cloud"

CONTEXT = ("bot_id", "workspace_id", "integration_id")
"""The settings that travel as context headers."""


def build_core(
    settings: Settings,
    *,
    token: str | None,
    bot_id: str | None,
    workspace_id: str | None,
    integration_id: str | None,
    host: str | None,
) -> Core:
    """Return the core of a client; raises InvalidArgument for a wrong setting."""
    key = require_token(token, "token", BOTPRESS.variables["token"])
    base_url = build_base_url(host or SERVER, BOTPRESS.base_path, allow_http=settings.allow_http)
    counts = settings.counts(PLATFORM.name, base_url, key, Countdown)
    core = Core(
        PLATFORM,
        base_url,
        StaticAuth(f"Bearer {key}"),
        HeaderPacer(_scope, "ratelimit-remaining", _seconds_to_reset, "ratelimit-limit", counts=counts),
        settings.clock,
        settings.options,
        quota=settings.quota,
    )
    return with_context(core, bot_id=bot_id, workspace_id=workspace_id, integration_id=integration_id)


def with_context(core: Core, **ids: str | None) -> Core:
    """Return a core that sends other ids, given by the names in `CONTEXT`; one that is not given stays."""
    changes = {_header(name): require_id(name, value) for name, value in ids.items() if value}
    return replace(core, context={**core.context, **changes})


def with_integration(core: Core, integration_id: str, alias: str | None) -> Core:
    """Return a core for an integration; the alias of another one is dropped."""
    context = {name: value for name, value in core.context.items() if name != "x-integration-alias"}
    context["x-integration-id"] = require_id("integration_id", integration_id)
    if alias is not None:
        context["x-integration-alias"] = require_id("alias", alias)
    return replace(core, context=context)


def _header(name: str) -> str:
    return f"x-{name.replace('_', '-')}"


def require_id(name: str, value: object) -> str:
    """Return an id; raises InvalidArgument for what cannot be one."""
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable() or " " in value:
        raise InvalidArgument(f"{name}: expected an id as Botpress shows it, without spaces")
    return value


def _scope(operation: Operation[Any]) -> str:
    """Return one count for all operations."""
    return "all"


def _seconds_to_reset(headers: Mapping[str, str], now: float) -> float:
    """Read `RateLimit-Reset`, which has the form of `Retry-After`."""
    return parse_retry_after(headers.get("ratelimit-reset", ""), now) or 0.0


VARIABLES = {_header(name): BOTPRESS.variables[name] for name in CONTEXT}
PLATFORM = Platform(
    BOTPRESS.name,
    BOTPRESS.label,
    partial(read_typed_error, types=TYPES),
    variables=VARIABLES,
    credentials="`token` (BP_TOKEN), and that it belongs to `bot_id` and `workspace_id`",
)
