"""The sandbox as a process that is killed and started again, on the same port and with the same state."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

PATIENCE = 60.0
"""Seconds within which the sandbox must listen."""


class MortalServer:
    """Serves the sandbox within a `with` block, and is killed every few seconds."""

    def __init__(self, seed: int, folder: Path, seconds_between_kills: tuple[float, float]) -> None:
        """Keep the state and the journal in this folder."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.journal = folder / "journal"
        self._command = [sys.executable, "-m", "chaos_runs.journal", str(self.port), str(seed)]
        self._command += [str(folder / "state.db"), str(self.journal)]
        self._between, self._draws = seconds_between_kills, random.Random(seed)
        self._is_over = Event()
        self.kills = 0

    def __enter__(self) -> Self:
        """Start it."""
        self._start()
        self._killer = Thread(target=self._kill_now_and_then)
        self._killer.start()
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End it."""
        self.spare()
        self._end()

    def spare(self) -> None:
        """Kill it no more; it is running then."""
        self._is_over.set()
        self._killer.join()

    def _kill_now_and_then(self) -> None:
        while not self._is_over.wait(self._draws.uniform(*self._between)):
            self._end()
            self.kills += 1
            self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise SystemExit("the sandbox does not listen")

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
