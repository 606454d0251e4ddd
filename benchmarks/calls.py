"""What one small call costs."""

from __future__ import annotations

import httpx
from trilogue import RapidPro

from benchmarks.measure import interleaved, show
from benchmarks.server import serving


def measure() -> None:
    """Print the cost of a small GET with everything on: checks, waiting, errors, types."""
    with serving(0) as address, httpx.Client() as raw, RapidPro("x" * 40, host=address) as client:
        url = f"{address}/api/v2/workspace.json"
        headers = {"Authorization": "Token x"}
        results = interleaved(
            {
                "httpx: client.get(...).json()": lambda: raw.get(url, headers=headers).json(),
                "trilogue: client.workspace.get()": client.workspace.get,
            },
            rounds=60,
            repeats=20,
        )
    show("One small GET, CPU of the client", results, "httpx: client.get(...).json()", "us")
