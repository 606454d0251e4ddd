"""Which platforms are as they were generated on this machine, so that they need not be generated again.

What was seen is in a file that is not committed: a fresh clone generates everything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path


def fingerprint(inputs: Iterable[Path], outputs: Iterable[Path]) -> str:
    """Return a digest of files and folders, and of the versions of the tools that make the ones of the others."""
    digest = hashlib.sha256()
    for tool in ("openapi-python-client", "ruff"):
        digest.update(f"{tool} {version(tool)}\n".encode())
    for root in (*inputs, *outputs):
        for path in _files(root):
            content = path.read_bytes()
            digest.update(f"{path} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _files(root: Path) -> Iterator[Path]:
    found = sorted(root.rglob("*")) if root.is_dir() else [root]
    yield from (path for path in found if path.is_file() and "__pycache__" not in path.parts)


def recorded(record: Path) -> dict[str, str]:
    """Return the fingerprints that were recorded, by platform."""
    try:
        return dict(json.loads(record.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def keep(record: Path, fingerprints: Mapping[str, str]) -> None:
    """Record fingerprints in addition to those of other platforms."""
    record.write_text(json.dumps(recorded(record) | dict(fingerprints), indent=1), encoding="utf-8")
