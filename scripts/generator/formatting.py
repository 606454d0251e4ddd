"""Generated files in the shape that ruff gives them, whatever its configuration elsewhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_RUFF = (sys.executable, "-m", "ruff")
_STYLE = ("--isolated", "--quiet", "--no-cache", "--target-version=py311", "--line-length=120", ".")
_COMMANDS = (("check", "--fix", "--select=I,F401,F811,F821"), ("format",))


def tidy(folder: Path) -> None:
    """Drop unused imports, sort the others, and format every file below a folder.

    Raises:
        CalledProcessError: a file is not Python, or uses a name it does not have.
    """
    for command in _COMMANDS:
        subprocess.run((*_RUFF, *command, *_STYLE), cwd=folder, check=True)
