"""The entry point: loads the command line, or says what to install."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from trilogue_tools.extras import advice


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    try:
        from trilogue_tools.cli.root import run
    except ModuleNotFoundError as error:
        message = advice(error)
        if message is None:
            raise
        print(f"Error: {message}", file=sys.stderr)
        return 1
    return run(sys.argv[1:] if arguments is None else arguments)
