"""The committed packages: every method called, every example decoded, whole and broken."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from platforms import platforms
from trilogue_generated.runtime.model import Model, decode

GENERATED = Path(__file__).resolve().parents[2] / "generated" / "trilogue_generated"

each_platform = pytest.mark.parametrize("platform", platforms())


class Watched(dict[str, Any]):
    """An object that remembers which keys were asked for in the lenient way."""

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__(data)
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)


def document(platform: str) -> dict[str, Any]:
    text = (GENERATED / platform / "openapi.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def models(platform: str) -> ModuleType:
    return import_module(f"trilogue_generated.{platform}.models")


def examples(platform: str) -> Iterator[tuple[type[Model], dict[str, Any]]]:
    """Yield the examples of the schemas that are classes."""
    module = models(platform)
    for name, schema in document(platform)["components"]["schemas"].items():
        if name in module.__all__:
            yield from ((getattr(module, name), example) for example in schema["examples"])


def spoilt(example: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield an example with each of its fields missing, null, and of types it does not have."""
    for key in example:
        yield {name: value for name, value in example.items() if name != key}
        yield from ({**example, key: value} for value in (None, 7, "odd", [], {}, [None], ["odd"], {"odd": 7}))
    yield {**example, "nobody promised": [None]}


def resources(holder: Any) -> Iterator[Any]:
    """Yield each resource of a client or resource, and those below it."""
    for name, member in inspect.getmembers(type(holder)):
        if isinstance(member, cached_property):
            resource = getattr(holder, name)
            yield resource
            yield from resources(resource)


def methods(holder: Any) -> Iterator[Any]:
    for resource in resources(holder):
        yield from (
            method for name, method in inspect.getmembers(resource, inspect.ismethod) if not name.startswith("_")
        )


class Recorder:
    """Remembers the operations that are called and their arguments, and returns nothing."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, dict[str, Any]]] = []

    def call(self, operation: Any, arguments: dict[str, Any]) -> Any:
        self.calls.append((operation, arguments))

    def paginate(self, operation: Any, arguments: dict[str, Any]) -> Any:
        self.calls.append((operation, arguments))

    def stream(self, operation: Any, arguments: dict[str, Any]) -> Any:
        self.calls.append((operation, arguments))

    def wait(self, waiter: Any, key: Any, arguments: dict[str, Any], deadline: Any, on_progress: Any) -> Any:
        assert {deadline, on_progress} == {"deadline", "on_progress"}

    def download(self, download: Any, source: Any, to: Any) -> Any:
        assert to == "to"
        assert download.lookup is None or source == {each.name: each.name for each in download.lookup.parameters}

    def look_up(self, lookup: Any, key: Any) -> Any:
        assert key == lookup.by

    def bulk(self, bulk: Any, items: dict[str, Any], arguments: dict[str, Any], **options: Any) -> Any:
        assert options == {name: name for name in ("ledger", "dry_run", "max_failures", "on_progress")}


class AsyncRecorder(Recorder):
    """`Recorder` for `await`."""

    async def call(self, operation: Any, arguments: dict[str, Any]) -> Any:
        super().call(operation, arguments)

    async def wait(self, waiter: Any, key: Any, arguments: dict[str, Any], deadline: Any, on_progress: Any) -> Any:
        super().wait(waiter, key, arguments, deadline, on_progress)

    async def download(self, download: Any, source: Any, to: Any) -> Any:
        super().download(download, source, to)

    async def look_up(self, lookup: Any, key: Any) -> Any:
        super().look_up(lookup, key)

    async def bulk(self, bulk: Any, items: dict[str, Any], arguments: dict[str, Any], **options: Any) -> Any:
        super().bulk(bulk, items, arguments, **options)


async def calls_of_all_methods(platform: str, kind: str) -> list[tuple[Any, dict[str, Any]]]:
    """Call every method with a value for each argument; return the operations and the arguments they were given."""
    base = getattr(import_module(f"trilogue_generated.{platform}.client"), f"{kind}Resources")
    recorder = AsyncRecorder if kind.startswith("Async") else Recorder
    caller = recorder()
    client = type("Client", (base,), {"_caller": caller})()
    for method in methods(client):
        outcome = method(**{name: name for name in inspect.signature(method).parameters})
        if inspect.isawaitable(outcome):
            await outcome
    calls: list[tuple[Any, dict[str, Any]]] = caller.calls
    return calls


def fixed(platform: str) -> dict[str, dict[str, Any]]:
    """Return the arguments that are always the same, by the names of their methods."""
    paths = document(platform)["paths"].values()
    keys = [node["x-sdk"] for item in paths for node in item.values() if "x-sdk" in node]
    return {
        f"{key['resource']}.{method['name']}": method["set"]
        for key in keys
        for method in key.get("methods", ())
        if "set" in method
    }


def operation_ids(platform: str, kind: str) -> set[str]:
    """Return the ids of the operations that have a method; a stream has no raw response."""
    nodes = [node for item in document(platform)["paths"].values() for node in item.values() if "operationId" in node]
    streams = {
        node["operationId"]
        for node in nodes
        if "text/event-stream" in node["responses"].get("200", {}).get("content", {})
    }
    return {node["operationId"] for node in nodes} - (streams if "Raw" in kind else set())


@each_platform
def test_every_example_becomes_the_same_model_by_both_decoders(platform: str) -> None:
    for model, example in examples(platform):
        assert model.from_dict(example) == decode(model, example), model


@each_platform
def test_every_example_comes_back_as_it_was(platform: str) -> None:
    for model, example in examples(platform):
        written = model.from_dict(example).to_dict()

        assert written.keys() == example.keys(), model
        assert model.from_dict(written) == model.from_dict(example), model


@each_platform
def test_every_example_takes_the_fast_way(platform: str) -> None:
    required = {
        name: set(schema.get("required", ())) for name, schema in document(platform)["components"]["schemas"].items()
    }
    for model, example in examples(platform):
        watched = Watched(example)
        model.from_dict(watched)

        assert not watched.asked & required[model.__name__], model


@each_platform
def test_no_broken_answer_raises_and_both_decoders_make_the_same_of_it(platform: str) -> None:
    for model, example in examples(platform):
        for data in spoilt(example):
            made = model.from_dict(data)

            assert made == decode(model, data), (model, data)
            assert made.to_dict().keys() == data.keys(), (model, data)


@pytest.mark.parametrize("kind", ["", "Async", "Raw", "AsyncRaw"])
@each_platform
def test_every_method_hands_on_every_argument(platform: str, kind: str) -> None:
    calls = asyncio.run(calls_of_all_methods(platform, kind))

    assert {operation.id for operation, _ in calls} == operation_ids(platform, kind)
    for operation, arguments in calls:
        names = {parameter.name: parameter.name for parameter in operation.parameters}
        assert arguments == {**names, **fixed(platform).get(operation.name, {})}, operation.name


@each_platform
def test_every_operation_fits_together(platform: str) -> None:
    for operation, arguments in asyncio.run(calls_of_all_methods(platform, "")):
        in_path = [parameter.wire for parameter in operation.parameters if parameter.location == "path"]
        groups = (*operation.exactly_one, *operation.at_most_one, *operation.at_least_one, operation.retry_unless)

        assert all(f"{{{wire}}}" in operation.path for wire in in_path), operation.name
        assert operation.path.count("{") == len(in_path), operation.name
        assert {name for group in groups for name in group} <= arguments.keys(), operation.name
