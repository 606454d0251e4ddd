"""Builds the wheel and the source archive, and tries them as a user would."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

from .project import ROOT, NotReady, git

DIST = ROOT / "dist"

_SMOKE = """
import trilogue
from trilogue import RapidPro
from trilogue_sandbox import Sandbox
with Sandbox() as sandbox:
    token = sandbox.accounts("rapidpro")[0].credentials["token"]
    client = RapidPro(token, host="http://127.0.0.1/rapidpro", transport=sandbox.transport())
    assert client.contacts.list().page().items
print(trilogue.__version__)
"""
_PLUGIN_TEST = "def test_plugin(rapidpro_sandbox):\n    assert rapidpro_sandbox.url\n"


def run(*command: str, cwd: Path = ROOT) -> str:
    """Run a command and return what it printed.

    Raises:
        NotReady: it failed.
    """
    environment = {**os.environ, "SOURCE_DATE_EPOCH": git("log", "-1", "--format=%ct").strip()}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotReady(f"{' '.join(command[:4])} failed:\n{(done.stdout + done.stderr).strip()[-4000:]}")
    return done.stdout


def build() -> list[Path]:
    """Build both archives twice and keep them if they are the same byte for byte.

    Raises:
        NotReady: building failed, or two builds differ.
    """
    shutil.rmtree(DIST, ignore_errors=True)
    with tempfile.TemporaryDirectory() as other:
        for folder in (str(DIST), other):
            run(sys.executable, "-m", "hatchling", "build", "--directory", folder)
        built = sorted(DIST.iterdir())
        for path in built:
            if path.read_bytes() != (Path(other) / path.name).read_bytes():
                raise NotReady(f"{path.name} differs from build to build")
    return built


def check(built: Sequence[Path]) -> None:
    """Have the archives checked by the tools of the index and of packagers.

    Raises:
        NotReady: one of them finds something.
    """
    tools = Path(sys.executable).parent
    wheel = next(path for path in built if path.suffix == ".whl")
    run(str(tools / "validate-pyproject"), "pyproject.toml")
    run(str(tools / "twine"), "check", "--strict", *map(str, built))
    run(str(tools / "check-wheel-contents"), str(wheel))


def smoke_test(wheel: Path, consumer: Path) -> str:
    """Install the wheel in an empty environment and use it: import, command, sandbox, pytest plugin, types.

    Raises:
        NotReady: something fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        venv.create(home / "venv", with_pip=True)
        scripts = home / "venv" / ("Scripts" if os.name == "nt" else "bin")
        python = str(scripts / "python")
        run(python, "-m", "pip", "install", "--quiet", f"{wheel}[sandbox]", "pytest", "mypy", cwd=home)
        (home / "test_plugin.py").write_text(_PLUGIN_TEST, encoding="utf-8")
        shutil.copy(consumer, home / "consumer.py")
        version = run(python, "-c", _SMOKE, cwd=home).strip()
        run(str(scripts / "trilogue"), "--version", cwd=home)
        run(python, "-m", "pytest", "-q", "test_plugin.py", cwd=home)
        run(python, "-m", "mypy", "--strict", "consumer.py", cwd=home)
        return version


def write_checksums(built: Sequence[Path]) -> Path:
    """Write the SHA-256 of each archive beside it."""
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in built]
    target = DIST / "SHA256SUMS"
    target.write_text("".join(lines), encoding="utf-8")
    return target
