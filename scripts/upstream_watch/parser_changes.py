"""Another release of openapi-python-client tried with this project's generator."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from platforms import ROOT

INTERNALS = ROOT / "scripts" / "generator" / "parser_internals.py"


def names_taken() -> Iterator[tuple[str, str]]:
    """Yield each module and name that the generator takes from the parser."""
    for node in ast.parse(INTERNALS.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("openapi_python_client"):
            yield from ((node.module or "", alias.name) for alias in node.names)


def missing_names(installed: Path) -> list[str]:
    """Return a line for each name that the release in a folder does not have."""
    checks = [f"{module} {name}" for module, name in names_taken()]
    done = _run(installed, "-c", _CHECK, *checks)
    return done.stdout.splitlines() if done.returncode == 0 else [done.stderr.strip()]


_CHECK = """
import importlib, sys
for check in sys.argv[1:]:
    module, name = check.split()
    try:
        getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        print(f"{module}.{name} is gone: {error}")
"""


def generated_differences(installed: Path) -> str:
    """Return what `scripts/generate --check` says with the release in a folder; nothing if nothing changes."""
    done = _run(installed, str(ROOT / "scripts" / "generate.py"), "--check")
    return "" if done.returncode == 0 else done.stderr.strip()


def _run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONHASHSEED": "0"}
    return subprocess.run(
        (sys.executable, *arguments), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
