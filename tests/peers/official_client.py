"""Runs sequences of an official client, each a file of `node:test`, in a Node of its own."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.conftest import ROOT

PACKAGES = ROOT / "scripts" / "node"
SECONDS = 120


def pinned(package: str) -> str:
    """The version of a package that is pinned."""
    manifest = json.loads((PACKAGES / "package.json").read_text(encoding="utf-8"))
    version: str = manifest["devDependencies"][package]
    return version


def installed(package: str) -> str:
    """The version of a package that is installed."""
    manifest = PACKAGES / "node_modules" / package / "package.json"
    version: str = json.loads(manifest.read_text(encoding="utf-8"))["version"]
    return version


def run(node: str, sequence: Path, environment: Mapping[str, str]) -> None:
    """Run a sequence; fails unless all of its tests pass."""
    command = [node, "--test-reporter=tap", str(sequence)]
    finished = subprocess.run(
        command, env=dict(environment), capture_output=True, text=True, timeout=SECONDS, check=False
    )

    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert _count("pass", finished.stdout) == _count("tests", finished.stdout) > 0


def _count(what: str, report: str) -> int:
    """A number of the summary of a TAP report."""
    found = re.search(rf"^# {what} (\d+)$", report, re.MULTILINE)
    assert found is not None, report
    return int(found[1])
