"""Which documented statuses of each operation a recording has."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from .sessions import Session

DESCRIPTIONS = Path("generated/trilogue_generated")


def lines(platform: str, recorded: Iterable[Session]) -> Iterator[str]:
    """Return a line per operation: the number of responses of each status, and the documented ones that are absent."""
    seen: dict[str, Counter[str]] = {}
    for session in recorded:
        for exchange in session.exchanges:
            seen.setdefault(exchange.operation, Counter())[str(exchange.response.status)] += 1
    present = total = granted = 0
    described = _documented(platform)
    for operation, statuses in described.items():
        counts = seen.get(operation, Counter[str]())
        absent = sorted(statuses - counts.keys())
        present, total = present + len(statuses) - len(absent), total + len(statuses)
        granted += any(status.startswith("2") for status in counts)
        shown = " ".join(f"{status}:{count}" for status, count in sorted(counts.items()))
        yield f"{platform:9} {operation:40} {shown:60} {'absent: ' + ' '.join(absent) if absent else ''}".rstrip()
    number = sum(counts.total() for counts in seen.values())
    yield (
        f"{platform}: {number} responses; {granted} of {len(described)} operations granted;"
        f" {present} of {total} documented statuses"
    )


def _documented(platform: str) -> dict[str, set[str]]:
    document = json.loads((DESCRIPTIONS / platform / "openapi.json").read_text(encoding="utf-8"))
    operations = (value for item in document["paths"].values() for value in item.values() if isinstance(value, dict))
    return {one["operationId"]: set(one["responses"]) for one in operations if "operationId" in one}
