"""Makes items until it is killed, and keeps a ledger of what it believes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from trilogue import OutcomeUnknown, RequestError, Timeout

from .platforms import TARGETS

BEGUN, MADE, NOT_MADE, UNKNOWN = "begun", "made", "not made", "unknown"


def read_ledger(path: Path) -> dict[str, str]:
    """Return the last state of each item; a line that was cut off by a kill is none."""
    states: dict[str, str] = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        key, _, state = line.partition(" ")
        if state in (BEGUN, MADE, NOT_MADE, UNKNOWN):
            states[key] = state
    return states


def note(ledger: IO[str], key: str, state: str) -> None:
    """Add a line that survives a kill."""
    ledger.write(f"{key} {state}\n")
    ledger.flush()
    os.fsync(ledger.fileno())


def left(path: Path, keys: list[str]) -> Iterator[str]:
    """Return the items to make: those never begun, and those that are certain not to be there."""
    states = read_ledger(path)
    return (key for key in keys if states.get(key, NOT_MADE) == NOT_MADE)


def work(name: str, host: str, settings: dict[str, str], path: Path, keys: list[str]) -> None:
    """Make the items that are left, in this order."""
    target = TARGETS[name]
    todo = list(left(path, keys))
    client = target.connect(**settings, host=host, timeout=Timeout(connect=2, read=1), deadline=8, retry_quota=10**6)
    with client, path.open("a") as ledger:
        for key in todo:
            note(ledger, key, BEGUN)
            try:
                target.make(client, key)
            except OutcomeUnknown:
                note(ledger, key, UNKNOWN)
            except RequestError as error:
                note(ledger, key, NOT_MADE if error.is_safe_to_retry else UNKNOWN)
            else:
                note(ledger, key, MADE)


if __name__ == "__main__":
    name, host, settings, path, keys = json.loads(sys.stdin.read())
    work(name, host, settings, Path(path), keys)
