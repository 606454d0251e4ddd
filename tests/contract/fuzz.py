"""Runs schemathesis and the checks of behaviour with fresh seeds, and prints the seed of what fails."""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import time
from collections.abc import Sequence

from trilogue_generated.platforms import PLATFORMS

from tests.contract import contract, suite

MINUTES = 10.0
EXAMPLES = "25"
"""Per operation, and so five times as many as the contract runs of scripts/test."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz until the time is up; 1 if the sandbox broke a description."""
    options = _options(arguments)
    if options.seed is not None:
        return max(_round(platform, options.seed, 15 * 60) for platform in options.platform)
    end = time.monotonic() + options.minutes * 60
    worst = 0
    for platform in itertools.cycle(options.platform):
        if (left := end - time.monotonic()) < 1:
            return worst
        worst = max(worst, _round(platform, random.SystemRandom().getrandbits(32), left))
    return worst


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES, help=f"how long in all; {MINUTES:g} by default")
    parser.add_argument("--platform", choices=PLATFORMS, action="append", help="only this; may be repeated")
    parser.add_argument("--seed", type=int, help="one round with this seed, to reproduce a failure")
    options = parser.parse_args(arguments)
    options.platform = options.platform or list(PLATFORMS)
    return options


def _round(platform: str, seed: int, seconds: float) -> int:
    began = time.monotonic()
    limits = ("--max-examples", EXAMPLES, "--max-time", str(max(1, min(round(seconds), 600))))
    no_warnings = ("--warnings", "off")  # of phases that the time cut short
    by_chance = ("--suppress-health-check", "filter_too_much")  # many paths in a row that no client can send
    outcome = contract.run(platform, "--seed", str(seed), *limits, *no_warnings, *by_chance)
    found = _behaviour(platform, seed)
    took = time.monotonic() - began
    is_good = outcome.is_green and not outcome.drift and not found
    verdict = "ok" if is_good else "FAILED"
    print(f"{platform} --seed {seed}: {verdict}, {len(outcome.requests)} requests in {took:.0f} s", flush=True)
    if is_good:
        return 0
    print(
        outcome.report,
        *outcome.drift,
        *found,
        f"Reproduce: scripts/fuzz --platform {platform} --seed {seed}",
        sep="\n",
        flush=True,
    )
    return 1


def _behaviour(platform: str, seed: int) -> list[str]:
    """Return what the checks of behaviour find, which must be nothing."""
    with contract.make_sandbox(platform) as sandbox:
        return [str(found) for found, _ in suite.run(platform, sandbox, "normal", seed % 1000).findings]


if __name__ == "__main__":
    sys.exit(main())
