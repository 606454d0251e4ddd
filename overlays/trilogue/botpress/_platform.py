"""What sets Botpress apart: its address, credentials, context headers and rate limits."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from attrs import evolve
from trilogue_generated.runtime.operation import Operation

from .._auth import StaticAuth, require_token
from .._core import Core, Platform
from .._http.hosts import build_base_url
from .._pacing.rate_limit_headers import HeaderPacer
from .._retry_after import parse_retry_after
from .._settings import Settings
from ..errors import InvalidArgument
from ._error_responses import read_error

SERVER = "https://api.botpress.cloud"

VARIABLES = {"x-bot-id": "BP_BOT_ID", "x-workspace-id": "BP_WORKSPACE_ID", "x-integration-id": "BP_INTEGRATION_ID"}
"""The environment variables that context headers come from."""

PLATFORM = Platform("botpress", "Botpress", read_error, variables=VARIABLES)


def build_core(token: str | None, host: str | None, context: Mapping[str, str], settings: Settings) -> Core:
    """Return the core of a client; raises InvalidArgument for a wrong setting."""
    key = require_token(token or os.environ.get("BP_TOKEN"), "token", "BP_TOKEN")
    return Core(
        PLATFORM,
        build_base_url(host or os.environ.get("BP_API_URL") or SERVER, "", allow_http=settings.allow_http),
        StaticAuth(f"Bearer {key}"),
        HeaderPacer(_scope, "ratelimit-remaining", _seconds_to_reset),
        settings.clock,
        settings.options,
        context,
    )


def read_context(bot_id: str | None, workspace_id: str | None, integration_id: str | None) -> dict[str, str]:
    """Return the context headers for these ids, each from the environment where it is not given."""
    ids = {"bot_id": bot_id, "workspace_id": workspace_id, "integration_id": integration_id}
    headers: dict[str, str] = {}
    for name, value in ids.items():
        header = _header(name)
        if found := value or os.environ.get(VARIABLES[header]):
            headers[header] = _require_id(name, found)
    return headers


def with_context(core: Core, **ids: str) -> Core:
    """Return a core that sends other ids, given as `bot_id` or `workspace_id`."""
    changes = {_header(name): _require_id(name, value) for name, value in ids.items()}
    return evolve(core, context={**core.context, **changes})


def with_integration(core: Core, integration_id: str, alias: str | None) -> Core:
    """Return a core for an integration; the alias of another one is dropped."""
    context = {name: value for name, value in core.context.items() if name != "x-integration-alias"}
    context["x-integration-id"] = _require_id("integration_id", integration_id)
    if alias is not None:
        context["x-integration-alias"] = _require_id("alias", alias)
    return evolve(core, context=context)


def _header(name: str) -> str:
    return f"x-{name.replace('_', '-')}"


def _require_id(name: str, value: object) -> str:
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable() or " " in value:
        raise InvalidArgument(f"{name}: expected an id as Botpress shows it, without spaces")
    return value


def _scope(operation: Operation[Any]) -> str:
    """Return one count for all operations."""
    return ""


def _seconds_to_reset(headers: Mapping[str, str], now: float) -> float:
    """Read `RateLimit-Reset`, which has the form of `Retry-After`."""
    return parse_retry_after(headers.get("ratelimit-reset", ""), now) or 0.0
