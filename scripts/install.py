"""Installs a file of locked packages with pip, and shows how far it is; `scripts/setup` calls it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

PIP = (sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off")
_BEGUN = re.compile(r"\s*(?:Collecting|Processing|Requirement already satisfied:) (?:\S*/)?([\w.-]+?)(?:-\d|==|\s)")


def main(requirements: str) -> int:
    """Install them and return the exit status of pip."""
    total = len(re.findall(r"^[\w.-]+(?:\[[^\]]*\])?==", Path(requirements).read_text(encoding="utf-8"), re.MULTILINE))
    command = (*PIP, "--require-hashes", "-r", requirements)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as pip:
        assert pip.stdout is not None
        show(pip.stdout, total, _say)
    return pip.returncode


def show(lines: Iterable[str], total: int, say: Callable[..., None]) -> None:
    """Say of what pip prints which package it has come to."""
    count = 0
    for line in lines:
        if begun := _BEGUN.match(line):
            count += 1
            say(f"{count:>3} of {total} packages: {begun[1]}", is_passing=True)
        elif line.startswith("Installing collected packages"):
            say(f"Unpacking {count} packages ...")


def _say(text: str, is_passing: bool = False) -> None:
    """Print a line; on a terminal a passing one is overwritten by the next, elsewhere it is left out."""
    if sys.stdout.isatty():
        print(f"\r  {text:<60}", end="" if is_passing else "\n", flush=True)
    elif not is_passing:
        print(f"  {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
