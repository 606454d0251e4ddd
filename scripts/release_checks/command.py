"""The command: one step after the other, each said when it is done, and an end at the first that fails."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from . import artifacts, sbom
from .bump import Changes, changes_since, consumer_of
from .project import ROOT, NotReady, Version, changelog_heading, declared_versions, git, last_release


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(prog="scripts/release", description="Prepares a release; uploads nothing.")
    parser.add_argument("version", nargs="?", help="the version to release, such as 0.2.0")
    parser.add_argument("--draft", action="store_true", help="only say what changed and which version that demands")
    options = parser.parse_args(arguments)
    if bool(options.version) == options.draft:
        parser.error("give a version, or --draft")
    try:
        return _draft() if options.draft else _release(Version.read(options.version))
    except NotReady as reason:
        print(f"\nNot ready: {reason}", file=sys.stderr)
        return 1


def _draft() -> int:
    tag = last_release()
    if tag is None:
        print("Nothing was released yet: any version may be the first.")
        return 0
    changes = changes_since(tag)
    print(f"Since {tag} ({changes.bump}): at least {changes.least(Version.read(tag[1:]))}\n\n{changes.draft()}")
    return 0


def _release(version: Version) -> int:
    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        ("the tree is clean", _require_clean_tree),
        ("versions and changelog agree", lambda: _require_version(version)),
        ("the version is large enough for the changes", lambda: _require_bump(version)),
        ("the bill of materials is fresh", _require_fresh_sbom),
        ("generated code is fresh", lambda: _script("generate", "--check")),
        ("all tests pass", lambda: _script("test")),
        ("the program of the last release still type-checks", _check_last_consumer),
        ("archives are built, and the same twice", artifacts.build),
        ("archives are valid", lambda: artifacts.check(_built())),
        ("the wheel works in an empty environment", lambda: _smoke_test(version)),
        ("checksums are written", lambda: artifacts.write_checksums(_built())),
    )
    for words, step in steps:
        started = time.monotonic()
        step()
        print(f"ok  {words} ({time.monotonic() - started:.0f} s)", flush=True)
    print(
        "\nReady. To publish, tag this commit; the release workflow does the rest:\n\n"
        f"  git tag -s v{version} -m v{version}\n  git push origin v{version}"
    )
    return 0


def _require_clean_tree() -> None:
    if changed := git("status", "--porcelain").strip():
        raise NotReady(f"commit or drop what is not committed:\n{changed}")


def _require_version(version: Version) -> None:
    for place, stated in declared_versions().items():
        if stated != str(version):
            raise NotReady(f"{place} says {stated}, not {version}")
    if not changelog_heading()[1][:4].isdecimal():
        raise NotReady(f"the heading of CHANGELOG.md needs the date of the release: ## {version} (2026-11-29)")


def _require_bump(version: Version) -> None:
    tag = last_release()
    if tag is None:
        return
    last = Version.read(tag.removeprefix("v"))
    changes: Changes = changes_since(tag)
    if version <= last:
        raise NotReady(f"{last} is released already")
    if version < (least := changes.least(last)):
        raise NotReady(f"the changes since {tag} are {changes.bump} and demand {least}:\n{changes.draft()}")


def _require_fresh_sbom() -> None:
    if sbom.PATH.read_text(encoding="utf-8") != sbom.bill_of_materials():
        raise NotReady("the bill of materials is not that of this project; run scripts/sbom and commit what it writes")


def _script(name: str, *arguments: str) -> None:
    done = subprocess.run((str(ROOT / "scripts" / name), *arguments), cwd=ROOT, check=False)
    if done.returncode:
        raise NotReady(f"scripts/{name} failed")


def _check_last_consumer() -> None:
    tag = last_release()
    if tag is not None:
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "consumer.py"
            program.write_text(consumer_of(tag), encoding="utf-8")
            artifacts.run(sys.executable, "-m", "mypy", "--strict", str(program))


def _built() -> list[Path]:
    return sorted(path for path in artifacts.DIST.iterdir() if path.suffix in (".whl", ".gz"))


def _smoke_test(version: Version) -> None:
    wheel = next(path for path in _built() if path.suffix == ".whl")
    installed = artifacts.smoke_test(wheel, ROOT / "tests" / "typing" / "consumer.py")
    if installed != str(version):
        raise NotReady(f"the installed package says it is {installed}")
