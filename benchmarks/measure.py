"""Measures candidates side by side and prints how they compare."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

Candidates = Mapping[str, Callable[[], object]]


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


def in_children(programs: Mapping[str, str], *, rounds: int) -> dict[str, float]:
    """Return the median CPU seconds that each program takes in an interpreter of its own."""
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name in random.sample(list(programs), len(programs)):
            times[name].append(float(_run(programs[name])))
    return {name: statistics.median(values) for name, values in times.items()}


def _run(code: str) -> str:
    timed = f"import time\nstart = time.process_time()\n{code}\nprint(time.process_time() - start)"
    return subprocess.run([sys.executable, "-c", timed], check=True, capture_output=True, text=True).stdout


def show(title: str, results: Mapping[str, float], baseline: str, unit: str = "ms") -> None:
    """Print the results as a table with their ratio to the baseline."""
    scale = {"ms": 1e3, "us": 1e6, "s": 1.0}[unit]
    print(f"\n{title}")
    for name, value in results.items():
        ratio = value / results[baseline] if results[baseline] else float("nan")
        print(f"  {name:<44}{value * scale:>10.1f} {unit}  {ratio:>6.2f} x")
