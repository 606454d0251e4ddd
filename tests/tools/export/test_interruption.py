"""Exports that are killed go on, and end as the undisturbed one does."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from trilogue_sandbox import Sandbox
from trilogue_tools.export import Workspace, run

from .conftest import read_jsonl

CODE = """
import sys
from trilogue_tools.export import Workspace, run
run(
    "rapidpro", ["contacts", "messages", "groups"], to=sys.argv[1], rows_per_step=150,
    workspaces=[Workspace("main", sandbox=sys.argv[2])],
)
"""
LISTS = ("contacts", "messages", "groups")


def start(folder: Path, workspace: Workspace) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", CODE, str(folder), str(workspace.sandbox)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def rows_of(folder: Path) -> dict[str, list[Any]]:
    return {name: read_jsonl(folder / f"{name}.jsonl") for name in LISTS}


def kill_and_go_on(workspace: Workspace, folder: Path, kills: int, seed: int, most_seconds: float) -> int:
    """Kill an export at random points, then run it to its end; return how often it was running when it was killed."""
    draws, killed = random.Random(seed), 0
    for _ in range(kills):
        process = start(folder, workspace)
        try:
            process.wait(draws.uniform(0.5, most_seconds))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            killed += 1
    assert start(folder, workspace).wait(120) == 0
    return killed


def test_an_export_that_was_killed_ends_as_an_undisturbed_one(workspace: Workspace, tmp_path: Path) -> None:
    run("rapidpro", LISTS, to=str(tmp_path / "undisturbed"), workspaces=[workspace])

    killed = kill_and_go_on(workspace, tmp_path / "killed", kills=3, seed=1, most_seconds=6.0)

    assert killed > 0
    assert rows_of(tmp_path / "killed") == rows_of(tmp_path / "undisturbed")


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(10))
def test_five_kills_at_random_points_change_nothing(seed: int, workspace: Workspace, tmp_path: Path) -> None:
    run("rapidpro", LISTS, to=str(tmp_path / "undisturbed"), workspaces=[workspace])

    kill_and_go_on(workspace, tmp_path / "killed", kills=5, seed=100 + seed, most_seconds=12.0)

    assert rows_of(tmp_path / "killed") == rows_of(tmp_path / "undisturbed")


@pytest.mark.nightly
def test_a_million_contacts_and_five_million_messages_take_constant_memory(tmp_path: Path) -> None:
    code = """
import resource, sys
from trilogue_tools.export import Workspace, run
main = Workspace("main", sandbox=sys.argv[2])
run("rapidpro", sys.argv[3:], to=sys.argv[1], rows_per_step=200_000, workspaces=[main])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
    with Sandbox(seed=7, database=tmp_path / "sandbox.db") as sandbox, sandbox.serve() as address:
        sandbox.seed_data("rapidpro", {"contacts": 1_000_000, "messages": 5_000_000})
        megabytes = []
        for lists in (["groups"], ["contacts", "messages"]):
            target = f"duckdb:///{tmp_path}/x.duckdb"
            done = subprocess.run(
                [sys.executable, "-c", code, target, address, *lists], check=True, capture_output=True, text=True
            )
            megabytes.append(int(done.stdout))

    with duckdb.connect(str(tmp_path / "x.duckdb"), read_only=True) as database:
        counts = [
            database.execute(f"SELECT count(*) FROM rapidpro.{name}").fetchone() for name in ("contacts", "messages")
        ]
    assert counts[0] is not None
    assert counts[0][0] > 1_000_000
    assert counts[1] is not None
    assert counts[1][0] > 5_000_000
    assert megabytes[1] < megabytes[0] + 2_000
