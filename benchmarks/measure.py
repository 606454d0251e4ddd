"""Measures candidates side by side, and says how they compare."""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from attrs import asdict, frozen

Candidates = Mapping[str, Callable[[], object]]
Unit = Literal["s", "ms", "us", "MB"]

SCALES: dict[Unit, float] = {"s": 1.0, "ms": 1e3, "us": 1e6, "MB": 1.0}


@frozen
class Case:
    """What one piece of work costs each candidate: CPU seconds, or megabytes; `floor` is what the others are held to.

    `unit` is the one to show it in.
    """

    name: str
    floor: str
    results: Mapping[str, float]
    unit: Unit = "ms"

    def ratio(self, candidate: str) -> float:
        """Return how many times the floor a candidate costs."""
        return self.results[candidate] / self.results[self.floor] if self.results[self.floor] else float("nan")

    def show(self) -> None:
        """Print it as a table."""
        print(f"\n{self.name}")
        for candidate, value in self.results.items():
            print(f"  {candidate:<48}{value * SCALES[self.unit]:>10.1f} {self.unit}  {self.ratio(candidate):>6.2f} x")

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it, for comparison over time."""
        return asdict(self)


def interleaved(candidates: Candidates, *, rounds: int, repeats: int = 1) -> dict[str, float]:
    """Return the median CPU seconds of one call of each candidate; they take turns in random order."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name in random.sample(list(candidates), len(candidates)):
            times[name].append(_cpu_seconds(candidates[name], repeats))
    return {name: statistics.median(values) for name, values in times.items()}


def _cpu_seconds(call: Callable[[], object], repeats: int) -> float:
    start = time.process_time()
    for _ in range(repeats):
        call()
    return (time.process_time() - start) / repeats


async def interleaved_async(
    candidates: Mapping[str, Callable[[], Awaitable[object]]], *, rounds: int, calls: int, at_a_time: int
) -> dict[str, float]:
    """Return the median CPU seconds of the event loop for one call of each candidate."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name in random.sample(list(candidates), len(candidates)):
            start = time.process_time()
            await _call(candidates[name], calls, asyncio.Semaphore(at_a_time))
            times[name].append((time.process_time() - start) / calls)
    return {name: statistics.median(values) for name, values in times.items()}


async def _call(candidate: Callable[[], Awaitable[object]], calls: int, room: asyncio.Semaphore) -> None:
    async def call() -> None:
        async with room:
            await candidate()

    await asyncio.gather(*(call() for _ in range(calls)))


PROGRAM = """
import json, re, time
from pathlib import Path

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

{setup}
before, start = peak(), time.process_time()
{code}
print(json.dumps({{"cpu": time.process_time() - start, "memory": peak() - before}}))
"""
"""A program in an interpreter of its own; its peak is that of its own memory, not one it inherits from its parent."""


def in_children(programs: Mapping[str, tuple[str, str]], *, rounds: int) -> dict[str, dict[str, float]]:
    """Return the medians of the CPU seconds and the megabytes that programs take after their set-up.

    All code is compiled before, ours too, as pip does it where packages are installed.
    """
    reports: dict[str, list[dict[str, float]]] = {name: [] for name in programs}
    with tempfile.TemporaryDirectory() as compiled:
        for program in programs.values():
            _run(*program, compiled)
        for _ in range(rounds):
            for name in random.sample(list(programs), len(programs)):
                reports[name].append(_run(*programs[name], compiled))
    return {
        what: {name: statistics.median(report[what] for report in each) for name, each in reports.items()}
        for what in ("cpu", "memory")
    }


def _run(setup: str, code: str, compiled: str) -> dict[str, float]:
    command = [sys.executable, "-c", PROGRAM.format(setup=setup, code=code)]
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600, env=environment)
    report: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return report
