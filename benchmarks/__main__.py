"""Runs all benchmarks; `scripts/benchmark`."""

from __future__ import annotations

import os
import platform

from benchmarks import calls, commands, imports, iteration, pages


def main() -> None:
    """Print all numbers."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for part in (imports, calls, pages, iteration, commands):
        part.measure()


if __name__ == "__main__":
    main()
