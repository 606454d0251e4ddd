"""Run the command; `scripts/upstream` is the way to call it."""

from __future__ import annotations

import sys

from .command import main

if __name__ == "__main__":
    sys.exit(main())
