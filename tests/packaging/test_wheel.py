"""The wheel, built and installed elsewhere: what users get, and not what lies in the checkout."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest
from release_checks.artifacts import check
from trilogue_generated.platforms import PLATFORMS

from tests.conftest import ROOT

PYRIGHT = ROOT / "scripts" / "node" / "node_modules" / ".bin" / "pyright"
CONSUMERS = sorted((ROOT / "tests" / "typing").glob("[a-z]*.py"))
PROGRAMS = [path for path in CONSUMERS if path.stem.endswith("_program")]
FOLDERS = ("trilogue/", "trilogue_generated/", "trilogue_sandbox/", "trilogue_tools/")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python of its own with the wheel in it; what the wheel depends on is lent by this environment."""
    folder = tmp_path_factory.mktemp("elsewhere") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    site = next(folder.glob("lib/python*/site-packages"))
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(python),
            "install",
            "--quiet",
            "--no-deps",
            "--no-index",
            str(wheel),
        ],
        check=True,
        capture_output=True,
    )
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python


def run(python: Path, *arguments: str) -> str:
    done = subprocess.run([str(python), *arguments], capture_output=True, text=True, cwd=python.parent, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_holds_the_packages_their_types_and_the_descriptions(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.split("/")[0] + "/" for name in names if "dist-info" not in name} == set(FOLDERS)
    assert {f"{folder}py.typed" for folder in FOLDERS} <= set(names)
    assert {f"trilogue_generated/{name}/openapi.json" for name in PLATFORMS} <= set(names)
    assert not [name for name in names if "__pycache__" in name]


def test_the_wheel_holds_swagger_ui_as_it_comes_from_npm_with_its_licences(wheel: Path) -> None:
    vendored = ROOT / "sandbox" / "trilogue_sandbox" / "pages" / "static" / "swagger-ui"
    archive = zipfile.ZipFile(wheel)
    dist_info = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    packaged = ROOT / "scripts" / "node" / "node_modules" / "swagger-ui-dist"
    if not packaged.is_dir():
        pytest.fail("Swagger UI is not installed; run: npm ci --prefix scripts/node --ignore-scripts")

    for file in vendored.iterdir():
        assert file.read_bytes() == (packaged / file.name).read_bytes()
        assert f"trilogue_sandbox/pages/static/swagger-ui/{file.name}" in archive.namelist()
    metadata = archive.read(dist_info).decode()
    assert "License-Expression: MIT AND Apache-2.0" in metadata
    assert "License-File: sandbox/trilogue_sandbox/pages/static/swagger-ui/LICENSE" in metadata


def test_the_tools_of_packagers_find_nothing_in_the_wheel(wheel: Path) -> None:
    check([wheel])


def test_the_installed_package_is_imported_from_where_it_was_installed(elsewhere: Path) -> None:
    origin = run(elsewhere, "-c", "import trilogue; print(trilogue.__file__)")

    assert Path(origin.strip()).is_relative_to(elsewhere.parent.parent)


def test_the_command_line_of_the_installed_package_knows_its_version(elsewhere: Path) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

    assert run(elsewhere, "-m", "trilogue", "--version") == f"trilogue {version}\n"


def test_the_changelog_and_the_code_agree_on_the_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert newest is not None
    assert newest[1] == version


def test_the_installed_sandbox_responds_to_the_installed_client(elsewhere: Path) -> None:
    code = """
from trilogue import RapidPro
from trilogue_sandbox import Sandbox
with Sandbox() as sandbox:
    token = sandbox.accounts("rapidpro")[0].credentials["token"]
    client = RapidPro(token, host="http://127.0.0.1/rapidpro", transport=sandbox.transport())
    print(client.workspace.get().timezone)
"""

    assert run(elsewhere, "-c", code) == "Africa/Kigali\n"


def test_mypy_sees_the_types_of_the_installed_package(elsewhere: Path) -> None:
    checked = [
        "--strict",
        "--warn-unused-ignores",
        "--python-executable",
        str(elsewhere),
        "--config-file",
        "",
        "--cache-dir",
    ]

    run(Path(sys.executable), "-m", "mypy", *checked, str(elsewhere.parent / "mypy"), *map(str, CONSUMERS))


def test_pyright_sees_the_types_of_the_installed_package(elsewhere: Path, tmp_path: Path) -> None:
    for path in CONSUMERS:
        alone = re.sub(r"# type: ignore\[[\w, -]+\]", "", path.read_text(encoding="utf-8"))  # that is for mypy
        (tmp_path / path.name).write_text(f"{_PYRIGHT_RULES}{alone}", encoding="utf-8")

    run(PYRIGHT, "--pythonpath", str(elsewhere), str(tmp_path))


def test_ty_sees_the_types_of_the_installed_package(elsewhere: Path) -> None:
    run(_beside("ty"), "check", "--quiet", "--python", str(elsewhere.parents[1]), *map(str, PROGRAMS))


def test_pyrefly_sees_the_types_of_the_installed_package(elsewhere: Path) -> None:
    checked = ["--preset", "default", "--python-interpreter-path", str(elsewhere)]

    run(_beside("pyrefly"), "check", *checked, *map(str, PROGRAMS))


@pytest.mark.parametrize("checker", ["mypy", "ty", "pyrefly"])
def test_a_result_of_another_type_is_noticed(checker: str, elsewhere: Path, tmp_path: Path) -> None:
    program = "from typing import assert_type\nfrom trilogue import RapidPro\n\ndef use(client: RapidPro) -> None:\n"
    (tmp_path / "program.py").write_text(f"{program}    assert_type(client.groups.uuid('Farmers'), int)\n")
    arguments = {
        "mypy": ["--python-executable", str(elsewhere), "--cache-dir", str(elsewhere.parent / "mypy")],
        "ty": ["check", "--python", str(elsewhere.parents[1])],
        "pyrefly": ["check", "--preset", "default", "--python-interpreter-path", str(elsewhere)],
    }
    command = [str(_beside(checker)), *arguments[checker], str(tmp_path / "program.py")]

    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120)

    assert done.returncode != 0
    assert "assert" in done.stdout.lower()


def _beside(name: str) -> Path:
    """Return a command that is installed beside this Python."""
    return Path(sys.executable).with_name(name)


_PYRIGHT_RULES = "# pyright: strict, reportUnnecessaryTypeIgnoreComment=true\n"
