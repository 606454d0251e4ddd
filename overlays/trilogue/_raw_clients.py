"""Clients whose methods return responses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from trilogue_generated.runtime.operation import Operation

from ._client import AsyncClient, SyncClient
from ._responses import Response

Result = TypeVar("Result")


class RawSyncClient:
    """Calls operations and returns their responses."""

    def __init__(self, client: SyncClient) -> None:
        """Share everything with `client`."""
        self._client = client

    def call(self, operation: Operation[Result], arguments: Mapping[str, Any]) -> Response[Result]:
        """Call an operation; resources call this."""
        return self._client.call_raw(operation, arguments)


class RawAsyncClient:
    """`RawSyncClient` for asyncio."""

    def __init__(self, client: AsyncClient) -> None:
        """Share everything with `client`."""
        self._client = client

    async def call(self, operation: Operation[Result], arguments: Mapping[str, Any]) -> Response[Result]:
        """Call an operation; resources call this."""
        return await self._client.call_raw(operation, arguments)
