"""Splits as a Dask collection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trilogue_tools.errors import UsageError
from trilogue_tools.export.plan import Split


def to_dask(splits: Sequence[Split]) -> Any:
    """Return the rows of splits as a Dask dataframe with a partition for each, read when it is computed.

    Raises:
        UsageError: there are none, or they are not all of one list.
    """
    import dask.dataframe

    if not splits or len({(split.platform, split.list) for split in splits}) > 1:
        raise UsageError("splits: expected those of one list; make a dataframe for each")
    from_map: Any = dask.dataframe.from_map  # it has no types
    return from_map(to_frame, list(splits), meta=to_frame_of(splits[0].schema.empty_table()))


def to_frame(split: Split) -> Any:
    """Return the rows of a split as a pandas dataframe with Arrow types."""
    return to_frame_of(split.table())


def to_frame_of(table: Any) -> Any:
    """Return a table as a pandas dataframe with Arrow types."""
    import pandas as pd

    return table.to_pandas(types_mapper=pd.ArrowDtype)
