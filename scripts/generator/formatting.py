"""Generated files as ruff formats them, whatever its configuration elsewhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .errors import GenerationError

_RUFF = (sys.executable, "-m", "ruff")
_STYLE = ("--isolated", "--quiet", "--no-cache", "--target-version=py311", "--line-length=120")
_COMMANDS = (
    ("check", "--fix", "--output-format=concise", "--select=I,F401,F811,F821"),
    ("format", "--config=format.docstring-code-format=true"),
)


def tidy(folder: Path) -> None:
    """Drop unused imports, sort the others, and format every file below a folder.

    Raises:
        GenerationError: a template makes a file that is not Python, or uses a name it does not have.
    """
    for command in _COMMANDS:
        done = subprocess.run((*_RUFF, *command, *_STYLE, "."), cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise GenerationError(f"the generated code has errors:\n{done.stdout}{done.stderr}")
