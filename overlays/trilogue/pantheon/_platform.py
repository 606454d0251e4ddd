"""What sets Pantheon apart: its address, credentials and rate limits."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

from trilogue_generated.runtime.operation import Operation

from .._auth import encode_basic, require_token
from .._core import Core, Platform
from .._http.hosts import build_base_url
from .._pacing.rate_limit_headers import HeaderPacer
from .._settings import Settings
from ._error_responses import read_error
from ._token_auth import TokenAuth
from ._tokens import TokenCache

SERVER = "https://pantheon.api"
API_PATH = "/v1.0"
MINUTE = 60.0

PLATFORM = Platform("pantheon", "Pantheon", read_error, keeps_origin=True)


def build_core(
    client_id: str | None, client_secret: str | None, host: str | None, cache: TokenCache | None, settings: Settings
) -> Core:
    """Return the core of a client; raises InvalidArgument for a wrong setting."""
    app = require_token(client_id or os.environ.get("PANTHEON_CLIENT_ID"), "client_id", "PANTHEON_CLIENT_ID")
    secret = require_token(
        client_secret or os.environ.get("PANTHEON_CLIENT_SECRET"), "client_secret", "PANTHEON_CLIENT_SECRET"
    )
    return Core(
        PLATFORM,
        build_base_url(host or os.environ.get("PANTHEON_HOST") or SERVER, API_PATH, allow_http=settings.allow_http),
        TokenAuth(encode_basic(app, secret), cache),
        HeaderPacer(_endpoint, "x-ratelimit-remaining", _seconds_to_next_minute, "x-ratelimit-total", MINUTE),
        settings.clock,
        settings.options,
    )


def _endpoint(operation: Operation[Any]) -> str:
    return operation.path


def _seconds_to_next_minute(headers: Mapping[str, str], now: float) -> float:
    """Return the seconds until the count restarts: Pantheon counts in minutes of its own clock, which `Date` names."""
    with suppress(TypeError, ValueError):
        now = parsedate_to_datetime(headers.get("date", "")).timestamp()
    return MINUTE - now % MINUTE
