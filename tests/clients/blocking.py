"""Lets one test drive the sync and the async client: an async client whose calls return when they are done."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from typing import Any


class Blocking:
    """Anything of an async client, with each coroutine run to its end and each async iterator as a sync one."""

    def __init__(self, wrapped: Any, runner: asyncio.Runner) -> None:
        self._wrapped, self._runner = wrapped, runner

    def __getattr__(self, name: str) -> Any:
        return self._blocking(getattr(self._wrapped, name))

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._blocking(self._wrapped(*arguments, **named))

    def __iter__(self) -> Iterator[Any]:
        if hasattr(self._wrapped, "__anext__"):
            return self
        return Blocking(aiter(self._wrapped), self._runner)

    def __next__(self) -> Any:
        try:
            return self._runner.run(_next(self._wrapped))
        except StopAsyncIteration:
            raise StopIteration from None

    def __enter__(self) -> Blocking:
        return Blocking(self._runner.run(_awaited(self._wrapped.__aenter__())), self._runner)

    def __exit__(self, *exception: object) -> None:
        self._runner.run(_awaited(self._wrapped.__aexit__(*exception)))

    def _blocking(self, value: Any) -> Any:
        if inspect.iscoroutine(value):
            result = self._runner.run(_awaited(value))
            return Blocking(result, self._runner) if hasattr(result, "with_options") else result
        if callable(value) or hasattr(value, "__anext__") or type(value).__module__.startswith("trilogue"):
            return value if hasattr(value, "to_dict") or hasattr(value, "items") else Blocking(value, self._runner)
        return value


async def _awaited(value: Any) -> Any:
    return await value


async def _next(iterator: AsyncIterator[Any]) -> Any:
    return await anext(iterator)


def methods_of(resources: type) -> set[str]:
    """Return the names of all methods below a client, such as `contacts.list` or `tables.rows.find`."""
    found: set[str] = set()
    for name, value in vars(resources).items():
        if name.startswith("_"):
            continue
        if callable(value):
            found.add(name)
        elif hasattr(value, "func"):
            resource = type(value.func(_Nothing()))
            found |= {f"{name}.{method}" for method in methods_of(resource)}
    return found


class _Nothing:
    """Stands for a client, or a resource with more below it, that no method is called on."""

    _client = _caller = None


class Recorder:
    """A client that remembers which of its methods were called."""

    def __init__(self, client: Any, called: set[str], path: str = "") -> None:
        self._client, self._called, self._path = client, called, path

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._client, name)
        path = f"{self._path}.{name}".lstrip(".")
        inner = value._wrapped if isinstance(value, Blocking) else value
        if inspect.ismethod(inner) or inspect.isfunction(inner):
            self._called.add(path)
            return value
        return Recorder(value, self._called, path)
