"""Semantic versions and ranges of them, as package managers write them: `1.2.3`, `^1.2`, `~0.3.1`, `>=1 <3`, `1.x`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import total_ordering

import attrs

_NUMBER = r"(0|[1-9][0-9]{0,8})"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_DIGITS = r"([0-9]{1,9}|[xX*])"
_PART = rf"(?:\.{_DIGITS})?"
_TERM = re.compile(rf"([~^]|[<>]=?|=)?\s*v?{_DIGITS}{_PART}{_PART}(?:-([0-9A-Za-z.-]+))?")

LATEST = "latest"
_LONGEST = 200


@total_ordering
@attrs.frozen(order=False)
class Version:
    """One version; with a `pre` part it comes before the same one without."""

    major: int
    minor: int
    patch: int
    pre: str = ""

    @classmethod
    def read(cls, text: str) -> Version | None:
        """Read a version; None if the text is none."""
        found = _VERSION.fullmatch(text)
        return cls(int(found[1]), int(found[2]), int(found[3]), found[4] or "") if found else None

    def __lt__(self, other: Version) -> bool:
        return self._key < other._key

    @property
    def _key(self) -> tuple[tuple[int, int, int], bool, list[tuple[bool, int, str]]]:
        parts = [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in self.pre.split(".")]
        return (self.major, self.minor, self.patch), not self.pre, parts


def best(texts: list[str], wanted: str) -> str | None:
    """Return the highest of some versions that is wanted: `latest`, a version or a range; None if there is none.

    What comes before a release counts only where it is named, or where there is no release at all.
    """
    if wanted in texts:
        return wanted
    if len(wanted) > _LONGEST:
        return None
    fits = _range("*" if wanted == LATEST else wanted)
    versions = {text: version for text in texts if (version := Version.read(text)) and fits and fits(version)}
    released = {text: version for text, version in versions.items() if not version.pre}
    return max(released or versions, key=lambda text: versions[text], default=None)


def _range(text: str) -> Callable[[Version], bool] | None:
    alternatives = [_read_alternative(each) for each in text.split("||")]
    if any(terms is None for terms in alternatives):
        return None
    return lambda version: any(all(low <= version < high for low, high in terms or ()) for terms in alternatives)


def _read_alternative(text: str) -> list[tuple[Version, Version]] | None:
    """Read terms that must all hold as spans from a version up to, not including, another."""
    spans, rest = list[tuple[Version, Version]](), text.strip()
    while rest:
        found = _TERM.match(rest)
        if found is None:
            return None
        spans.append(_span(found[1] or "", list(_numbers(found)), found[5] or ""))
        rest = rest[found.end() :].lstrip(" ,")
    return spans


def _numbers(found: re.Match[str]) -> Iterator[int]:
    for part in (found[2], found[3], found[4]):
        if part is None or not part.isdecimal():
            return
        yield int(part)


_FIRST = Version(0, 0, 0, "0")
_NONE = Version(10**9, 0, 0)


def _span(operator: str, numbers: list[int], pre: str) -> tuple[Version, Version]:
    if not numbers:
        return _FIRST, _NONE
    major, minor, patch = (*numbers, 0, 0)[:3]
    low = Version(major, minor, patch, pre)
    after = _after(operator, numbers)
    if operator == ">=":
        return low, _NONE
    if operator == ">":
        return after, _NONE
    if operator == "<":
        return _FIRST, low
    return (_FIRST if operator == "<=" else low), after


def _after(operator: str, numbers: list[int]) -> Version:
    """Return the first version that a term no longer covers, as far as it is written out."""
    major, minor, patch = (*numbers, 0, 0, 0)[:3]
    kept = len(numbers)
    if operator == "^":
        leading = next((place for place, number in enumerate(numbers, 1) if number), kept)
        kept = leading
    elif operator == "~":
        kept = min(kept, 2)
    if kept == 1:
        return Version(major + 1, 0, 0)
    return Version(major, minor + 1, 0) if kept == 2 else Version(major, minor, patch + 1)
