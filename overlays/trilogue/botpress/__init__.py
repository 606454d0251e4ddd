"""The client of Botpress Cloud."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self, Unpack

from trilogue_generated.botpress import models
from trilogue_generated.botpress.client import AsyncRawResources, AsyncResources, RawResources, Resources

from .._client import AsyncClient, RawAsyncClient, RawSyncClient, SyncClient
from .._http.pools import AsyncHttp, SyncHttp
from .._settings import AsyncOptions, SyncOptions, check_settings
from . import errors
from ._platform import build_core, read_context, with_context, with_integration

if TYPE_CHECKING:
    from ._files import AsyncFiles, Files

__all__ = ["AsyncBotpress", "Botpress", "errors", "models"]


class Botpress(SyncClient, Resources):
    """A client of Botpress Cloud."""

    def __init__(
        self,
        token: str | None = None,
        *,
        bot_id: str | None = None,
        workspace_id: str | None = None,
        integration_id: str | None = None,
        host: str | None = None,
        **options: Unpack[SyncOptions],
    ) -> None:
        """Check the settings; nothing is sent before the first call.

        Args:
            token: a personal access token, or the token of a bot or an integration; default: the environment variable
                BP_TOKEN.
            bot_id: the bot that conversations, files and tables belong to; default: BP_BOT_ID.
            workspace_id: the workspace that bots, integrations and billing belong to; default: BP_WORKSPACE_ID.
            integration_id: act as this integration of the bot; default: BP_INTEGRATION_ID.
            host: another server, for example the sandbox's; default: BP_API_URL, or else Botpress's own.
            options: see `SyncOptions`.

        Raises:
            InvalidArgument: an argument is wrong, or there is no token.
        """
        settings = check_settings(**options)
        self._core = build_core(token, host, read_context(bot_id, workspace_id, integration_id), settings)
        self._http = SyncHttp(settings.http)

    def for_bot(self, bot_id: str) -> Self:
        """Return a client for a bot, which shares everything else."""
        return self._copy(with_context(self._core, bot_id=bot_id))

    def for_workspace(self, workspace_id: str) -> Self:
        """Return a client for a workspace, which shares everything else."""
        return self._copy(with_context(self._core, workspace_id=workspace_id))

    def for_integration(self, integration_id: str, *, alias: str | None = None) -> Self:
        """Return a client for an integration, with `alias` for one of its several installations in a bot."""
        return self._copy(with_integration(self._core, integration_id, alias))

    @cached_property
    def files(self) -> Files:
        """The files of a bot."""
        from ._files import Files

        return Files(self)

    @cached_property
    def with_raw_response(self) -> RawBotpress:
        """The same resources, with methods that return the response: status, headers, body."""
        return RawBotpress(self)


class AsyncBotpress(AsyncClient, AsyncResources):
    """A client of Botpress Cloud for asyncio."""

    def __init__(
        self,
        token: str | None = None,
        *,
        bot_id: str | None = None,
        workspace_id: str | None = None,
        integration_id: str | None = None,
        host: str | None = None,
        **options: Unpack[AsyncOptions],
    ) -> None:
        """Check the settings, which are those of `Botpress`; nothing is sent before the first call."""
        settings = check_settings(**options)
        self._core = build_core(token, host, read_context(bot_id, workspace_id, integration_id), settings)
        self._http = AsyncHttp(settings.http)

    def for_bot(self, bot_id: str) -> Self:
        """Return a client for a bot, which shares everything else."""
        return self._copy(with_context(self._core, bot_id=bot_id))

    def for_workspace(self, workspace_id: str) -> Self:
        """Return a client for a workspace, which shares everything else."""
        return self._copy(with_context(self._core, workspace_id=workspace_id))

    def for_integration(self, integration_id: str, *, alias: str | None = None) -> Self:
        """Return a client for an integration, with `alias` for one of its several installations in a bot."""
        return self._copy(with_integration(self._core, integration_id, alias))

    @cached_property
    def files(self) -> AsyncFiles:
        """The files of a bot."""
        from ._files import AsyncFiles

        return AsyncFiles(self)

    @cached_property
    def with_raw_response(self) -> AsyncRawBotpress:
        """The same resources, with methods that return the response: status, headers, body."""
        return AsyncRawBotpress(self)


class RawBotpress(RawSyncClient, RawResources):
    """`Botpress` with methods that return the response."""


class AsyncRawBotpress(RawAsyncClient, AsyncRawResources):
    """`AsyncBotpress` with methods that return the response."""
