"""Exports: lists into files and databases, by dlt, and only what changed the next time.

`run` does an export as the command line does. `rapidpro`, `botpress` and `pantheon` are dlt sources, for pipelines of
one's own. `splits` cuts an export into parts that other machines read.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from trilogue_tools.extras import advice

if TYPE_CHECKING:
    from trilogue_tools.export.dask import to_dask
    from trilogue_tools.export.plan import Split, splits
    from trilogue_tools.export.runner import run
    from trilogue_tools.export.sources import botpress, pantheon, rapidpro, source
    from trilogue_tools.export.workspaces import Workspace

__all__ = ["Split", "Workspace", "botpress", "pantheon", "rapidpro", "run", "source", "splits", "to_dask"]

_MODULES = {
    **dict.fromkeys(("botpress", "pantheon", "rapidpro", "source"), "sources"),
    **dict.fromkeys(("Split", "splits"), "plan"),
    "Workspace": "workspaces",
    "run": "runner",
    "to_dask": "dask",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module 'trilogue.export' has no attribute {name!r}")
    try:
        module = import_module(f"trilogue_tools.export.{_MODULES[name]}")
    except ModuleNotFoundError as error:
        if (message := advice(error)) is None:
            raise
        raise ModuleNotFoundError(f"trilogue.export: {message}", name=error.name) from error
    value: object = getattr(module, name)
    globals()[name] = value
    return value
