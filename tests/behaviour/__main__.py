"""Shows what of the descriptions the sandbox was seen to do while the tests ran, and checks the lists of gaps."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import get_args

from tests.behaviour import gaps
from tests.behaviour.collecting import PLATFORMS, load
from tests.behaviour.descriptions import FactType
from tests.behaviour.exploring import Explorer
from tests.behaviour.observing import Observer

TITLES = {
    "status": "statuses",
    "response": "response properties",
    "parameter": "parameters",
    "request": "request properties",
    "link": "links",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Explore, print the tables, and compare with the lists; 1 if a list is wrong."""
    parser = argparse.ArgumentParser(prog="scripts/coverage", description=__doc__)
    parser.add_argument("folder", type=Path, help="where a run of the tests has left what it saw")
    parser.add_argument("--platform", choices=PLATFORMS, action="append", help="only this one; may be repeated")
    parser.add_argument("--gaps", action="store_true", help="also print every gap with its reason")
    options = parser.parse_args(arguments)
    if not any(options.folder.glob("*.jsonl.gz")):
        parser.error(f"{options.folder} holds nothing; run scripts/test first, without arguments")
    with ProcessPoolExecutor() as pool:
        examine = partial(_examine, options.folder, options.gaps)
        agree = [_show(*examined) for examined in pool.map(examine, options.platform or PLATFORMS)]
    return 0 if all(agree) else 1


def _show(lines: Sequence[str], agrees: bool) -> bool:
    print("\n".join(lines), flush=True)
    return agrees


def _examine(folder: Path, with_gaps: bool, platform: str) -> tuple[list[str], bool]:
    """Explore a platform; return what to print, and whether its list is right."""
    observer, sessions = load(folder, platform)
    known = gaps.load(platform)
    Explorer(observer, sessions, gaps.listed(observer.missing, known)).explore()
    comparison = gaps.compare(observer.missing, known)
    reasons = _reasons(observer, known) if with_gaps else ()
    return [*_table(observer, known), *reasons, *comparison.lines(platform)], comparison.agrees


def _table(observer: Observer, known: Sequence[gaps.Gap]) -> Iterator[str]:
    impossible = gaps.listed(observer.missing, [gap for gap in known if not gap.is_possible])
    facts = (observer.seen, observer.missing - impossible, impossible)
    seen, missing, excluded = (Counter(fact.type for fact in some) for some in facts)
    for type_ in get_args(FactType):
        total = seen[type_] + missing[type_]
        counts = f"{seen[type_]:5} of {total:5} seen  {seen[type_] / total:6.1%}  ({excluded[type_]} impossible)"
        yield f"{observer.platform:9} {TITLES[type_]:20} {counts}"


def _reasons(observer: Observer, known: Sequence[gaps.Gap]) -> Iterator[str]:
    for gap in known:
        yield f"  {gap.reason}"
        yield from (f"      {fact}" for fact in sorted(gaps.listed(observer.missing, [gap])))


if __name__ == "__main__":
    sys.exit(main())
