"""Which version the changes since the last release demand, and a draft of what the changelog says of them."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import griffe
from attrs import evolve, frozen
from spec_diff.command import read
from spec_diff.findings import Finding, Level
from spec_diff.report import diff

from .project import PLATFORMS, ROOT, NotReady, Version, git

PACKAGES = {"trilogue": "overlays", "trilogue_generated": "generated", "trilogue_sandbox": "sandbox"}
"""The packages of the wheel and their roots."""

PUBLIC = ("trilogue.", "trilogue_sandbox.")
"""Where names are public; generated ones are through what `trilogue` exports."""


class Bump(IntEnum):
    """How much of a version number moves."""

    PATCH = 0
    MINOR = 1
    MAJOR = 2

    def __str__(self) -> str:
        return self.name.lower()


@frozen
class Changes:
    """What changed since the last release: in the descriptions, and in the API of Python."""

    findings: dict[str, list[Finding]]
    breakages: list[str]
    is_wider: bool

    @property
    def bump(self) -> Bump:
        """The least bump that says so to users of version 1 and later."""
        levels = [finding.level for found in self.findings.values() for finding in found]
        if self.breakages or Level.BREAKING in levels:
            return Bump.MAJOR
        return Bump.MINOR if self.is_wider or levels else Bump.PATCH

    def least(self, last: Version) -> Version:
        """Return the least version that may follow; before 1.0 what breaks moves the minor number."""
        bump = self.bump
        if last.major == 0:
            bump = Bump(max(bump - 1, Bump.PATCH))
        if bump is Bump.MAJOR:
            return Version(last.major + 1, 0, 0)
        return evolve(last, minor=last.minor + 1, patch=0) if bump is Bump.MINOR else evolve(last, patch=last.patch + 1)

    def draft(self) -> str:
        """Return lines for the changelog."""
        lines = [f"- {finding.message}." for found in self.findings.values() for finding in found]
        return "\n".join(dict.fromkeys([*(f"- {breakage}." for breakage in self.breakages), *lines]))


def changes_since(tag: str) -> Changes:
    """Return what changed since a release.

    Raises:
        NotReady: the release cannot be read.
    """
    findings = {platform: diff(read(f"{platform}@{tag}"), read(platform)) for platform in PLATFORMS}
    return Changes(findings, _breakages(tag), _has_new_names(tag))


def _breakages(tag: str) -> list[str]:
    found = [
        breakage
        for package, root in PACKAGES.items()
        for breakage in griffe.find_breaking_changes(_released(package, root, tag), _present(package, root))
    ]
    public = [each for each in found if each.obj.path.startswith(PUBLIC) and not _is_private(each.obj.path)]
    return [each.explain(style=griffe.ExplanationStyle.ONE_LINE) for each in public]


def _is_private(path: str) -> bool:
    return any(part.startswith("_") and not part.startswith("__") for part in path.split("."))


def _has_new_names(tag: str) -> bool:
    before = {name for package, root in PACKAGES.items() for name in _names(_released(package, root, tag))}
    after = {name for package, root in PACKAGES.items() for name in _names(_present(package, root))}
    return bool(after - before)


def _names(module: Any) -> list[str]:
    found: list[str] = []
    for member in module.members.values():
        if member.is_alias or _is_private(member.path):
            continue
        found.append(member.path)
        if member.is_module or member.is_class:
            found += _names(member)
    return found


def _present(package: str, root: str) -> Any:
    return griffe.load(package, search_paths=[str(ROOT / root)], resolve_aliases=False)


def _released(package: str, root: str, tag: str) -> Any:
    try:
        return griffe.load_git(package, ref=tag, repo=str(ROOT), search_paths=[root])
    except (griffe.GitError, ImportError, OSError) as error:
        raise NotReady(f"the release {tag} cannot be read: {error}") from error


def consumer_of(tag: str) -> str:
    """Return the program that used the last release, to be type-checked against this one."""
    return git("show", f"{tag}:tests/typing/consumer.py")
