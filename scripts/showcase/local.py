"""The whole way on this machine: description, client, sandbox."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from trilogue_sandbox import Sandbox

from showcase import botpress, pantheon, rapidpro
from showcase.screen import tell, title

SCRIPTS = Path(__file__).resolve().parent.parent
SEED = 7


def show() -> None:
    """Regenerate the clients, start the sandbox, and use the clients against it over HTTP."""
    start = time.monotonic()
    title("1. The descriptions become clients")
    subprocess.run([SCRIPTS / "generate"], check=True)
    title("2. The sandbox: three servers on this machine")
    with Sandbox(seed=SEED) as sandbox, sandbox.serve() as address:
        tell("Address", address)
        parts = [platform.show(sandbox, address) for platform in (rapidpro, botpress, pantheon)]
    title("Summary")
    for part in parts:
        print(f"  {part}")
    tell("Took", f"{time.monotonic() - start:.0f} s")
    print("\n  Try it yourself:  .venv/bin/trilogue sandbox   and then, in Python,  from trilogue import RapidPro\n")
