"""Methods of the clients that the description does not have."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Self

import attrs

from .._client import AsyncClient, Client, SyncClient
from .._core import Core
from ._platform import checked_id

if TYPE_CHECKING:
    from ._files import AsyncFiles, Files


class _ContextMethods(Client):
    """Copies of a client for another bot, workspace or integration."""

    def for_bot(self, bot_id: str) -> Self:
        """Return a client for a bot, which shares everything else."""
        return self._copy(_with_context(self._core, {"x-bot-id": checked_id("bot_id", bot_id)}))

    def for_workspace(self, workspace_id: str) -> Self:
        """Return a client for a workspace, which shares everything else."""
        return self._copy(_with_context(self._core, {"x-workspace-id": checked_id("workspace_id", workspace_id)}))

    def for_integration(self, integration_id: str, *, alias: str | None = None) -> Self:
        """Return a client for an integration, with `alias` for one of its several installations in a bot."""
        return self._copy(_with_integration(self._core, integration_id, alias))


class SyncMethods(_ContextMethods, SyncClient):
    """Those of the sync client."""

    @cached_property
    def files(self) -> Files:
        """The files of a bot."""
        from ._files import Files

        return Files(self)


class AsyncMethods(_ContextMethods, AsyncClient):
    """Those of the async client."""

    @cached_property
    def files(self) -> AsyncFiles:
        """The files of a bot."""
        from ._files import AsyncFiles

        return AsyncFiles(self)


def _with_context(core: Core, changes: Mapping[str, str]) -> Core:
    return attrs.evolve(core, context={**core.context, **changes})


def _with_integration(core: Core, integration_id: str, alias: str | None) -> Core:
    """Return a core for an integration; an alias that was meant for another one is left behind."""
    context = {name: value for name, value in core.context.items() if name != "x-integration-alias"}
    context["x-integration-id"] = checked_id("integration_id", integration_id)
    if alias is not None:
        context["x-integration-alias"] = checked_id("alias", alias)
    return attrs.evolve(core, context=context)
