"""What a request costs when there are a million contacts, and what it costs to have them."""

from __future__ import annotations

from benchmarks.sandbox.cases import Case, get
from benchmarks.sandbox.cases import measure as measure_case
from benchmarks.sandbox.servers import Server, control, serve_sandbox

SMALL, LARGE = 1_000, 1_000_000


def measure() -> None:
    """Print the cost of a request with few and with many contacts."""
    with serve_sandbox() as few, serve_sandbox() as many:
        groups = {}
        for server, count in ((few, SMALL), (many, LARGE)):
            before = server.cpu_seconds()
            control(server, "seed", {"platform": "rapidpro", "data": {"contacts": count}})
            print(f"\nSeeding {count:,} contacts, CPU: {server.cpu_seconds() - before:.2f} s")
            control(server, "rapidpro/throttle", {"scope": "v2.contacts", "limit": 1_000_000_000})
            groups[server] = _small_group(server)
        for case in (
            Case("contacts of a small group", 20, lambda server: get(server, f"/contacts.json?group={groups[server]}")),
            Case("all groups with their counts", 20, lambda server: get(server, "/groups.json")),
        ):
            results = measure_case(case, {f"{SMALL:,} contacts": few, f"{LARGE:,} contacts": many}, rounds=5)
            print(f"\n{case.name}, CPU of the server for one request")
            for name, seconds in results.items():
                print(f"  {name:<28}{seconds * 1e6:>9.0f} us")


def _small_group(server: Server) -> str:
    """Make a group with one contact in it, and return its UUID."""
    group = server.post("/groups.json", {"name": "Small"})
    server.post("/contacts.json", {"name": "Only one", "groups": [group["uuid"]]})
    return str(group["uuid"])
