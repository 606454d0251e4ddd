"""The models, literals and dicts of a platform under its public name, each loaded when it is first used."""

from __future__ import annotations

from types import ModuleType


def find(package: str, name: str, *modules: ModuleType) -> object:
    """Return what one of the modules exports; raise AttributeError as the package would."""
    for module in modules:
        if name in module.__all__:
            value: object = getattr(module, name)
            return value
    raise AttributeError(f"module {package!r} has no attribute {name!r}")
