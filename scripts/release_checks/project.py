"""The project as it stands: its version, its changelog, its last release."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

from attrs import frozen
from platforms import platforms

ROOT = Path(__file__).resolve().parents[2]
PLATFORMS = tuple(platforms())

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_HEADING = re.compile(r"^## (\S+)(?: \(([^)]*)\))?$", re.MULTILINE)


class NotReady(Exception):
    """Something that keeps a version from being released; the message says what, and what to do."""


@frozen(order=True)
class Version:
    """A version of three numbers."""

    major: int
    minor: int
    patch: int

    @classmethod
    def read(cls, text: str) -> Version:
        """Read a version such as 1.2.3.

        Raises:
            NotReady: it is none.
        """
        found = _VERSION.fullmatch(text)
        if found is None:
            raise NotReady(f"{text!r} is no version of three numbers, such as 1.2.3")
        return cls(*map(int, found.groups()))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


def git(*arguments: str) -> str:
    """Return what a git command prints.

    Raises:
        NotReady: it failed.
    """
    done = subprocess.run(("git", *arguments), cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotReady(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout


def last_release() -> str | None:
    """Return the tag of the last release before this commit, such as v0.1.0; None before the first."""
    tags = [
        tag
        for tag in git("tag", "--list", "v*", "--no-contains", "HEAD").split()
        if _VERSION.fullmatch(tag.removeprefix("v"))
    ]
    return max(tags, key=lambda tag: Version.read(tag.removeprefix("v")), default=None)


def declared_versions() -> dict[str, str]:
    """Return the version that each place states which states one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module = (ROOT / "overlays" / "trilogue" / "_version.py").read_text(encoding="utf-8")
    found = re.search(r'__version__ = "([^"]+)"', module)
    heading = changelog_heading()
    return {
        "pyproject.toml": project["version"],
        "overlays/trilogue/_version.py": found[1] if found else "none",
        "CHANGELOG.md": heading[0],
    }


def changelog_heading() -> tuple[str, str]:
    """Return the version and the date of the newest heading of the changelog."""
    found = _HEADING.search((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    return (found[1], found[2] or "") if found else ("none", "")
