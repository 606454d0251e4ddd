"""What sets RapidPro apart: its address, credentials and rate limits."""

from __future__ import annotations

from typing import Any

from trilogue_generated.platforms import RAPIDPRO
from trilogue_generated.runtime.operation import Operation

from .._auth import StaticAuth, encode_basic, require_token
from .._core import Core, Platform
from .._http.hosts import build_base_url
from .._numbers import is_integer
from .._pacing.sliding_window import Window, WindowPacer
from .._settings import Settings
from ..errors import InvalidArgument
from ._error_responses import read_error

TEXTIT = "https://textit.com"
HOUR = 3600.0

ENDPOINTS_WITH_OWN_COUNT = ("contacts", "messages", "runs", "broadcasts")
"""The endpoints whose requests the server counts separately; all others share one count."""

PLATFORM = Platform(
    RAPIDPRO.name,
    RAPIDPRO.label,
    read_error,
    credentials="`token` (RAPIDPRO_TOKEN), and that `host` (RAPIDPRO_HOST) is the server it belongs to",
)


def build_core(
    settings: Settings, *, token: str | None, host: str | None, email: str | None, requests_per_hour: int | None
) -> Core:
    """Return the core of a client; raises InvalidArgument for a wrong setting."""
    key = require_token(token, "token", RAPIDPRO.variables["token"])
    base_url = build_base_url(host or TEXTIT, RAPIDPRO.base_path, allow_http=settings.allow_http)
    return Core(
        PLATFORM,
        base_url,
        StaticAuth(f"Token {key}" if email is None else encode_basic(_require_email(email), key)),
        WindowPacer(
            _scope, HOUR, _require_limit(requests_per_hour), settings.counts(PLATFORM.name, base_url, key, Window)
        ),
        settings.clock,
        settings.options,
        quota=settings.quota,
    )


def _require_email(email: str) -> str:
    if not isinstance(email, str) or "@" not in email or ":" in email:
        raise InvalidArgument("email: expected the e-mail address of a user of the workspace")
    return email


def _require_limit(limit: int | None) -> int | None:
    if limit is not None and not is_integer(limit, 1):
        raise InvalidArgument("requests_per_hour: expected an integer of at least 1, or None to learn it")
    return limit


def _scope(operation: Operation[Any]) -> str:
    endpoint = operation.path.strip("/").removesuffix(".json")
    return endpoint if endpoint in ENDPOINTS_WITH_OWN_COUNT else "others"
