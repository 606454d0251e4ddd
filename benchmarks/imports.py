"""What importing costs, and what it costs to have a client that has answered once."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measure import Case, in_children
from benchmarks.server import serving

LEAN = "import sys\nsys.modules['click'] = None"
"""httpx loads a command line of its own where click is installed; a program that uses trilogue may not have it."""


def measure() -> Iterator[Case]:
    """Measure importing and the first call, each in an interpreter of its own."""
    with serving(0) as address:
        get = f"httpx.Client(verify=False).get('{address}/api/v2/workspace.json').json()"
        own = f"RapidPro('x' * 40, host={address!r}).workspace.get()"
        botpress = f"Botpress('x' * 40, workspace_id='w', host={address!r}).bots.get_json('b')"
        imports = {"import httpx": (LEAN, "import httpx"), "import trilogue": (LEAN, "import trilogue")}
        calls = {
            "httpx: Client(verify=False).get()": (LEAN, f"import httpx; {get}"),
            "trilogue: RapidPro(...).workspace.get()": (LEAN, f"from trilogue import RapidPro; {own}"),
            "trilogue: Botpress(...), its largest resource": (LEAN, f"from trilogue import Botpress; {botpress}"),
        }
        yield Case("import", "import httpx", in_children(imports, rounds=9)["cpu"])
        yield Case("import and first GET over http", next(iter(calls)), in_children(calls, rounds=9)["cpu"])
