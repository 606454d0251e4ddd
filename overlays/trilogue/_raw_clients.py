"""Clients whose methods return responses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from trilogue_generated.runtime.operation import Operation

from ._callers import AsyncCaller, SyncCaller
from ._records import Record
from ._responses import Response

Result = TypeVar("Result")


class RawSyncCaller(Record, frozen=True):
    """Calls operations and returns their responses."""

    caller: SyncCaller

    def call(self, operation: Operation[Result], arguments: Mapping[str, Any]) -> Response[Result]:
        """Call an operation."""
        return self.caller.call_raw(operation, arguments)


class RawAsyncCaller(Record, frozen=True):
    """`RawSyncCaller` for asyncio."""

    caller: AsyncCaller

    async def call(self, operation: Operation[Result], arguments: Mapping[str, Any]) -> Response[Result]:
        """Call an operation."""
        return await self.caller.call_raw(operation, arguments)


class RawSyncClient:
    """Shares everything with a client."""

    def __init__(self, caller: SyncCaller) -> None:
        """Call through the client's own caller."""
        self._caller = RawSyncCaller(caller)


class RawAsyncClient:
    """`RawSyncClient` for asyncio."""

    def __init__(self, caller: AsyncCaller) -> None:
        """Call through the client's own caller."""
        self._caller = RawAsyncCaller(caller)
