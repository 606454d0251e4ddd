"""What the locks pin: every package by its hash, and none by an address, which differs from network to network."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

NODE_LOCKS = (
    ROOT / "scripts" / "node" / "package-lock.json",
    ROOT / "scripts" / "node" / "cli" / "package-lock.json",
    ROOT / "scripts" / "node" / "openapi" / "package-lock.json",
)
LOCKS = (ROOT / "scripts" / "requirements.txt", ROOT / "scripts" / "requirements-demo.txt", *NODE_LOCKS)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.relative_to(ROOT).as_posix())
def test_a_lock_names_no_address(lock: Path) -> None:
    assert "://" not in lock.read_text(encoding="utf-8"), "leave out `resolved` and `funding`"


def test_each_python_package_has_a_version_and_hashes() -> None:
    packages = re.split(r"\n(?=\S)", LOCKS[0].read_text(encoding="utf-8").strip())

    assert len(packages) > 50
    assert [package for package in packages if not re.match(r"[\w.\[\]-]+==\S+.*?--hash=sha256:", package, re.S)] == []


@pytest.mark.parametrize("lock", NODE_LOCKS, ids=lambda lock: lock.relative_to(ROOT).as_posix())
def test_each_node_package_has_a_hash(lock: Path) -> None:
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]

    assert [name for name, package in packages.items() if name and "integrity" not in package] == []
