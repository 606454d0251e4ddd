"""The sandbox as a command, with a journal that outlives it: a line for each item that it made."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from trilogue_generated.runtime.model import is_mapping
from trilogue_sandbox import Sandbox
from trilogue_sandbox.kernel.journal import Entry
from trilogue_sandbox.serve import stay

PREFIX = "item-"
"""How the keys of items begin."""


def read_journal(path: Path) -> Counter[str]:
    """Return how often each item was made."""
    return Counter(path.read_text().split())


def key_of(entry: Entry) -> str | None:
    """Return the key of the item that a request made; None if it made none, or repeated an earlier response."""
    if not 200 <= entry.response.status < 300 or "Idempotent-Replayed" in entry.response.headers:
        return None
    body: Any = json.loads(entry.request.body or b"null")
    name = body.get("name") if is_mapping(body) else None
    return name if isinstance(name, str) and name.startswith(PREFIX) else None


def serve(port: int, seed: int, database: str, path: Path) -> None:
    """Serve, and write to the journal before a response leaves, so that what a caller knows of is always in it."""
    with path.open("a") as journal, Sandbox(seed=seed, database=database, start=None) as sandbox:

        def note(entry: Entry) -> None:
            if key := key_of(entry):
                journal.write(f"{key}\n")
                journal.flush()

        sandbox.log_requests(note)
        stay(sandbox, port=port, quiet=True)


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
