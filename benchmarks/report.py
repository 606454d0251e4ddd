"""Shows results: on the terminal, as JSON, and as the table of docs/benchmarks.md."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measure import SCALES, Case

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
TABLE = re.compile(r"(?<=<!-- table -->\n).*?(?=<!-- end of table -->)", re.DOTALL)


def describe_machine() -> str:
    """Return what the numbers belong to: processor, Python, date, load."""
    names = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    processor = names[0] if names else platform.machine()
    date, load = datetime.now(UTC).date().isoformat(), os.getloadavg()[0]
    return f"{processor}, {os.cpu_count()} cores, Python {platform.python_version()}, {date}, load {load:.1f}"


def write_json(cases: Iterable[Case], path: Path) -> None:
    """Write all results, for comparison over time."""
    report = {"machine": describe_machine(), "cases": [case.to_dict() for case in cases]}
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def write_page(cases: Iterable[Case]) -> None:
    """Replace the table in docs/benchmarks.md."""
    rows = [row for case in cases for row in _rows(case)]
    table = "\n".join(
        [f"{describe_machine()}.\n", "| work | candidate | cost | x |", "| --- | --- | --- | --- |", *rows]
    )
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(TABLE.sub(lambda _: f"\n{table}\n\n", page), encoding="utf-8")


def _rows(case: Case) -> Iterable[str]:
    for number, (candidate, value) in enumerate(case.results.items()):
        cost = f"{value * SCALES[case.unit]:.1f} {case.unit}"
        yield f"| {'' if number else case.name} | {candidate} | {cost} | {case.ratio(candidate):.2f} |"
