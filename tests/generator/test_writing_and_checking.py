"""How a staged tree takes the place of the one that is there, and how the two are compared."""

from __future__ import annotations

from pathlib import Path

import pytest
from generator.command import main
from generator.files import copy_runtime, differences, replace, write
from generator.freshness import fingerprint, keep, recorded


def test_differences_name_what_is_missing_left_over_and_different(tmp_path: Path) -> None:
    write(tmp_path / "staged", {"shop/same.py": "1", "shop/new.py": "1", "shop/changed.py": "1"})
    write(tmp_path / "there", {"shop/same.py": "1", "shop/old.py": "1", "shop/changed.py": "2", "other/kept.py": "1"})

    assert list(differences(tmp_path / "staged", tmp_path / "there")) == [
        "differs    shop/changed.py",
        "missing    shop/new.py",
        "left over  shop/old.py",
    ]


def test_a_platform_is_replaced_as_a_whole_and_others_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "staged", {"shop/new.py": "1", "__init__.py": "2"})
    write(tmp_path / "there", {"shop/old.py": "1", "other/kept.py": "1", "__init__.py": "1"})
    replace(tmp_path / "staged", tmp_path / "there")

    present = {path.relative_to(tmp_path / "there").as_posix() for path in (tmp_path / "there").rglob("*.py")}
    assert present == {"shop/new.py", "other/kept.py", "__init__.py"}
    assert (tmp_path / "there" / "__init__.py").read_text() == "2"


def test_the_runtime_says_where_it_comes_from(tmp_path: Path) -> None:
    write(tmp_path / "runtime", {"unset.py": '"""A value."""\n'})
    copy_runtime(tmp_path / "runtime", tmp_path / "copy")

    first, rest = (tmp_path / "copy" / "unset.py").read_text().split("\n", 1)
    assert "generator-config/runtime" in first
    assert rest == '"""A value."""\n'


def test_an_unknown_platform_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["slack"])

    assert "no such platform: slack" in capsys.readouterr().err


def test_a_change_of_an_input_or_of_an_output_is_noticed(tmp_path: Path) -> None:
    inputs, outputs = tmp_path / "openapi", tmp_path / "generated"
    write(tmp_path, {"openapi/a.yaml": "1", "generated/a.py": "1"})
    before = fingerprint([inputs], [outputs])

    assert fingerprint([inputs], [outputs]) == before
    for name, text in (("openapi/a.yaml", "2"), ("generated/a.py", "2"), ("generated/b.py", "")):
        write(tmp_path, {name: text})
        assert fingerprint([inputs], [outputs]) != before
        before = fingerprint([inputs], [outputs])


def test_what_is_recorded_of_one_platform_leaves_the_others(tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    assert recorded(record) == {}

    keep(record, {"shop": "1", "bank": "1"})
    keep(record, {"shop": "2"})
    assert recorded(record) == {"shop": "2", "bank": "1"}
