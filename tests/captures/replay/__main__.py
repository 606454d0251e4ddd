"""The command `python -m tests.captures.replay --flavour textit FILE.jsonl`."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from tests.captures.replay.replaying import Comparison, replay
from tests.captures.replay.script import read_script

FLAVOURS = ("rapidpro-9", "textit")


def main() -> int:
    """Replay a script; return 1 if a response differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.captures.replay", description=__doc__)
    parser.add_argument("--flavour", choices=FLAVOURS, required=True)
    parser.add_argument("script", metavar="FILE.jsonl", type=Path)
    options = parser.parse_args()
    comparisons = replay(read_script(options.script), options.flavour)
    report(comparisons)
    return int(any(comparison.differences for comparison in comparisons))


def report(comparisons: list[Comparison]) -> None:
    """Print how many responses are equal, excused and different, and the different ones."""
    counts = Counter(comparison.verdict for comparison in comparisons)
    for comparison in comparisons:
        if comparison.differences:
            step = comparison.step
            print(f"{step.number} {step.method} {step.path} ({step.note})")
            for difference in comparison.differences:
                print(f"    {difference}")
    print(f"equal {counts['equal']}, excused {counts['excused']}, different {counts['different']}")


if __name__ == "__main__":
    raise SystemExit(main())
