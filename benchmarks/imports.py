"""What importing costs, and what it costs to have a client that has made one call."""

from __future__ import annotations

from benchmarks.measure import in_children, show
from benchmarks.server import serving

LEAN = "import sys\nsys.modules['click'] = None\n"
"""httpx loads a command line of its own where click is installed; a program that uses trilogue may not have it."""


def measure() -> None:
    """Print the cost of importing and of the first call."""
    with serving(0) as address:
        own = f"client = RapidPro('x' * 40, host={address!r})"
        botpress = f"client = Botpress('x' * 40, workspace_id='w', host={address!r})"
        programs = {
            "import httpx": LEAN + "import httpx",
            "import trilogue": LEAN + "import trilogue",
            "httpx + Client()": LEAN + "import httpx; httpx.Client()",
            "trilogue + client + first call (http)": LEAN
            + f"from trilogue import RapidPro; {own}; client.workspace.get()",
            "the same, and certificates for https": LEAN
            + f"from trilogue import RapidPro; {own}; client.workspace.get(); import httpx; httpx.HTTPTransport()",
            "the same with Botpress, its largest resource": LEAN
            + f"from trilogue import Botpress; {botpress}; client.bots.get_json('b')",
            "temba_client + client": LEAN + "from temba_client.v2 import TembaClient; TembaClient('localhost', 'x')",
        }
        results = in_children(programs, rounds=9)
    imports = {name: results[name] for name in ("import httpx", "import trilogue")}
    show("Importing, CPU, in an interpreter of its own", imports, "import httpx")
    for name in imports:
        del results[name]
    show("First client, CPU, in an interpreter of its own", results, "httpx + Client()")
