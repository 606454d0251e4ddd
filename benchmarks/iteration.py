"""What iterating over 50,000 contacts costs, each in an interpreter of its own."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measure import Case, in_children
from benchmarks.server import serving

TOTAL = 50_000

OWN = "from trilogue import RapidPro\nclient = RapidPro('x' * 40, host={address!r})\nclient.workspace.get()"
BARE = "import httpx, msgspec\nclient = httpx.Client()\nclient.get('{address}/api/v2/workspace.json')"
BARE_LOOP = """
url, rows = '{address}/api/v2/contacts.json', 0
while url:
    page = msgspec.json.decode(client.get(url).content)
    rows, url = rows + len(page["results"]), page["next"]
assert rows == {total}
"""
PEER = "from temba_client.v2 import TembaClient\nclient = TembaClient({address!r}, 'x')"

CANDIDATES = {
    "httpx and msgspec: a loop over dicts": (BARE, BARE_LOOP),
    "trilogue: contacts.list()": (OWN, "assert sum(1 for _ in client.contacts.list()) == {total}"),
    "rapidpro-python: iterfetches()": (
        PEER,
        "assert sum(len(page) for page in client.get_contacts().iterfetches()) == {total}",
    ),
}


def measure() -> Iterator[Case]:
    """Measure CPU, and the memory that the iteration adds at its peak."""
    with serving(TOTAL) as address:
        programs = {
            name: tuple(part.format(address=address, total=TOTAL) for part in parts)
            for name, parts in CANDIDATES.items()
        }
        medians = in_children({name: (setup, code) for name, (setup, code) in programs.items()}, rounds=3)
    floor = next(iter(CANDIDATES))
    yield Case(f"iterate over {TOTAL:,} contacts", floor, medians["cpu"], "s")
    yield Case(f"iterate over {TOTAL:,} contacts, memory more at the peak", floor, medians["memory"], "MB")
