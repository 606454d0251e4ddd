"""Measures the memory of an export: `scripts/benchmark export --contacts N --messages N`.

It prints the most memory of each tenth of the time: what is constant does not rise with the rows that were exported.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
from trilogue_sandbox import Sandbox

_LISTS = ("contacts", "messages")
_CODE = """
import sys
from trilogue_tools.export import Workspace, run

run("rapidpro", sys.argv[3:], to=sys.argv[1], workspaces=[Workspace("main", sandbox=sys.argv[2])])
"""
_UNLIMITED = 1_000_000_000
_PARTS = 10
_SECONDS = 0.2


def main() -> None:
    """Seed a sandbox, export it in a process of its own, and print what that took."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark export", description="Measure the memory of an export.")
    parser.add_argument("--contacts", type=int, default=20_000)
    parser.add_argument("--messages", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options.contacts, options.messages)


def measure(folder: Path, contacts: int, messages: int) -> None:
    """Print seconds, rows and megabytes of an export of that many rows."""
    database = folder / "exported.duckdb"
    with Sandbox(seed=7, database=folder / "sandbox.db") as sandbox, sandbox.serve() as address:
        sandbox.seed_data("rapidpro", {"contacts": contacts, "messages": messages})
        for scope in ("v2.contacts", "v2.messages"):  # else it would wait for the next hour
            sandbox.control("rapidpro", "throttle", {"scope": scope, "limit": _UNLIMITED})
        started = time.monotonic()
        samples = [*_memory_of([sys.executable, "-c", _CODE, f"duckdb:///{database}", address, *_LISTS])]
        seconds = time.monotonic() - started
    rows = [_count(database, name) for name in _LISTS]
    print(f"{rows[0]:,} contacts and {rows[1]:,} messages in {seconds:.0f} s, {sum(rows) / seconds:.0f} rows a second")
    for number, part in enumerate(_parts(samples), 1):
        print(f"  {number * 100 // _PARTS:3} % of the time: at most {max(part)} MB")


def _memory_of(command: Sequence[str]) -> Iterator[int]:
    """Run a command, and yield the megabytes that it has in memory, from time to time."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        lines = status.read_text(encoding="utf-8").splitlines()
        yield from (int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS:"))
        time.sleep(_SECONDS)
    if process.returncode:
        raise SystemExit(f"the export ended with {process.returncode}")


def _parts(samples: Sequence[int]) -> Iterator[Sequence[int]]:
    for number in range(_PARTS):
        yield samples[number * len(samples) // _PARTS : (number + 1) * len(samples) // _PARTS] or [0]


def _count(database: Path, name: str) -> int:
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(f"SELECT count(*) FROM rapidpro.{name}").fetchone()
    return int(found[0]) if found else 0


if __name__ == "__main__":
    main()
