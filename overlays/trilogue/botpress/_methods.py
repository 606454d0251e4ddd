"""Methods of the clients that the description does not have."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self

from .._base_client import Client
from .._client import AsyncClient, SyncClient
from ._platform import require_id, with_context, with_integration

if TYPE_CHECKING:
    from ._files import AsyncFiles, Files


class _ContextMethods(Client):
    """Copies of a client for another bot, workspace or integration."""

    def for_bot(self, bot_id: str) -> Self:
        """Return a client for a bot, which shares everything else."""
        return self._copy(with_context(self._core, bot_id=require_id("bot_id", bot_id)))

    def for_workspace(self, workspace_id: str) -> Self:
        """Return a client for a workspace, which shares everything else."""
        return self._copy(with_context(self._core, workspace_id=require_id("workspace_id", workspace_id)))

    def for_integration(self, integration_id: str, *, alias: str | None = None) -> Self:
        """Return a client for an integration, with `alias` for one of its several installations in a bot."""
        return self._copy(with_integration(self._core, integration_id, alias))


class SyncMethods(_ContextMethods, SyncClient):
    """Those of the sync client."""

    @cached_property
    def files(self) -> Files:
        """The files of a bot."""
        from ._files import Files

        return Files(self._caller)


class AsyncMethods(_ContextMethods, AsyncClient):
    """Those of the async client."""

    @cached_property
    def files(self) -> AsyncFiles:
        """The files of a bot."""
        from ._files import AsyncFiles

        return AsyncFiles(self._caller)
