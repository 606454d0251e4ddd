"""`scripts/new-platform` lays out a platform that works, and a part that is then forgotten is named."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

UNNEEDED = shutil.ignore_patterns(".*", "node_modules", "__pycache__", "dist", "captures", "benchmarks")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this checkout with one platform more."""
    folder = tmp_path_factory.mktemp("checkout") / "trilogue"
    shutil.copytree(ROOT, folder, ignore=UNNEEDED)
    done = run(folder, "scripts/new_platform.py", "shop", "Shop")
    assert done.returncode == 0, done.stdout
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    roots = os.pathsep.join(str(folder / name) for name in ("overlays", "generated", "sandbox"))
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": roots},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )


def checked(folder: Path, *paths: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "-m", "pytest", "-q", "-p", "no:xdist", "-k", "shop", *paths)


def test_the_skeleton_is_complete_and_its_client_works_against_its_sandbox(checkout: Path) -> None:
    done = checked(checkout, "tests/platforms/test_every_platform_is_complete.py", "tests/clients/test_shop.py")

    assert done.returncode == 0, done.stdout


def test_each_forgotten_part_is_named(checkout: Path, tmp_path: Path) -> None:
    folder = tmp_path / "trilogue"
    shutil.copytree(checkout, folder)
    for name in ("tests/contract/shop.toml", "tests/clients/test_shop.py", "overlays/trilogue/shop/_platform.py"):
        (folder / name).unlink()
    change(folder / "sandbox/trilogue_sandbox/shop/things.py", '        "things_delete": delete_thing,\n', "")
    change(folder / "README.md", "[Shop](docs/shop.md), ", "")
    change(folder / "docs/shop.md", "import Shop", "import Mall")

    said = checked(folder, "tests/platforms/test_every_platform_is_complete.py").stdout

    assert "Shop has no contract run: write tests/contract/shop.toml" in said
    assert "Shop has no test of the client: write tests/clients/test_shop.py" in said
    assert "Shop has no credentials and errors of the client: write overlays/trilogue/shop/_platform.py" in said
    assert "shop: no resource handles things_delete" in said
    assert "link to docs/shop.md in README.md" in said


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("Shop", "Shop"), "write the name in snake_case"),
        (("shop", "the shop"), "the client in PascalCase"),
        (("rapidpro", "RapidPro"), "rapidpro is in openapi/platforms.yaml already"),
    ],
)
def test_a_name_that_cannot_be_is_refused(arguments: tuple[str, str], complaint: str) -> None:
    done = run(ROOT, "scripts/new_platform.py", *arguments)

    assert done.returncode == 2
    assert complaint in done.stdout
