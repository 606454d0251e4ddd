"""The chaos run: ledgers and servers agree, and a planted fault is noticed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from chaos_runs.__main__ import audit
from chaos_runs.worker import BEGUN, MADE, NOT_MADE, UNKNOWN, left, read_ledger

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("state", "count", "wrong"),
    [
        (MADE, 1, None),
        (UNKNOWN, 0, None),
        (UNKNOWN, 1, None),
        (BEGUN, 0, None),
        (BEGUN, 1, None),
        (NOT_MADE, 0, None),
        (MADE, 0, "is not there"),
        (NOT_MADE, 1, "and is there"),
        (MADE, 2, "made 2 times"),
        (UNKNOWN, 2, "made 2 times"),
    ],
)
def test_the_audit_notices_each_disagreement(state: str, count: int, wrong: str | None) -> None:
    made = Counter({"item-1": count})
    found = audit({"item-1": state}, made, made)

    assert [wrong in line for line in found] == [True] if wrong else found == []


@pytest.mark.parametrize(
    ("state", "count", "made", "wrong"),
    [
        (UNKNOWN, 1, 0, None),  # killed between the commit and the journal
        (MADE, 1, 0, "believed to be made"),
        (UNKNOWN, 1, 2, "made 2 times"),
        (UNKNOWN, 0, 1, "and is lost"),
    ],
)
def test_the_journal_counts_beside_the_state(state: str, count: int, made: int, wrong: str | None) -> None:
    found = audit({"item-1": state}, Counter({"item-1": count}), Counter({"item-1": made}))

    assert [line for line in found if wrong and wrong in line] if wrong else found == []


def test_an_item_nobody_ordered_is_noticed() -> None:
    once = Counter({"item-9": 1})
    assert audit({}, once, once) == ["item-9: believed not to be made, and is there"]


def test_a_ledger_says_what_is_left_even_if_its_last_line_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    path.write_text("a begun\na made\nb begun\nb not made\nc begun\nc unkn")

    assert read_ledger(path) == {"a": MADE, "b": NOT_MADE, "c": BEGUN}
    assert list(left(path, ["a", "b", "c", "d"])) == ["b", "d"]


def chaos(operations: int, seed: int) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    arguments = ["--seed", str(seed), "--operations", str(operations)]
    ran = subprocess.run(
        [sys.executable, "-m", "chaos_runs", *arguments], env=environment, capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stdout.decode() + ran.stderr.decode()


def test_over_a_hostile_network_with_kills_callers_believe_what_is_so() -> None:
    chaos(operations=60, seed=5)


@pytest.mark.nightly
def test_it_stays_so_for_twenty_thousand_operations() -> None:
    chaos(operations=20_000, seed=6)
