"""Files on disk: a staged tree, compared with what is there or put in its place."""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files into a folder, which is made if there is none."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def copy_runtime(source: Path, target: Path) -> None:
    """Copy the modules that generated code stands on; each says where it comes from."""
    modules = sorted(source.glob("*.py"))
    header = "# Copied by scripts/generate from generator-config/runtime; do not edit it here.\n"
    write(target, {module.name: header + module.read_text(encoding="utf-8") for module in modules})


def replace(staged: Path, target: Path) -> None:
    """Put each file and folder of a staged tree in the place of the one of that name."""
    target.mkdir(parents=True, exist_ok=True)
    for entry in sorted(staged.iterdir()):
        old = target / entry.name
        if old.is_dir():
            shutil.rmtree(old)
        shutil.move(entry, old)


def overwrite(staged: Path, target: Path) -> None:
    """Put each file of a staged tree in the place of the one of that name; other files stay."""
    write(target, {name.as_posix(): (staged / name).read_text(encoding="utf-8") for name in _files(staged)})


def differences(staged: Path, target: Path, *, may_hold_others: bool = False) -> Iterator[str]:
    """Yield a line for each file that is missing or different in the target.

    Also for each left over in one of the staged folders, unless the target `may_hold_others`.
    """
    wanted, present = _files(staged), _files(target)
    folders = set[str]() if may_hold_others else {entry.name for entry in staged.iterdir()}
    for name in sorted(wanted | {name for name in present if name.parts[0] in folders}):
        if name not in present:
            yield f"missing    {name}"
        elif name not in wanted:
            yield f"left over  {name}"
        elif not filecmp.cmp(staged / name, target / name, shallow=False):
            yield f"differs    {name}"


def _files(folder: Path) -> set[Path]:
    paths = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder) for path in paths}
