"""The entry point: loads the command line, or says what to install."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and return its exit status."""
    try:
        from trilogue_tools.cli.root import run
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("trilogue"):
            raise
        print(f"The command line needs {error.name}. Install it: pip install 'trilogue[cli]'", file=sys.stderr)
        return 1
    return run()


if __name__ == "__main__":
    sys.exit(main())
