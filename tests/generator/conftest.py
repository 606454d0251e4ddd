"""Packages generated from the small descriptions beside this file, and a client that only records."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent

sys.path.insert(0, str(ROOT / "scripts"))

import bundle  # noqa: E402  it stands in scripts/
from generator.files import copy_runtime  # noqa: E402
from generator.package import make_package  # noqa: E402
from generator.settings import Settings, load  # noqa: E402

Edit = Callable[[dict[str, Any]], None]


class RecordingClient:
    """Answers each call with what it was given, and remembers the operations and their arguments."""

    def __init__(self, response: object = None) -> None:
        self.response = response
        self.calls: list[tuple[Any, dict[str, Any]]] = []

    def call(self, operation: Any, arguments: dict[str, Any]) -> Any:
        self.calls.append((operation, arguments))
        return operation.decode(self.response)

    def paginate(self, operation: Any, arguments: dict[str, Any]) -> Any:
        self.calls.append((operation, arguments))
        return operation.rows(self.response) if isinstance(self.response, list) else []


class AsyncRecordingClient(RecordingClient):
    """`RecordingClient` for `await`."""

    async def call(self, operation: Any, arguments: dict[str, Any]) -> Any:
        return super().call(operation, arguments)


class Workshop:
    """Generates packages beside one runtime, so that they can be imported as `made.<name>`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "made"
        copy_runtime(ROOT / "generator-config" / "runtime", self.folder / "runtime")
        (self.folder / "__init__.py").write_text("")

    def document(self, name: str) -> dict[str, Any]:
        document: dict[str, Any] = bundle.load_yaml(HERE / "descriptions" / f"{name}.yaml")
        return document

    def settings(self, name: str) -> Settings:
        return load(HERE / "settings" / f"{name}.yaml")

    def make(
        self, name: str, target: str | None = None, edit: Edit = lambda _: None, settings: Settings | None = None
    ) -> Path:
        """Generate a description, changed by `edit` first, and return the folder of its package."""
        document = self.document(name)
        edit(document)
        folder = self.folder / (target or name)
        make_package(document, settings or self.settings(name), ROOT / "generator-config" / "templates", folder)
        return folder

    def load(self, path: str) -> ModuleType:
        return import_module(f"made.{path}")


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    folder = tmp_path_factory.mktemp("generator")
    sys.path.insert(0, str(folder))
    yield Workshop(folder)
    sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def torture(workshop: Workshop) -> ModuleType:
    """The package of the description that uses every construct, with everything in it loaded on demand."""
    workshop.make("torture")
    return workshop.load("torture")


@pytest.fixture(scope="session")
def models(workshop: Workshop, torture: ModuleType) -> ModuleType:
    return workshop.load(f"{torture.__name__.removeprefix('made.')}.models")


@pytest.fixture(scope="session")
def resources(workshop: Workshop, torture: ModuleType) -> ModuleType:
    return workshop.load(f"{torture.__name__.removeprefix('made.')}.client")


@pytest.fixture
def client() -> RecordingClient:
    return RecordingClient()


@pytest.fixture
def async_client() -> AsyncRecordingClient:
    return AsyncRecordingClient()
