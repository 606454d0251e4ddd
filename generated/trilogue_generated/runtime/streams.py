# Copied by scripts/generate from generator-config/runtime; do not edit it here.
"""What methods that listen return."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any, Self, TypeVar

from .interface import Interface

Item = TypeVar("Item")


class Stream(Interface, Iterator[Item]):
    """What happens, as it happens: an iterator over a stream of server-sent events.

    It connects when it is made, so that nothing is missed from then on, and again whenever the connection breaks. It
    ends when it is closed, at best by a `with` block.
    """

    @abstractmethod
    def close(self) -> None:
        """Close the connection; another thread that waits for the next item then comes to the end."""

    def __enter__(self) -> Self:
        """Return the stream; leaving the block closes it."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the connection."""
        self.close()


class AsyncStream(Interface, AsyncIterator[Item]):
    """`Stream` for `async for`.

    It connects when it is awaited, when an `async with` block begins, or else with the first item.
    """

    @abstractmethod
    def __await__(self) -> Generator[Any, Any, Self]:
        """Connect, and return the stream."""

    @abstractmethod
    async def close(self) -> None:
        """Close the connection."""

    async def __aenter__(self) -> Self:
        """Connect, and return the stream; leaving the block closes it."""
        return await self

    async def __aexit__(self, *exception: object) -> None:
        """Close the connection."""
        await self.close()
