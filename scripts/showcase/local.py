"""The whole way on this machine: description, client, sandbox."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from trilogue_sandbox import Sandbox

from showcase import botpress, botpress_chat, pantheon, rapidpro
from showcase.screen import tell, title

SCRIPTS = Path(__file__).resolve().parent.parent
SEED = 7


def show() -> None:
    """Start the sandbox, use the clients against it over HTTP, and regenerate them."""
    start = time.monotonic()
    title("1. The sandbox: the servers on this machine")
    with Sandbox(seed=SEED) as sandbox, sandbox.serve() as address:
        tell("Address", address)
        parts = [platform.show(sandbox, address) for platform in (rapidpro, botpress, botpress_chat, pantheon)]
    title("6. The clients are generated from descriptions")
    subprocess.run([SCRIPTS / "generate"], check=True)
    title("Summary")
    for part in parts:
        print(f"  {part}")
    tell("Took", f"{time.monotonic() - start:.0f} s")
    print("\nTry it yourself:", *NEXT, sep="\n  ", end="\n\n")


NEXT = (
    ".venv/bin/trilogue --sandbox rapidpro contacts list --limit 3",
    ".venv/bin/trilogue --sandbox botpress bots list --output json",
    ".venv/bin/trilogue sandbox",
)
"""Commands that run as they are printed."""
