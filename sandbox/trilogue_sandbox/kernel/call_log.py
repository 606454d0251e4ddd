"""When callers called, which rate limits count."""

from __future__ import annotations

from collections import deque


class CallLog:
    """Timestamps of calls, in microseconds since 1970; held in memory, as every request adds one."""

    def __init__(self) -> None:
        self._calls: dict[tuple[object, ...], deque[int]] = {}

    def since(self, start: int, platform: str, *key: object) -> deque[int]:
        """Return the calls after `start`, oldest first; append to count one more. Older ones are dropped."""
        calls = self._calls.setdefault((platform, *key), deque())
        while calls and calls[0] <= start:
            calls.popleft()
        return calls

    def clear(self, platform: str) -> None:
        """Drop the calls of a platform."""
        self._calls = {key: calls for key, calls in self._calls.items() if key[0] != platform}

    def copy(self) -> CallLog:
        """Return the same calls, to be counted on their own."""
        copy = CallLog()
        copy._calls = {key: calls.copy() for key, calls in self._calls.items()}
        return copy
