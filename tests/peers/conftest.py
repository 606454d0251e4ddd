"""The Node that the official clients run on."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from .official_client import PACKAGES


@pytest.fixture(scope="session")
def node() -> str:
    """The Node to run; the test fails where there is none, or without the packages, and says what to do."""
    found = shutil.which("node")
    if found is None:
        pytest.fail("Node 20 or newer is not installed; the official Botpress clients run on it")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.removeprefix("v").partition(".")[0]) < 20:
        pytest.fail(f"Node 20 or newer is needed, not {version.strip()}")
    if not (PACKAGES / "node_modules" / "@botpress").is_dir():
        pytest.fail("the official clients are not installed; run: npm ci --prefix scripts/node --ignore-scripts")
    return found
