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
    few = megabytes_to_export(tmp_path / "few", 100_000, 500_000)
    many = megabytes_to_export(tmp_path / "many", 1_000_000, 5_000_000)

    assert many < 1.5 * few


def megabytes_to_export(folder: Path, contacts: int, messages: int) -> int:
    """Export so many rows in a process of its own, and return the most memory that it took."""
    code = """
import resource, sys
from trilogue_tools.export import Workspace, run
run("rapidpro", ["contacts", "messages"], to=sys.argv[1], workspaces=[Workspace("main", sandbox=sys.argv[2])])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
    folder.mkdir()
    with Sandbox(seed=7, database=folder / "sandbox.db") as sandbox, sandbox.serve() as address:
        sandbox.seed_data("rapidpro", {"contacts": contacts, "messages": messages})
        for scope in ("v2.contacts", "v2.messages"):  # else the export would wait for the next hour
            sandbox.control("rapidpro", "throttle", {"scope": scope, "limit": 1_000_000_000})
        command = [sys.executable, "-c", code, f"duckdb:///{folder}/x.duckdb", address]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    with duckdb.connect(str(folder / "x.duckdb"), read_only=True) as database:
        for name, least in (("contacts", contacts), ("messages", messages)):
            found = database.execute(f"SELECT count(*) FROM rapidpro.{name}").fetchone()
            assert found is not None
            assert found[0] >= least
    return int(done.stdout)
