"""Exports of lists into files and databases: `pip install 'trilogue[export]'`; see docs/export.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trilogue_tools.export as _export

if TYPE_CHECKING:
    from trilogue_tools.export import Split, Workspace, botpress, pantheon, rapidpro, run, source, splits, to_dask

__all__ = ["Split", "Workspace", "botpress", "pantheon", "rapidpro", "run", "source", "splits", "to_dask"]


def __getattr__(name: str) -> object:
    return getattr(_export, name)


def __dir__() -> list[str]:
    return __all__
