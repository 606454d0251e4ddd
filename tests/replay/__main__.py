"""`python -m tests.replay record DIR`, `check DIR` and `table DIR`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from . import accepted, collecting, sessions, table
from .replaying import replay
from .reporting import Report, unused

SOURCES = (
    *("tests/sandbox", "tests/clients", "tests/captures", "tests/peers"),
    *("tests/contract/test_rapidpro_states.py", "tests/contract/test_pantheon_states.py"),
)
FEW, ALL = 3, 1000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 for success, 1 if a response differs."""
    options = _options(arguments)
    commands: dict[str, Callable[[argparse.Namespace], int]] = {"record": _record, "check": _check, "table": _table}
    return commands[options.command](options)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.replay", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    record = commands.add_parser("record", help="record the tests and the contract runs; takes some 15 minutes")
    record.add_argument("folder", type=Path, metavar="DIR")
    shown = commands.add_parser("table", help="show which documented statuses a recording has of each operation")
    shown.add_argument("folder", type=Path, metavar="DIR")
    check = commands.add_parser("check", help="replay a recording and show what differs")
    check.add_argument("folder", type=Path, metavar="DIR")
    check.add_argument("--platform", action="append", help="only this platform; may be repeated")
    check.add_argument("--operation", action="append", help="only this operation id (shell pattern); may be repeated")
    check.add_argument("--source", help="only sessions whose source contains this, such as the name of a test file")
    check.add_argument("--accepted", type=Path, help="the list of accepted differences")
    return parser.parse_args(arguments)


def _record(options: argparse.Namespace) -> int:
    folder: Path = options.folder
    raw = folder / collecting.RAW
    raw.mkdir(parents=True, exist_ok=True)
    flags = ("-q", "-p", "tests.replay.recording", "--record", str(raw))
    subprocess.run([sys.executable, "-m", "pytest", *flags, *SOURCES], check=True)
    for platform in ("rapidpro", "pantheon", "botpress"):
        subprocess.run([sys.executable, "-m", "tests.replay.contracts", platform, str(raw)], check=True)
    collecting.collect(folder)
    return 0


def _check(options: argparse.Namespace) -> int:
    acceptances = accepted.load(options.accepted or _committed_list())
    is_good = True
    for path in sorted(options.folder.glob("*.jsonl.gz")):
        platform = path.name.partition(".")[0]
        if not options.platform or platform in options.platform:
            is_good &= _check_platform(path, platform, acceptances, options)
    if not (options.platform or options.operation or options.source):
        print("\n".join(unused(acceptances)))
    return 0 if is_good else 1


def _table(options: argparse.Namespace) -> int:
    for path in sorted(options.folder.glob("*.jsonl.gz")):
        print("\n".join(table.lines(path.name.partition(".")[0], sessions.read(path))))
    return 0


def _committed_list() -> Path:
    """Return the list of the checkout this runs in, or else the one beside this module."""
    here = Path("tests/replay/accepted.toml")
    return here if here.exists() else Path(__file__).with_name("accepted.toml")


def _check_platform(
    path: Path, platform: str, acceptances: list[accepted.Acceptance], options: argparse.Namespace
) -> bool:
    recorded = sessions.read(path)
    if options.source:
        recorded = sessions.with_ancestors(recorded, lambda session: options.source in session.source)
    report = Report(platform, acceptances)
    for result in replay(recorded, options.operation or ("*",)):
        report.add(result)
    print("\n".join(report.lines(ALL if options.operation else FEW)))
    return not report.different


if __name__ == "__main__":
    sys.exit(main())
