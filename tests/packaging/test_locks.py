"""What the locks pin: every package by its hash, and none by an address, which differs from network to network."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

LOCKS = (
    ROOT / "scripts" / "requirements.txt",
    ROOT / "scripts" / "requirements-demo.txt",
    ROOT / "scripts" / "node" / "package-lock.json",
)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_address(lock: Path) -> None:
    assert "://" not in lock.read_text(encoding="utf-8"), "leave out `resolved` and `funding`"


def test_each_python_package_has_a_version_and_hashes() -> None:
    packages = re.split(r"\n(?=\S)", LOCKS[0].read_text(encoding="utf-8").strip())

    assert len(packages) > 50
    assert [package for package in packages if not re.match(r"[\w.\[\]-]+==\S+.*?--hash=sha256:", package, re.S)] == []


def test_each_node_package_has_a_hash() -> None:
    packages = json.loads(LOCKS[-1].read_text(encoding="utf-8"))["packages"]

    assert [name for name, package in packages.items() if name and "integrity" not in package] == []
