"""The client of RapidPro and TextIt, API v2."""

from __future__ import annotations

from functools import cached_property
from typing import Unpack

from trilogue_generated.rapidpro import models
from trilogue_generated.rapidpro.client import AsyncRawResources, AsyncResources, RawResources, Resources

from .._client import AsyncClient, RawAsyncClient, RawSyncClient, SyncClient
from .._http.pools import AsyncHttp, SyncHttp
from .._settings import AsyncOptions, SyncOptions, check_settings
from ._platform import build_core

__all__ = ["AsyncRapidPro", "RapidPro", "models"]


class RapidPro(SyncClient, Resources):
    """A client of RapidPro or TextIt."""

    def __init__(
        self,
        token: str | None = None,
        *,
        host: str | None = None,
        email: str | None = None,
        requests_per_hour: int | None = None,
        **options: Unpack[SyncOptions],
    ) -> None:
        """Check the settings; nothing is sent before the first call.

        Args:
            token: an API token of a workspace; default: the environment variable RAPIDPRO_TOKEN.
            host: the server, for example `https://rapidpro.example.org`, with `/api/v2` or without; default:
                RAPIDPRO_HOST, or else TextIt.
            email: sign in with HTTP Basic as this user, with the token as password.
            requests_per_hour: the workspace's rate limit, to stay below it from the start; default: learned from the
                first 429.
            options: see `SyncOptions`.

        Raises:
            InvalidArgument: an argument is wrong, or there is no token.
        """
        settings = check_settings(**options)
        self._core = build_core(token, host, email, requests_per_hour, settings)
        self._http = SyncHttp(settings.http)

    @cached_property
    def with_raw_response(self) -> RawRapidPro:
        """The same resources, with methods that return the response: status, headers, body."""
        return RawRapidPro(self)


class AsyncRapidPro(AsyncClient, AsyncResources):
    """A client of RapidPro or TextIt for asyncio."""

    def __init__(
        self,
        token: str | None = None,
        *,
        host: str | None = None,
        email: str | None = None,
        requests_per_hour: int | None = None,
        **options: Unpack[AsyncOptions],
    ) -> None:
        """Check the settings, which are those of `RapidPro`; nothing is sent before the first call."""
        settings = check_settings(**options)
        self._core = build_core(token, host, email, requests_per_hour, settings)
        self._http = AsyncHttp(settings.http)

    @cached_property
    def with_raw_response(self) -> AsyncRawRapidPro:
        """The same resources, with methods that return the response: status, headers, body."""
        return AsyncRawRapidPro(self)


class RawRapidPro(RawSyncClient, RawResources):
    """`RapidPro` with methods that return the response."""


class AsyncRawRapidPro(RawAsyncClient, AsyncRawResources):
    """`AsyncRapidPro` with methods that return the response."""
