"""Versions and ranges of them."""

from __future__ import annotations

import pytest
from trilogue_sandbox.botpress.semver import Version, best

VERSIONS = ["0.1.0", "0.3.1", "0.3.4", "1.0.0", "1.2.3", "1.10.0", "2.0.0-beta.1"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("latest", "1.10.0"),
        ("1.2.3", "1.2.3"),
        ("^1", "1.10.0"),
        ("^0.3.0", "0.3.4"),
        ("^0.1", "0.1.0"),
        ("~1.2", "1.2.3"),
        ("1.x", "1.10.0"),
        ("*", "1.10.0"),
        (">=1 <1.5", "1.2.3"),
        ("<1", "0.3.4"),
        ("<=1.2.3", "1.2.3"),
        (">1.2.3", "1.10.0"),
        ("^0.1 || ^1.0", "1.10.0"),
        ("2.0.0-beta.1", "2.0.0-beta.1"),
        (">=2", None),
        ("3.0.0", None),
        ("newest", None),
    ],
)
def test_the_highest_version_that_is_wanted_is_found(wanted: str, found: str | None) -> None:
    assert best(VERSIONS, wanted) == found


def test_what_comes_before_a_release_is_the_latest_only_where_there_is_no_release() -> None:
    assert best(["1.0.0-rc.1", "1.0.0-rc.2"], "latest") == "1.0.0-rc.2"
    assert best(["1.0.0-rc.1", "0.9.0"], "latest") == "0.9.0"


def test_versions_are_ordered_as_semantic_versions() -> None:
    texts = ["1.0.0-1", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0.0", "1.0.1", "1.10.0"]
    versions = [Version.read(text) for text in reversed(texts)]

    assert sorted(version for version in versions if version) == [Version.read(text) for text in texts]
    assert Version.read("1.0") is None
