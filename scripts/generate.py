"""Write generated/trilogue_generated/ out of openapi/ and generator-config/; `scripts/generate --help` says how."""

from __future__ import annotations

import gc
import sys

from generator.command import main

if __name__ == "__main__":
    gc.disable()  # looking for garbage takes a quarter of the time, and there is little
    sys.exit(main(sys.argv[1:]))
