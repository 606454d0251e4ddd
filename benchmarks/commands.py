"""How long people wait: for the sandbox to respond, and for all clients to be generated."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx

ROUNDS = 3
ROOT = Path(__file__).resolve().parents[1]


def measure() -> None:
    """Print seconds by the clock."""
    print("\nWaiting, by the clock")
    for name, seconds in {
        "trilogue sandbox, to the first response": statistics.median(_start_the_sandbox() for _ in range(ROUNDS)),
        "scripts/generate --check, all platforms": statistics.median(_generate() for _ in range(ROUNDS)),
    }.items():
        print(f"  {name:<44}{seconds:>10.1f} s")


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
