"""What keeps a version from being released."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from release_checks import project, sbom
from release_checks.bump import Bump, Changes
from release_checks.command import main
from release_checks.project import NotReady, Version
from spec_diff.findings import Finding, Level

from tests.conftest import ROOT


def changes(level: Level | None = None, *breakages: str, is_wider: bool = False) -> Changes:
    findings = [] if level is None else [Finding(level, "rule", "/", "Thing.size is gone")]
    return Changes({"rapidpro": findings}, list(breakages), is_wider)


@pytest.mark.parametrize(
    ("found", "bump", "from_0", "from_1"),
    [
        (changes(), Bump.PATCH, "0.2.4", "1.2.4"),
        (changes(Level.COMPATIBLE), Bump.MINOR, "0.2.4", "1.3.0"),
        (changes(Level.RISKY), Bump.MINOR, "0.2.4", "1.3.0"),
        (changes(is_wider=True), Bump.MINOR, "0.2.4", "1.3.0"),
        (changes(Level.BREAKING), Bump.MAJOR, "0.3.0", "2.0.0"),
        (changes(None, "trilogue.RapidPro was removed"), Bump.MAJOR, "0.3.0", "2.0.0"),
    ],
)
def test_the_changes_decide_the_least_version(found: Changes, bump: Bump, from_0: str, from_1: str) -> None:
    assert found.bump is bump
    assert str(found.least(Version(0, 2, 3))) == from_0
    assert str(found.least(Version(1, 2, 3))) == from_1


def test_the_changelog_gets_a_draft_of_each_change_once() -> None:
    found = Changes({"rapidpro": [Finding(Level.BREAKING, "a", "/a", "A is gone")] * 2}, ["b was removed"], False)

    assert found.draft() == "- b was removed.\n- A is gone."


@pytest.mark.parametrize("text", ["1.2", "v1.2.3", "1.2.3rc1", ""])
def test_a_version_has_three_numbers(text: str) -> None:
    with pytest.raises(NotReady, match="is no version of three numbers"):
        Version.read(text)


def test_all_places_state_one_version() -> None:
    assert len(set(project.declared_versions().values())) == 1


def test_the_bill_of_materials_is_fresh_and_the_same_each_time() -> None:
    assert sbom.bill_of_materials() == sbom.bill_of_materials() == sbom.PATH.read_text(encoding="utf-8")


def test_the_bill_of_materials_is_valid() -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(sbom.bill_of_materials()) is None


def test_a_version_or_a_draft_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["1.0.0", "--draft"]):
        with pytest.raises(SystemExit):
            main(arguments)
        assert "give a version, or --draft" in capsys.readouterr().err


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A clone of this checkout, to be spoiled."""
    target = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--local", str(ROOT), str(target)], check=True)
    return target


def release(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "release_checks", *arguments]
    environment = {"PYTHONPATH": str(copy / "scripts"), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)


def test_what_is_not_committed_keeps_a_version_back(copy: Path) -> None:
    (copy / "stray.txt").write_text("x")
    done = release(copy, "0.1.0")

    assert done.returncode == 1
    assert "Not ready: commit or drop what is not committed:\n?? stray.txt" in done.stderr


def test_another_version_than_the_declared_one_is_kept_back(copy: Path) -> None:
    done = release(copy, "9.9.9")

    assert "ok  the tree is clean" in done.stdout
    assert "Not ready: pyproject.toml says " in done.stderr


def test_a_changelog_without_a_date_keeps_a_version_back(copy: Path) -> None:
    version = project.declared_versions()["CHANGELOG.md"]
    changelog = copy / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8")
    heading = next(line for line in text.splitlines() if line.startswith("## "))
    changelog.write_text(text.replace(heading, f"## {version} (unreleased)", 1), encoding="utf-8")
    identity = ["-c", "user.name=tests", "-c", "user.email=tests@example.org"]
    subprocess.run(["git", *identity, "commit", "-qam", "x", "--allow-empty"], cwd=copy, check=True)
    done = release(copy, version)

    assert f"Not ready: the heading of CHANGELOG.md needs the date of the release: ## {version} (" in done.stderr
