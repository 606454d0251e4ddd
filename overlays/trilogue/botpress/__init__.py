"""The client of Botpress Cloud."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, Unpack, cast

import attrs
from trilogue_generated.botpress import models
from trilogue_generated.botpress.client import AsyncRawResources, AsyncResources, RawResources, Resources
from trilogue_generated.runtime.operation import Operation

from .._auth import StaticAuth, checked_token
from .._client import AsyncClient, RawAsyncClient, RawSyncClient, SyncClient
from .._core import Core, Platform, base_url
from .._http import AsyncHttp, HttpResponse, SyncHttp
from .._pacing import HeaderPacer
from .._responses import error_body, wordless
from .._settings import AsyncOptions, Settings, SyncOptions, settings
from .._waiting import retry_after
from ..errors import ApiError, InvalidArgument, error_class
from . import errors

if TYPE_CHECKING:
    from ._files import AsyncFiles, Files

__all__ = ["AsyncBotpress", "Botpress", "errors", "models"]

SERVER = "https://api.botpress.cloud"

VARIABLES = {"x-bot-id": "BP_BOT_ID", "x-workspace-id": "BP_WORKSPACE_ID", "x-integration-id": "BP_INTEGRATION_ID"}
"""The environment variables that context headers come from."""


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
        given = settings(**options)
        self._core = _core(token, host, _context(bot_id, workspace_id, integration_id), given)
        self._http = SyncHttp(given.http)

    def for_bot(self, bot_id: str) -> Self:
        """Return a client for a bot, which shares everything else."""
        return self._copy(_with_context(self._core, {"x-bot-id": _checked_id("bot_id", bot_id)}))

    def for_workspace(self, workspace_id: str) -> Self:
        """Return a client for a workspace, which shares everything else."""
        return self._copy(_with_context(self._core, {"x-workspace-id": _checked_id("workspace_id", workspace_id)}))

    def for_integration(self, integration_id: str, *, alias: str | None = None) -> Self:
        """Return a client for an integration, with `alias` for one of its several installations in a bot."""
        return self._copy(_with_integration(self._core, integration_id, alias))

    @cached_property
    def files(self) -> Files:
        """The files of a bot."""
        from ._files import Files

        return Files(self)

    @cached_property
    def with_raw_response(self) -> RawBotpress:
        """The same resources, with methods that return the answer as it came."""
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
        given = settings(**options)
        self._core = _core(token, host, _context(bot_id, workspace_id, integration_id), given)
        self._http = AsyncHttp(given.http)

    def for_bot(self, bot_id: str) -> Self:
        """Return a client for a bot, which shares everything else."""
        return self._copy(_with_context(self._core, {"x-bot-id": _checked_id("bot_id", bot_id)}))

    def for_workspace(self, workspace_id: str) -> Self:
        """Return a client for a workspace, which shares everything else."""
        return self._copy(_with_context(self._core, {"x-workspace-id": _checked_id("workspace_id", workspace_id)}))

    def for_integration(self, integration_id: str, *, alias: str | None = None) -> Self:
        """Return a client for an integration, with `alias` for one of its several installations in a bot."""
        return self._copy(_with_integration(self._core, integration_id, alias))

    @cached_property
    def files(self) -> AsyncFiles:
        """The files of a bot."""
        from ._files import AsyncFiles

        return AsyncFiles(self)

    @cached_property
    def with_raw_response(self) -> AsyncRawBotpress:
        """The same resources, with methods that return the answer as it came."""
        return AsyncRawBotpress(self)


class RawBotpress(RawSyncClient, RawResources):
    """`Botpress` with answers as they came."""


class AsyncRawBotpress(RawAsyncClient, AsyncRawResources):
    """`AsyncBotpress` with answers as they came."""


def _core(token: str | None, host: str | None, context: Mapping[str, str], given: Settings) -> Core:
    key = checked_token(token or os.environ.get("BP_TOKEN"), "token", "BP_TOKEN")
    return Core(
        PLATFORM,
        base_url(host or os.environ.get("BP_API_URL") or SERVER, "", allow_http=given.allow_http),
        StaticAuth(f"Bearer {key}"),
        HeaderPacer(_everything, "ratelimit-remaining", _seconds_to_reset),
        given.clock,
        given.options,
        context,
    )


def _context(bot_id: str | None, workspace_id: str | None, integration_id: str | None) -> dict[str, str]:
    given = {"bot_id": bot_id, "workspace_id": workspace_id, "integration_id": integration_id}
    headers: dict[str, str] = {}
    for name, value in given.items():
        header = f"x-{name.replace('_', '-')}"
        if found := value or os.environ.get(VARIABLES[header]):
            headers[header] = _checked_id(name, found)
    return headers


def _checked_id(name: str, value: object) -> str:
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable() or " " in value:
        raise InvalidArgument(f"{name}: expected an id as Botpress shows it, without spaces")
    return value


def _with_context(core: Core, changes: Mapping[str, str]) -> Core:
    return attrs.evolve(core, context={**core.context, **changes})


def _with_integration(core: Core, integration_id: str, alias: str | None) -> Core:
    """Return a core for an integration; an alias that was meant for another one is left behind."""
    context = {name: value for name, value in core.context.items() if name != "x-integration-alias"}
    context["x-integration-id"] = _checked_id("integration_id", integration_id)
    if alias is not None:
        context["x-integration-alias"] = _checked_id("alias", alias)
    return attrs.evolve(core, context=context)


def _everything(operation: Operation[Any]) -> str:
    return ""


def _seconds_to_reset(headers: Mapping[str, str], now: float) -> float:
    """Read `RateLimit-Reset`, which is written as `Retry-After` is."""
    return retry_after({"retry-after": headers.get("ratelimit-reset", "")}, now) or 0.0


def read_error(response: HttpResponse) -> ApiError:
    """Return the exception for an answer that is no success.

    The class follows the `type` that Botpress names, and the status where it names none or a new one. Reads both forms
    of the body: `{id, code, type, message}` and `{type, description, status}`.
    """
    body = error_body(response)
    said = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    name, occurrence = said.get("type"), said.get("id")
    kind = errors.TYPES.get(name) if isinstance(name, str) else None
    message = said.get("message") or said.get("description")
    return (kind or error_class(response.status))(
        str(message) if message else wordless(response, "Botpress"),
        status=response.status,
        headers=response.headers,
        body=body,
        type=name if isinstance(name, str) else None,
        request_id=occurrence if isinstance(occurrence, str) else None,
    )


PLATFORM = Platform("botpress", "Botpress", read_error, variables=VARIABLES)
