"""The client of Pantheon."""

from __future__ import annotations

from functools import cached_property
from typing import Unpack

from trilogue_generated.pantheon import literals, models
from trilogue_generated.pantheon.client import AsyncRawResources, AsyncResources, RawResources, Resources

from .._client import AsyncClient, RawAsyncClient, RawSyncClient, SyncClient
from .._http.pools import AsyncHttp, SyncHttp
from .._settings import AsyncOptions, SyncOptions, check_settings
from ._platform import build_core
from ._tokens import Token, TokenCache

__all__ = ["AsyncPantheon", "Pantheon", "Token", "TokenCache", "literals", "models"]


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
        settings = check_settings(**options)
        self._core = build_core(client_id, client_secret, host, token_cache, settings)
        self._http = SyncHttp(settings.http)

    @cached_property
    def with_raw_response(self) -> RawPantheon:
        """The same resources, with methods that return the response: status, headers, body."""
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
        settings = check_settings(**options)
        self._core = build_core(client_id, client_secret, host, token_cache, settings)
        self._http = AsyncHttp(settings.http)

    @cached_property
    def with_raw_response(self) -> AsyncRawPantheon:
        """The same resources, with methods that return the response: status, headers, body."""
        return AsyncRawPantheon(self)


class RawPantheon(RawSyncClient, RawResources):
    """`Pantheon` with methods that return the response."""


class AsyncRawPantheon(RawAsyncClient, AsyncRawResources):
    """`AsyncPantheon` with methods that return the response."""
