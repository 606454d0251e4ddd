"""Runs an export to its end, in steps of which each is either done or not."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dlt
from dlt.common.exceptions import DltException
from dlt.pipeline.exceptions import PipelineStepFailed
from trilogue import OnWait

from trilogue_tools.errors import ToolError
from trilogue_tools.export.lists import choose
from trilogue_tools.export.sources import resource_name, source, unfinished
from trilogue_tools.export.targets import FileFormat, Target, to_target
from trilogue_tools.export.workspaces import Workspace, to_workspaces

ROWS_PER_STEP = 20_000
"""Rows of each list after which what was read is loaded, so that a run that is cut off goes on from there."""

_SETTINGS = {
    "RUNTIME__LOG_LEVEL": "ERROR",
    "LOAD__TRUNCATE_STAGING_DATASET": "true",  # personal data stays in one place
    "LOAD__DELETE_COMPLETED_JOBS": "true",
}


def run(
    platform: str,
    lists: Iterable[str] | None = None,
    *,
    to: str,
    workspaces: Iterable[str | Workspace] | None = None,
    file_format: FileFormat | None = None,
    archives: bool = True,
    rows_per_step: int = ROWS_PER_STEP,
    on_wait: OnWait | None = None,
    on_rows: Callable[[str, int], None] | None = None,
) -> None:
    """Export lists of a platform; a second run to the same target brings only what changed.

    A run that was cut off, however, goes on from the last step that was complete.

    Args:
        platform: `rapidpro`, `botpress` or `pantheon`.
        lists: their names, such as `contacts`; all if not given.
        to: `duckdb:///FILE`, `postgresql://...`, a file that ends in .jsonl, .csv or .parquet, or a folder.
        workspaces: names of profiles, or `Workspace`s; the account of the environment if not given.
        file_format: that of files in a folder; `jsonl` if not given.
        archives: read archives of RapidPro too.
        rows_per_step: rows of each list after which what was read is loaded.
        on_wait: called with a `Wait` before a pause of more than a second.
        on_rows: called with the name of a list and the number of rows that were read.

    Raises:
        UsageError: an argument is wrong.
        ToolError: there are no credentials, or another export writes there.
        TrilogueError: the platform failed.
    """
    names, accounts = None if lists is None else list(lists), list(workspaces or ())
    chosen = choose(platform, names)
    target = to_target(to, chosen, file_format)
    for workspace in to_workspaces(accounts):
        with workspace.connection(platform).open():
            pass  # without credentials it fails here, before anything is written
    with _alone(target.folder), _unwrapped():
        pipeline = _pipeline(platform, target)
        left: set[tuple[str, str]] | None = None
        while left is None or left:
            step = source(
                platform,
                names,
                workspaces=accounts,
                archives=archives,
                most_rows=rows_per_step,
                on_wait=on_wait,
                on_rows=on_rows,
            )
            if left is not None:
                step = step.with_resources(*(resource_name(*one, is_only=len(accounts) <= 1) for one in left))
            pipeline.run(step)
            left = _left(pipeline, platform, {item.name for item in chosen})
        target.finish(platform, chosen)


def _left(pipeline: Any, platform: str, lists: set[str]) -> set[tuple[str, str]]:
    """Return what is not at its end, of the lists of this run."""
    state = pipeline.state["sources"].get(platform, {})
    return {(workspace, item) for workspace, item in unfinished(state) if item in lists}


def _pipeline(platform: str, target: Target) -> Any:
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    return dlt.pipeline(
        f"trilogue_{platform}",
        pipelines_dir=str(target.folder / "pipelines"),
        destination=target.destination(),
        dataset_name=platform,
    )


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Keep a second export to the same target out; a lock of a process that was killed is gone with it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ModuleNotFoundError:
            pass  # Windows has no such locks
        except OSError as error:
            raise ToolError(f"another export writes to the same target; its lock is {file.name}") from error
        yield


@contextmanager
def _unwrapped() -> Generator[None]:
    """Raise what went wrong itself, not what dlt wraps it in."""
    from trilogue import TrilogueError

    try:
        yield
    except DltException as error:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, (TrilogueError, ToolError, KeyboardInterrupt)):
            cause = cause.__cause__ or cause.__context__
        if cause is not None:
            raise cause from None
        reason = error.exception if isinstance(error, PipelineStepFailed) else error
        lines = str(reason).strip().splitlines()
        raise ToolError(f"the export failed: {lines[0] if lines else type(reason).__name__}") from error
