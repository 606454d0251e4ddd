"""The command `python -m tests.parity rapidpro --against https://rapidpro.example.org`."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from trilogue_generated.platforms import PLATFORMS, PlatformInfo
from trilogue_sandbox import Sandbox

from tests.parity.calling import call_all
from tests.parity.comparing import Comparison, compare


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the same calls on the sandbox and on a server; return 1 if an operation differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity", description=__doc__)
    parser.add_argument("platform", choices=[*PLATFORMS])
    parser.add_argument(
        "--against", metavar="URL", required=True, help="a server; credentials come from the environment"
    )
    parser.add_argument("--flavour", help="which kind of server it is, as the sandbox names it")
    parser.add_argument(
        "--allow-writes", action="store_true", help="create things there, too; by default it only reads"
    )
    options = parser.parse_args(arguments)
    info = PLATFORMS[options.platform]
    with Sandbox(seed=1, flavour=options.flavour) as sandbox:
        ours = call_all(info.name, _own_settings(sandbox, info), writes=options.allow_writes)
    theirs = call_all(info.name, {**_from_environment(info), "host": options.against}, writes=options.allow_writes)
    comparisons = [*compare(ours, theirs)]
    report(comparisons)
    print(f"{theirs.sent} requests were sent to the server.")
    return int(any(comparison.verdict == "different" for comparison in comparisons))


def report(comparisons: Iterable[Comparison]) -> None:
    """Print the operations that differ and those that could not be compared, and how many are equal."""
    counts = Counter(comparison.verdict for comparison in comparisons)
    for comparison in comparisons:
        if comparison.verdict != "equal":
            print(f"{comparison.operation}: {comparison.verdict}")
            print("".join(f"    {difference}\n" for difference in comparison.differences), end="")
    print(f"equal {counts['equal']}, different {counts['different']}, not compared {counts['not compared']}")


def _own_settings(sandbox: Sandbox, info: PlatformInfo) -> dict[str, Any]:
    credentials = sandbox.accounts(info.name)[0].credentials
    given = {name: value for name, value in credentials.items() if name in info.variables}
    return {**given, "host": sandbox.url(info.name), "transport": sandbox.transport()}


def _from_environment(info: PlatformInfo) -> dict[str, str]:
    return {name: os.environ[variable] for name, variable in info.variables.items() if variable in os.environ}


if __name__ == "__main__":
    raise SystemExit(main())
