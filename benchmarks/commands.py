"""How long people wait: for the sandbox to respond, and for all clients to be generated."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks.measure import Case

ROUNDS = 3
ROOT = Path(__file__).resolve().parents[1]


def measure() -> Iterator[Case]:
    """Measure seconds by the clock."""
    start = "trilogue sandbox, to the first response"
    results = {
        start: statistics.median(_start_the_sandbox() for _ in range(ROUNDS)),
        "scripts/generate --check, all platforms": statistics.median(_generate() for _ in range(ROUNDS)),
    }
    yield Case("wait, by the clock", start, results, "s")


def _start_the_sandbox() -> float:
    start = time.perf_counter()
    command = [sys.executable, "-m", "trilogue", "sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sandbox:
        try:
            assert sandbox.stdout
            address = re.search(r"http://[\w.:]+", sandbox.stdout.readline())
            assert address
            httpx.get(address[0]).raise_for_status()
            return time.perf_counter() - start
        finally:
            sandbox.terminate()


def _generate() -> float:
    start = time.perf_counter()
    subprocess.run([ROOT / "scripts" / "generate", "--check"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start
