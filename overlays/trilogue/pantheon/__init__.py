"""The client of Pantheon."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, Unpack

from trilogue_generated.pantheon import literals, models
from trilogue_generated.pantheon.client import AsyncRawResources, AsyncResources, RawResources, Resources
from trilogue_generated.runtime.model import is_array, is_object
from trilogue_generated.runtime.operation import Operation

from .._auth import basic, checked_token
from .._client import AsyncClient, RawAsyncClient, RawSyncClient, SyncClient
from .._core import Core, Platform, base_url
from .._http import AsyncHttp, HttpResponse, SyncHttp
from .._pacing import HeaderPacer
from .._responses import error_body, wordless
from .._settings import AsyncOptions, Settings, SyncOptions, settings
from ..errors import ApiError, error_class
from ._tokens import Token, TokenAuth, TokenCache

__all__ = ["AsyncPantheon", "Pantheon", "Token", "TokenCache", "literals", "models"]

SERVER = "https://pantheon.api"
API = "/v1.0"
MINUTE = 60.0


class Pantheon(SyncClient, Resources):
    """A client of Pantheon."""

    def __init__(
        self,
        client_id: str | None = None,
        client_secret: str | None = None,
        *,
        host: str | None = None,
        token_cache: TokenCache | None = None,
        **options: Unpack[SyncOptions],
    ) -> None:
        """Check the settings; nothing is sent before the first call, which fetches an access token.

        Args:
            client_id: the app's id; default: the environment variable PANTHEON_CLIENT_ID.
            client_secret: the app's secret; default: PANTHEON_CLIENT_SECRET.
            host: another server, for example the sandbox's; default: PANTHEON_HOST, or else Pantheon's own.
            token_cache: where several processes share one access token; default: each client has its own.
            options: see `SyncOptions`.

        Raises:
            InvalidArgument: an argument is wrong, or there are no credentials.
        """
        given = settings(**options)
        self._core = _core(client_id, client_secret, host, token_cache, given)
        self._http = SyncHttp(given.http)

    @cached_property
    def with_raw_response(self) -> RawPantheon:
        """The same resources, with methods that return the answer as it came."""
        return RawPantheon(self)


class AsyncPantheon(AsyncClient, AsyncResources):
    """A client of Pantheon for asyncio."""

    def __init__(
        self,
        client_id: str | None = None,
        client_secret: str | None = None,
        *,
        host: str | None = None,
        token_cache: TokenCache | None = None,
        **options: Unpack[AsyncOptions],
    ) -> None:
        """Check the settings, which are those of `Pantheon`; nothing is sent before the first call."""
        given = settings(**options)
        self._core = _core(client_id, client_secret, host, token_cache, given)
        self._http = AsyncHttp(given.http)

    @cached_property
    def with_raw_response(self) -> AsyncRawPantheon:
        """The same resources, with methods that return the answer as it came."""
        return AsyncRawPantheon(self)


class RawPantheon(RawSyncClient, RawResources):
    """`Pantheon` with answers as they came."""


class AsyncRawPantheon(RawAsyncClient, AsyncRawResources):
    """`AsyncPantheon` with answers as they came."""


def _core(
    client_id: str | None, client_secret: str | None, host: str | None, cache: TokenCache | None, given: Settings
) -> Core:
    app = checked_token(client_id or os.environ.get("PANTHEON_CLIENT_ID"), "client_id", "PANTHEON_CLIENT_ID")
    secret = checked_token(
        client_secret or os.environ.get("PANTHEON_CLIENT_SECRET"), "client_secret", "PANTHEON_CLIENT_SECRET"
    )
    return Core(
        PLATFORM,
        base_url(host or os.environ.get("PANTHEON_HOST") or SERVER, API, allow_http=given.allow_http),
        TokenAuth(basic(app, secret), cache),
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


PLATFORM = Platform("pantheon", "Pantheon", read_error, keeps_origin=True)
