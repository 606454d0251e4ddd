"""Measures the sandbox; `scripts/benchmark sandbox [--large]`."""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import statistics
from collections.abc import Mapping

from benchmarks.sandbox import cases, scale, statements
from benchmarks.sandbox.servers import control, serve_floor, serve_prism, serve_sandbox

CONTACTS = 1000
SANDBOX, FLOOR, PRISM = "trilogue sandbox", "floor: FastAPI + SQLite", "peer: Prism"


def main() -> None:
    """Print all numbers."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark sandbox", description="Measure the sandbox.")
    parser.add_argument("--large", action="store_true", help="also seed a million contacts, which takes minutes")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    compare()
    statements.measure()
    show_start()
    if options.large:
        scale.measure()


def compare() -> None:
    """Print the CPU that each server takes for a request, over a socket."""
    with contextlib.ExitStack() as stack:
        sandbox = stack.enter_context(serve_sandbox())
        control(sandbox, "seed", {"platform": "rapidpro", "data": {"contacts": CONTACTS}})
        for scope in ("v2", "v2.contacts"):
            control(sandbox, "rapidpro/throttle", {"scope": scope, "limit": 1_000_000_000})
        servers = {
            SANDBOX: sandbox,
            FLOOR: stack.enter_context(serve_floor(sandbox)),
            PRISM: stack.enter_context(serve_prism(sandbox.token)),
        }
        group, contact = (sandbox.get(path)["results"][0]["uuid"] for path in ("/groups.json", "/contacts.json"))
        for case in cases.cases(group, contact):
            _show(case.name, cases.measure(case, servers))
    print("  (Prism responds with one example, also where a page is asked for.)")


def show_start() -> None:
    """Print what it costs to start the sandbox until it responds."""
    milliseconds = 1000 * statistics.median(_start() for _ in range(7))
    print(f"\nStart of `trilogue sandbox` until its first response, CPU: {milliseconds:.0f} ms")


def _start() -> float:
    with serve_sandbox() as server:
        return server.cpu_seconds()


def _show(title: str, results: Mapping[str, float]) -> None:
    print(f"\n{title}, CPU of the server for one request")
    own = results[SANDBOX]
    for name, seconds in results.items():
        print(f"  {name:<28}{seconds * 1e6:>9.0f} us   sandbox: {own / seconds:>5.2f} x")


if __name__ == "__main__":
    main()
