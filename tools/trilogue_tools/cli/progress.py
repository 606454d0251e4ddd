"""Progress on standard error, while rows go to standard output."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

from trilogue import Wait

Step = TypeVar("Step")


class Progress(Protocol):
    """Is told of each row and each wait; use it as a context manager."""

    def __enter__(self) -> Progress: ...
    def __exit__(self, *error: object) -> None: ...

    def count(self, rows: int = 1) -> None:
        """Count rows."""
        ...

    def on_wait(self, wait: Wait) -> None:
        """Tell of a wait before it begins."""
        ...


class Silent:
    """Shows nothing but waits, each on a line of its own."""

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing to end."""

    def count(self, rows: int = 1) -> None:
        """Show nothing."""

    def on_wait(self, wait: Wait) -> None:
        """Print a line."""
        announce(wait)


def announce(wait: Wait) -> None:
    """Print that a wait begins, and when it ends."""
    until = wait.until.astimezone().strftime("%H:%M:%S")
    print(f"Waiting until {until} ({wait.reason}).", file=sys.stderr, flush=True)


class Live:
    """A line on a terminal that says how many rows there were, how fast, what is left, and how long a wait lasts."""

    def __init__(self, requests_left: Callable[[], int | None]) -> None:
        from rich.console import Console
        from rich.live import Live as RichLive
        from rich.text import Text

        self._rows, self._started, self._wait = 0, time.monotonic(), (0.0, "")
        self._requests_left = requests_left
        self._live = RichLive(
            get_renderable=lambda: Text(self.line()),
            console=Console(stderr=True),
            transient=True,
            refresh_per_second=5,
        )

    def __enter__(self) -> Progress:
        self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Take the line away."""
        self._live.stop()

    def count(self, rows: int = 1) -> None:
        """Count rows."""
        self._rows += rows

    def on_wait(self, wait: Wait) -> None:
        """Count down from now on."""
        until = wait.until.astimezone().strftime("%H:%M:%S")
        self._wait = (time.monotonic() + wait.seconds, f"waits until {until} ({wait.reason})")

    def line(self) -> str:
        """Return what the line says now."""
        seconds = time.monotonic() - self._started
        parts = [f"{self._rows:,} rows", f"{self._rows / seconds if seconds else 0:,.0f} a second"]
        left = self._requests_left()
        if left is not None:
            parts.append(f"{left:,} requests left")
        ends_at, text = self._wait
        if (to_go := ends_at - time.monotonic()) > 0:
            parts.append(f"{text}, {to_go:,.0f} s to go")
        return " · ".join(parts)


def steps(each: Iterable[Step], count: int, name: Callable[[Step], str]) -> Iterator[Step]:
    """Yield steps, and show on a terminal how many of `count` are done and the name of the last one."""
    if not sys.stderr.isatty():
        yield from each
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=count)
        for step in each:
            shown.update(task, advance=1, description=name(step))
            yield step


def progress_for(requests_left: Callable[[], int | None], *, is_shown: bool) -> Any:
    """Return the progress for a command: a live line on a terminal, else only waits."""
    return Live(requests_left) if is_shown and sys.stderr.isatty() else Silent()
