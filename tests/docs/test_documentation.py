"""The code on the pages of documentation runs, and the links between them lead somewhere."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from trilogue_generated.platforms import PLATFORMS, PlatformInfo
from trilogue_sandbox import Sandbox
from trilogue_sandbox.botpress.resources import RESOURCES
from trilogue_sandbox.rapidpro.registry import RESOURCES as RAPIDPRO
from trilogue_tools.cli.main import main as trilogue_command

from tests.conftest import ROOT

PAGES = [
    ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "openapi/README.md")
]
PAGES += sorted((ROOT / "docs").rglob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> Iterator[tuple[str, str]]:
    for page in PAGES:
        found = [code for name, code in BLOCK.findall(page.read_text(encoding="utf-8")) if name == language]
        yield from ((f"{page.relative_to(ROOT).as_posix()} {number}", code) for number, code in enumerate(found, 1))


TESTS_ON_THE_PAGES = [(name, code) for kind in ("py", "python") for name, code in blocks(kind) if "def test_" in code]
COMMANDS = [(name, part) for name, code in blocks("sh") for line in code.splitlines() for part in line.split(" | ")]


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Sandbox, str]]:
    """A sandbox that keeps the real time, and its address."""
    with Sandbox(start=None) as sandbox, sandbox.serve() as address:
        yield sandbox, address


@pytest.fixture
def settings(served: tuple[Sandbox, str]) -> dict[str, str]:
    """What the pages leave out of their code, and what to write there for a sandbox that is as new."""
    sandbox, address = served
    sandbox.reset()
    return {text: setting for info in PLATFORMS.values() for text, setting in _settings(info, sandbox, address)}


def _settings(info: PlatformInfo, sandbox: Sandbox, address: str) -> Iterator[tuple[str, str]]:
    credentials = sandbox.accounts(info.name)[0].credentials
    first, *others = (name for name in info.variables if name in credentials)
    start = f'{info.client}({first}="'
    yield f'{start}..."', f'{start}{credentials[first]}", host="{address}/{info.name}"'
    yield from ((f'{name}="..."', f'{name}="{credentials[name]}"') for name in others)


@pytest.mark.parametrize("code", [pytest.param(code, id=name) for name, code in blocks("python")])
def test_code_in_the_documentation_runs(
    code: str,
    settings: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for left_out, setting in settings.items():
        code = code.replace(left_out, setting)

    exec(compile(code, "documentation", "exec"), {})


def test_the_tests_on_the_pages_pass(tmp_path: Path) -> None:
    for number, (_, code) in enumerate(TESTS_ON_THE_PAGES):
        (tmp_path / f"test_{number}.py").write_text(code, encoding="utf-8")

    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("written", [pytest.param(written, id=f"{name}: {written}") for name, written in COMMANDS])
def test_commands_on_the_pages_exist(written: str) -> None:
    command, *arguments = shlex.split(written, comments=True) or ["#"]

    if command.startswith("scripts/"):
        assert os.access(ROOT / command, os.X_OK)
    elif command == "trilogue":
        assert trilogue_command([*arguments, "--help"]) == 0
    else:
        assert command in {"#", "curl", "echo", "export", "pip"}


def test_every_resource_of_botpress_is_on_its_page() -> None:
    bundle = ROOT / "generated" / "trilogue_generated" / "botpress" / "openapi.json"
    paths = json.loads(bundle.read_text(encoding="utf-8"))["paths"]
    resources = {operation["x-sdk"]["resource"] for item in paths.values() for operation in item.values()}
    rows = re.findall(r"`(\w+)`(?: \(([^)]*)\))?", table_of_botpress("| part | resources |"))

    named = {resource for resource, _ in rows}
    named |= {f"{resource}{below}" for resource, inner in rows for below in re.findall(r"`(\.\w+)`", inner)}
    assert named == resources | {resource.partition(".")[0] for resource in resources}


def test_the_actions_on_the_page_of_botpress_are_there() -> None:
    named = re.findall(r"`(\w+)`", table_of_botpress("| action | what it does |"))

    assert named
    assert [name for name in named if name not in RESOURCES.actions] == []


def test_every_action_of_rapidpro_is_on_the_page_of_the_sandbox() -> None:
    page = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
    rows = page.partition("| action | arguments | what happens |\n| --- | --- | --- |\n")[2].partition("\n\n")[0]

    named = [name for row in rows.splitlines() for name in re.findall(r"`(\w+)`", row.split(" | ")[0])]
    assert sorted(named) == sorted(RAPIDPRO.actions)


def table_of_botpress(heading: str) -> str:
    page = (ROOT / "docs" / "botpress.md").read_text(encoding="utf-8")
    return page.partition(heading)[2].partition("\n\n")[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_to_other_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https:)([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
