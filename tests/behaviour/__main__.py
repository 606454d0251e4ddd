"""Prints what of the descriptions was seen during a run of the tests, and what was not."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from tests.behaviour.collecting import PLATFORMS, load
from tests.behaviour.exploring import Explorer


def main() -> int:
    folder = Path(sys.argv[1])
    for platform in sys.argv[2:] or PLATFORMS:
        observer, recorded = load(folder, platform)
        before = Counter(fact.kind for fact in observer.seen)
        explorer = Explorer(observer, recorded)
        explorer.explore()
        after, missing = (Counter(fact.kind for fact in facts) for facts in (observer.seen, observer.missing))
        for kind in ("status", "response", "parameter", "request", "link"):
            total = after[kind] + missing[kind]
            print(f"{platform} {kind}: {before[kind]} -> {after[kind]} of {total} ({after[kind] / max(total, 1):.1%})")
        for fact in sorted(observer.missing):
            print("   ", fact)
    return 0


if __name__ == "__main__":
    sys.exit(main())
