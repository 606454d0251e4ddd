"""The clients, models, literals and dicts of a platform under its public name, each loaded when it is first used."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from trilogue_generated.platforms import PLATFORMS


def find(package: str, name: str, *modules: ModuleType) -> object:
    """Return a client, or what one of the modules exports; raise AttributeError as the package would."""
    if name.removeprefix("Async") == PLATFORMS[package.rpartition(".")[2]].client:
        client: object = getattr(import_module(f"{package}.clients"), name)
        return client
    for module in modules:
        if name in module.__all__:
            value: object = getattr(module, name)
            return value
    raise AttributeError(f"module {package!r} has no attribute {name!r}")
