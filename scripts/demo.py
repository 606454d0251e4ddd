"""Shows the clients at work, against the sandbox or, read-only, against a live RapidPro server."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from showcase import live, local
from trilogue import TrilogueError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demonstration; 0 for success, 1 for a failure, 2 for wrong arguments."""
    options = _options(arguments)
    try:
        if options.url:
            live.show(options.url, options.token)
        else:
            local.show()
    except TrilogueError as error:
        print(f"\nIt did not work: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Starts the sandbox, uses the clients against it and regenerates them. "
        "With --url and --token it reads from a live RapidPro server instead.",
    )
    parser.add_argument("--url", metavar="https://HOST", help="a live RapidPro or TextIt server")
    parser.add_argument("--token", help="an API token of a workspace there")
    options = parser.parse_args(arguments)
    if bool(options.url) != bool(options.token):
        parser.error("--url and --token go together")
    return options


if __name__ == "__main__":
    sys.exit(main())
