"""What iterating over 100,000 contacts costs."""

from __future__ import annotations

import json
import subprocess
import sys

from benchmarks.measure import show
from benchmarks.server import serving

TOTAL = 100_000

REPORT = """
import json, resource, time
connections = 0
import socket
connect = socket.socket.connect
def counted(self, address):
    global connections
    connections += 1
    return connect(self, address)
socket.socket.connect = counted
{setup}
start, wall, before = time.process_time(), time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = {iterate}
print(json.dumps({{"rows": rows, "cpu": time.process_time() - start, "wall": time.perf_counter() - wall,
    "grown": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, "connections": connections}}))
"""

CANDIDATES = {
    "trilogue, contacts.list()": (
        "from trilogue import RapidPro\nclient = RapidPro('x' * 40, host={address!r})\nclient.workspace.get()",
        "sum(1 for _ in client.contacts.list())",
    ),
    "trilogue, the server's own order": (
        "from trilogue import RapidPro\nclient = RapidPro('x' * 40, host={address!r})\nclient.workspace.get()",
        "sum(1 for _ in client.contacts.list(reverse=False))",
    ),
    "rapidpro-python, iterfetches()": (
        "from temba_client.v2 import TembaClient\nclient = TembaClient({address!r}, 'x')",
        "sum(len(page) for page in client.get_contacts().iterfetches())",
    ),
}


def measure() -> None:
    """Print time, memory and connections of an iteration, each in an interpreter of its own."""
    with serving(TOTAL) as address:
        reports = {name: _iterate(address, *candidate) for name, candidate in CANDIDATES.items()}
    baseline = "rapidpro-python, iterfetches()"
    show(
        f"Iterating over {TOTAL:,} contacts, CPU",
        {name: report["cpu"] for name, report in reports.items()},
        baseline,
        "s",
    )
    for name, report in reports.items():
        print(
            f"  {name:<44}{report['rows']:>10,.0f} rows  {report['wall']:.1f} s wall  "
            f"{report['grown'] / 1024:.0f} MB more memory at the peak  {report['connections']:.0f} connections"
        )


def _iterate(address: str, setup: str, iterate: str) -> dict[str, float]:
    code = REPORT.format(setup=setup.format(address=address), iterate=iterate)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=300)
    report: dict[str, float] = json.loads(done.stdout)
    return report
