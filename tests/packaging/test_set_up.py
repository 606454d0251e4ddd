"""What `scripts/setup` shows while it installs."""

from __future__ import annotations

import re
from pathlib import Path

import install
import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Collecting attrs==26.1.0 (from -r scripts/requirements.txt (line 7))", "attrs"),
        ("Collecting typing-extensions==4.16.0 (from ...)", "typing-extensions"),
        ("Processing /wheels/annotated_types-0.8.0-py3-none-any.whl (from ...)", "annotated_types"),
        ("Requirement already satisfied: httpx==0.28.1 in ./.venv", "httpx"),
    ],
)
def test_each_package_is_shown_when_pip_begins_it(line: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown: list[str] = []
    install.show([line], 3, lambda text, is_passing=False: shown.append(text))
    assert shown == [f"  1 of 3 packages: {name}"]


def test_the_demonstration_needs_a_third_of_the_packages_at_the_same_versions() -> None:
    everything, few = (_locked(ROOT / "scripts" / f"{name}.txt") for name in ("requirements", "requirements-demo"))
    assert few <= everything
    assert len(few) * 3 < len(everything)


def _locked(path: Path) -> set[str]:
    return set(re.findall(r"^[\w.-]+==[\w.]+", path.read_text(encoding="utf-8"), re.MULTILINE))
