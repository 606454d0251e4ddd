"""What sets Pantheon apart: its address, credentials and rate limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trilogue_generated.pantheon.operations.auth import GET_ACCESS_TOKEN
from trilogue_generated.platforms import PANTHEON
from trilogue_generated.runtime.operation import Operation

from .._auth import encode_basic, require_token
from .._core import Core, Platform
from .._http.hosts import build_base_url
from .._pacing.rate_limit_headers import Countdown, HeaderPacer
from .._retry_after import server_time
from .._settings import Settings
from .._token_auth import TokenAuth
from .._tokens import TokenCache
from ..errors import InvalidArgument
from ._error_responses import read_error

SERVER = "https://pantheon.api"
MINUTE = 60.0

PLATFORM = Platform(
    PANTHEON.name,
    PANTHEON.label,
    read_error,
    keeps_origin=True,
    credentials="`client_id` (PANTHEON_CLIENT_ID) and `client_secret` (PANTHEON_CLIENT_SECRET)",
)


def build_core(
    settings: Settings,
    *,
    client_id: str | None,
    client_secret: str | None,
    host: str | None,
    token_cache: TokenCache | None,
) -> Core:
    """Return the core of a client; raises InvalidArgument for a wrong setting."""
    app = require_token(client_id, "client_id", PANTHEON.variables["client_id"])
    secret = require_token(client_secret, "client_secret", PANTHEON.variables["client_secret"])
    base_url = build_base_url(host or SERVER, PANTHEON.base_path, allow_http=settings.allow_http)
    counts = settings.counts(PLATFORM.name, base_url, app, Countdown)
    return Core(
        PLATFORM,
        base_url,
        TokenAuth(encode_basic(app, secret), GET_ACCESS_TOKEN, _check_cache(token_cache)),
        HeaderPacer(_endpoint, "x-ratelimit-remaining", _seconds_to_next_minute, "x-ratelimit-total", MINUTE, counts),
        settings.clock,
        settings.options,
        quota=settings.quota,
    )


def _check_cache(cache: TokenCache | None) -> TokenCache | None:
    if cache is not None and not (hasattr(cache, "load") and hasattr(cache, "save")):
        raise InvalidArgument(f"token_cache: expected a TokenCache, with load() and save(), not {type(cache).__name__}")
    return cache


def _endpoint(operation: Operation[Any]) -> str:
    return operation.path


def _seconds_to_next_minute(headers: Mapping[str, str], now: float) -> float:
    """Return the seconds until the count restarts: Pantheon counts in minutes of its own clock, which `Date` names."""
    return MINUTE - server_time(headers, now) % MINUTE
