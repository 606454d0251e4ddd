"""Runs the benchmarks of the clients; `scripts/benchmark [PART...] [--json FILE] [--docs]`."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import bodies, calls, commands, imports, iteration, pages, report, transfers
from benchmarks.measure import Case

PARTS = {
    "imports": imports,
    "calls": calls,
    "bodies": bodies,
    "pages": pages,
    "iteration": iteration,
    "transfers": transfers,
    "commands": commands,
}


def main() -> None:
    """Print all numbers."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark", description="Measure the clients beside their peers.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all if none is named")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there too")
    parser.add_argument("--docs", action="store_true", help="put them into docs/benchmarks.md")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    print(report.describe_machine())
    cases: list[Case] = []
    for name in options.parts or PARTS:
        for case in PARTS[name].measure():
            case.show()
            cases.append(case)
    if options.json:
        report.write_json(cases, options.json)
    if options.docs:
        report.write_page(cases)


if __name__ == "__main__":
    main()
