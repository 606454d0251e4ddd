"""Exports in parts that do not depend on each other, on one machine and on a cluster."""

from __future__ import annotations

import os
import pickle
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from trilogue_sandbox import Sandbox
from trilogue_tools.errors import UsageError
from trilogue_tools.export import Split, Workspace, splits, to_dask
from trilogue_tools.export.ledger import Ledger


def keys(plan: list[Split]) -> list[str]:
    return [row["uuid"] for split in plan for row in split.table().to_pylist()]


def test_splits_together_hold_every_row_once(workspace: Workspace) -> None:
    (whole, deleted) = splits("rapidpro", ["contacts"], workspaces=[workspace], parts=1)

    plan = splits("rapidpro", ["contacts"], workspaces=[workspace], parts=5)

    assert len(plan) == 10
    assert sorted(keys(plan)) == sorted(keys([whole, deleted]))


def test_a_list_without_time_is_one_split(workspace: Workspace) -> None:
    assert [split.list for split in splits("rapidpro", ["groups"], workspaces=[workspace])] == ["groups"]


def test_a_split_can_be_pickled_and_holds_no_secret(workspace: Workspace) -> None:
    (split,) = splits("rapidpro", ["groups"], workspaces=[workspace])

    copy = pickle.loads(pickle.dumps(split))

    assert copy.table() == split.table()
    secret = Workspace("x", settings={"token": "abc"})
    with pytest.raises(TypeError, match="holds a token"):
        pickle.dumps(Split("rapidpro", "groups", secret))


def test_all_splits_of_a_list_have_the_same_columns(workspace: Workspace) -> None:
    plan = splits("rapidpro", ["messages"], workspaces=[workspace], parts=3)

    assert {split.table().schema for split in plan} == {plan[0].schema}


def test_a_dataframe_is_of_one_list(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="one list"):
        to_dask(splits("rapidpro", ["groups", "fields"], workspaces=[workspace]))


def test_a_ledger_lets_no_more_requests_through_than_its_limit(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger", limit=3, seconds=0.2)
    started = time.monotonic()

    for _ in range(4):
        ledger.claim("contacts")
    ledger.claim("messages")

    assert time.monotonic() - started > 1.1  # the seconds of the window and the margin


@pytest.fixture
def cluster() -> Iterator[Any]:
    """A cluster of Dask with three worker processes."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=3, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.mark.filterwarnings("ignore")  # of a worker that is killed, and of what Dask itself uses
def test_a_cluster_that_loses_a_worker_exports_the_same_rows_within_the_budget(
    cluster: Any, workspace: Workspace, sandbox: Sandbox, tmp_path: Path
) -> None:
    alone = sorted(keys(splits("rapidpro", ["contacts"], workspaces=[workspace], parts=1)))
    budget, ledger = 200, tmp_path / "ledger"
    plan = splits("rapidpro", ["contacts"], workspaces=[workspace], parts=12, ledger=ledger, requests_per_hour=budget)
    before = len(sandbox.journal.entries)

    future = cluster.compute(to_dask(plan))
    pids = list(cluster.run(os.getpid).values())
    os.kill(pids[0], signal.SIGKILL)
    frame = future.result(timeout=120)

    assert sorted(frame["uuid"]) == alone
    sent = [entry for entry in sandbox.journal.entries[before:] if entry.operation_id == "contacts_list"]
    with sqlite3.connect(ledger) as database:
        (noted,) = database.execute("SELECT count(*) FROM requests").fetchone()
    database.close()
    assert len(sent) <= noted <= budget
    assert Counter(frame["workspace"]) == {"main": len(alone)}
