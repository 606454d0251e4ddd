"""Progress on standard error, while rows go to standard output."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

_EVERY_SECONDS = 0.5


def counted(rows: Iterable[T], *, is_shown: bool) -> Iterator[T]:
    """Yield rows and say how many there were and how fast they come, if standard error is a terminal."""
    if not is_shown or not sys.stderr.isatty():
        yield from rows
        return
    started = shown = time.monotonic()
    count = 0
    for count, row in enumerate(rows, 1):
        now = time.monotonic()
        if now - shown >= _EVERY_SECONDS:
            shown = now
            _print(count, now - started)
        yield row
    _print(count, time.monotonic() - started)
    print(file=sys.stderr)


def _print(count: int, seconds: float) -> None:
    rate = count / seconds if seconds else 0.0
    print(f"\r{count:,} rows, {rate:,.0f} a second ", end="", file=sys.stderr, flush=True)
