"""Commands for any number of items: progress while it lasts, then what became of each item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve
from trilogue import BulkStopped
from trilogue_generated.runtime.bulk import BulkItem, BulkResult
from trilogue_generated.runtime.operation import Operation

from trilogue_tools.budgets import requests_left
from trilogue_tools.cli.output import Output
from trilogue_tools.cli.progress import Progress, progress_for
from trilogue_tools.connections import Connection
from trilogue_tools.errors import ToolError
from trilogue_tools.masking import masked, plain
from trilogue_tools.method import Method


def call_many(
    method: Method, operation: Operation[Any], account: Connection, arguments: Mapping[str, Any], output: Output
) -> None:
    """Call a method for many items and print what became of each, or the plan of a dry run.

    Raises:
        BulkStopped: the calls ended before the last item; what became of those before is printed.
        ToolError: items failed, or it is unknown whether they were carried out.
    """
    with account.open() as client:
        progress = progress_for(lambda: requests_left(client, operation), is_shown=True)
        with progress:
            call = method.on(client.with_options(on_wait=progress.on_wait))
            stopped, result = _run(call, arguments, progress)
    if arguments.get("dry_run"):
        evolve(output, masks=False).show({"items": result.total, "calls": result.calls, "wait_seconds": result.seconds})
        return
    evolve(output, masks=False).show_rows(_rows(result, masks=output.masks and output.format == "table"))
    if stopped is not None:
        raise stopped
    if result.failures:
        raise ToolError(f"{result.failed} of {result.total} failed, {result.unknown} are unknown; the rows say why")


def _run(call: Any, arguments: Mapping[str, Any], progress: Progress) -> tuple[BulkStopped | None, BulkResult[Any]]:
    counted = 0

    def count(so_far: BulkResult[Any]) -> None:
        nonlocal counted
        progress.count(len(so_far.items) - counted)
        counted = len(so_far.items)

    try:
        return None, call(**arguments, on_progress=count)
    except BulkStopped as error:
        return error, error.result


def _rows(result: BulkResult[Any], *, masks: bool) -> Iterator[Mapping[str, Any]]:
    show = masked if masks else plain
    for item in sorted(result.items, key=_place):
        reason = None if item.reason is None else str(item.reason)
        yield {"index": item.index, "state": item.state, "reason": reason, "result": show(item.result)}


def _place(item: BulkItem[Any]) -> int:
    return item.index
