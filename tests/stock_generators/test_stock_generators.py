"""The generators that others use accept the bundled descriptions, and what they make of them compiles."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from trilogue_generated.platforms import PLATFORMS

from tests.conftest import ROOT

NODE = ROOT / "scripts" / "node" / "openapi"
SECONDS = 300

pytestmark = [pytest.mark.nightly, pytest.mark.parametrize("platform", PLATFORMS)]


def bundle(platform: str) -> str:
    return str(ROOT / "generated" / "trilogue_generated" / platform / "openapi.json")


def run(*command: str | Path, folder: Path) -> str:
    """Run a generator, with the tools of this checkout in its path; return what it says."""
    tools = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, "PATH": tools},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def node(name: str) -> Path:
    """Return a program from npm; the test fails where it is not installed, and says what to do."""
    program = NODE / "node_modules" / ".bin" / name
    if not program.exists():
        pytest.fail(f"{name} is not installed; run: npm ci --prefix {NODE.relative_to(ROOT)} --ignore-scripts")
    return program


def require_python(folder: Path) -> None:
    sources = list(folder.rglob("*.py"))
    assert sources
    for source in sources:
        ast.parse(source.read_text(encoding="utf-8"))


def require_typescript(folder: Path) -> None:
    sources = [str(path) for path in folder.rglob("*.ts")]
    assert sources
    options = ("--noEmit", "--skipLibCheck", "--strict", "--lib", "esnext,dom", "--module", "esnext")
    run(node("tsc"), *options, "--moduleResolution", "bundler", *sources, folder=folder)


def test_openapi_python_client(platform: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("post_hooks: []\n", encoding="utf-8")
    program = Path(sys.executable).with_name("openapi-python-client")

    said = run(
        *(program, "generate", "--path", bundle(platform), "--meta", "none", "--config", "config.yaml"),
        *("--output-path", "made"),
        folder=tmp_path,
    )

    assert "Unable" not in said
    require_python(tmp_path / "made")


def test_datamodel_code_generator(platform: str, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("datamodel-codegen")

    run(
        *(program, "--input", bundle(platform), "--input-file-type", "openapi", "--output", "made/models.py"),
        *("--output-model-type", "pydantic_v2.BaseModel", "--formatters", "builtin"),
        folder=tmp_path,
    )

    require_python(tmp_path / "made")


def test_openapi_typescript(platform: str, tmp_path: Path) -> None:
    run(node("openapi-typescript"), bundle(platform), "--output", "made/schema.ts", folder=tmp_path)

    require_typescript(tmp_path / "made")


def test_hey_api(platform: str, tmp_path: Path) -> None:
    run(
        node("openapi-ts"),
        "--input",
        bundle(platform),
        "--output",
        "made",
        "--plugins",
        "@hey-api/typescript",
        folder=tmp_path,
    )

    require_typescript(tmp_path / "made")
