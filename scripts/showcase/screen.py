"""What a person sees."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Row = TypeVar("Row")

BAR = 28
REDRAW_SECONDS = 0.05


def title(text: str) -> None:
    """Begin a part."""
    print(f"\n{text}\n{'-' * len(text)}")


def tell(what: str, outcome: str) -> None:
    """Say what was done and what came of it."""
    print(f"  {what:<26} {outcome}"[: max(shutil.get_terminal_size().columns, 60) * 3])


def progress(rows: Iterable[Row], what: str, total: int | None = None) -> Iterator[Row]:
    """Hand the rows on and draw a bar meanwhile; on something other than a terminal only its end is printed."""
    start, drawn, count = time.monotonic(), 0.0, 0
    for row in rows:
        yield row
        count += 1
        if sys.stdout.isatty() and time.monotonic() - drawn > REDRAW_SECONDS:
            drawn = time.monotonic()
            print(f"\r  {what:<26} {_bar(count, total)}", end="", flush=True)
    ending = f"{_bar(count, total or count)}  in {time.monotonic() - start:.1f} s"
    print(f"{chr(13) if sys.stdout.isatty() else ''}  {what:<26} {ending}")


def _bar(count: int, total: int | None) -> str:
    if not total:
        return f"{count:,}"
    full = min(round(BAR * count / total), BAR)
    return f"[{'#' * full}{'.' * (BAR - full)}] {count:,} of {total:,}"


def countdown(seconds: float, shown_seconds: float = 1.5) -> None:
    """Show a long wait in a short time."""
    steps = 30 if sys.stdout.isatty() else 1
    for step in range(steps):
        if sys.stdout.isatty():
            left = seconds * (1 - step / steps)
            print(f"\r  {'waiting':<26} {left / 60:5.1f} minutes left ", end="", flush=True)
        time.sleep(shown_seconds / steps)
    if sys.stdout.isatty():
        print(f"\r{'':60}\r", end="")
