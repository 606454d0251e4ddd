"""Compares two backups, file by file and line by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

from trilogue_tools.errors import UsageError

_LONGEST = 2_000_000
"""Bytes above which a file is only said to differ."""


def compare(first: Path, second: Path) -> Iterator[str]:
    """Yield what differs, as a unified diff; nothing if the backups hold the same.

    Raises:
        UsageError: one of them is no backup.
    """
    files = sorted({*_files(first), *_files(second)})
    for name in files:
        yield from _compare(first / name, second / name, name.as_posix())


def _files(folder: Path) -> set[Path]:
    if not [*folder.glob("backup.json"), *folder.glob("*/backup.json")]:
        raise UsageError(f"{folder} is no backup{'' if folder.exists() else ', for there is no such folder'}")
    found = (file.relative_to(folder) for file in folder.rglob("*") if file.is_file())
    return {
        file for file in found if not any(part.startswith(".") for part in file.parts) and file.name != "backup.json"
    }


def _compare(first: Path, second: Path, name: str) -> Iterator[str]:
    if not first.exists() or not second.exists():
        yield f"{'added' if second.exists() else 'removed'}: {name}"
        return
    before, after = first.read_bytes(), second.read_bytes()
    if before == after:
        return
    try:
        if max(len(before), len(after)) > _LONGEST:
            raise ValueError("too long to show")
        lines = (before.decode().splitlines(), after.decode().splitlines())
    except ValueError:
        yield f"changed: {name}"
        return
    yield from difflib.unified_diff(lines[0], lines[1], f"a/{name}", f"b/{name}", lineterm="")
