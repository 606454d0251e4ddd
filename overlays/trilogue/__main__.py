"""`python -m trilogue`: the command line, which is among the tools."""

from __future__ import annotations

import sys

from trilogue_tools.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
