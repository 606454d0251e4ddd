"""Backups: stable files, differences between two, and back into a sandbox."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from trilogue import Botpress, RapidPro
from trilogue_sandbox import Sandbox
from trilogue_tools.backup import botpress, rapidpro
from trilogue_tools.backup.comparing import compare
from trilogue_tools.backup.restoring import BOT_FIELDS
from trilogue_tools.backup.sandboxes import restore_into

from .conftest import Trilogue


def client_of(sandbox: Sandbox, account: int = 0) -> RapidPro:
    token = sandbox.accounts("rapidpro")[account].credentials["token"]
    return RapidPro(token, host="http://127.0.0.1/rapidpro", transport=sandbox.transport())


def botpress_of(sandbox: Sandbox) -> Botpress:
    credentials: Any = sandbox.accounts("botpress")[0].credentials
    return Botpress(**credentials, host="http://127.0.0.1/botpress", transport=sandbox.transport())


@pytest.fixture
def backup(trilogue: Trilogue, tmp_path: Path) -> Path:
    for platform in ("rapidpro", "botpress"):
        done = trilogue("backup", "create", platform, str(tmp_path / "first"), "--sandbox")
        assert done.status == 0, done.err
    return tmp_path / "first"


def read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def test_a_backup_holds_every_flow_and_what_it_depends_on(backup: Path, sandbox: Sandbox) -> None:
    client, folder = client_of(sandbox), backup / "rapidpro"

    assert {read(file)["uuid"] for file in folder.glob("flows/*.json")} == {flow.uuid for flow in client.flows.list()}
    for name in ("groups", "fields", "globals", "labels", "topics", "campaigns", "campaign_events"):
        kept = [row.get("uuid", row.get("key")) for row in read(folder / f"{name}.json")]
        there = [row.to_dict() for row in getattr(client, name).list()]
        assert sorted(kept) == sorted(row.get("uuid", row.get("key")) for row in there)


def test_a_backup_holds_bots_tables_and_files(backup: Path, sandbox: Sandbox) -> None:
    client = botpress_of(sandbox)
    (bot,) = (backup / "botpress" / "bots").iterdir()

    assert read(bot / "bot.json")["name"] == "Helper"
    (table,) = client.tables.list()
    rows = (bot / "tables" / f"{table.name}.rows.jsonl").read_text().splitlines()
    assert len(rows) == sum(1 for _ in client.tables.rows.find(table.name))
    contents = {file.stat().st_size for file in (bot / "files").iterdir()}
    assert contents >= {file.size for file in client.files.list() if file.size}


def test_a_backup_holds_no_secret_and_no_person(backup: Path, sandbox: Sandbox) -> None:
    text = "".join(file.read_text("utf-8", "replace") for file in backup.rglob("*") if file.is_file())

    for platform in ("rapidpro", "botpress"):
        for account in sandbox.accounts(platform):
            assert account.credentials["token"] not in text
    assert not [one.urns[0] for one in client_of(sandbox).contacts.list() if one.urns and one.urns[0] in text]


def test_two_backups_of_the_same_workspace_are_the_same(backup: Path, trilogue: Trilogue, tmp_path: Path) -> None:
    for platform in ("rapidpro", "botpress"):
        trilogue("backup", "create", platform, str(tmp_path / "second"), "--sandbox")

    done = trilogue("backup", "diff", str(backup), str(tmp_path / "second"))

    assert (done.status, done.out) == (0, "")


def test_differences_are_shown_by_file_and_line(
    backup: Path, trilogue: Trilogue, sandbox: Sandbox, tmp_path: Path
) -> None:
    client = client_of(sandbox)
    client.groups.create(name="Beekeepers")
    sandbox.control("rapidpro", "add_flow", {"name": "Honey", "questions": []})
    trilogue("backup", "create", "rapidpro", str(tmp_path / "second"), "--sandbox")

    done = trilogue("backup", "diff", str(backup / "rapidpro"), str(tmp_path / "second" / "rapidpro"))

    assert done.status == 1
    assert '+    "name": "Beekeepers",' in done.out
    assert "added: flows/honey." in done.out


def test_a_backup_replaces_the_one_before_and_nothing_else(backup: Path, trilogue: Trilogue, sandbox: Sandbox) -> None:
    (backup / "rapidpro" / "flows" / "gone.json").write_text("{}")
    (backup / "notes.txt").write_text("mine")

    trilogue("backup", "create", "rapidpro", str(backup), "--sandbox")

    assert not (backup / "rapidpro" / "flows" / "gone.json").exists()
    assert (backup / "notes.txt").read_text() == "mine"


def test_a_folder_with_something_else_is_left_alone(trilogue: Trilogue, tmp_path: Path) -> None:
    (tmp_path / "rapidpro").mkdir()

    done = trilogue("backup", "create", "rapidpro", str(tmp_path), "--sandbox")

    assert done.status == 2
    assert "is no backup" in done.err


def test_a_failure_leaves_the_backup_before_as_it_was(
    backup: Path, trilogue: Trilogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(backup.rglob("*"))
    monkeypatch.setenv("TRILOGUE_SANDBOX", "http://127.0.0.1:9")

    assert trilogue("backup", "create", "rapidpro", str(backup), "--sandbox").status != 0
    assert sorted(backup.rglob("*")) == before


def names(client: RapidPro) -> dict[str, list[str]]:
    lists = ("groups", "fields", "globals", "labels", "topics", "flows", "campaigns")
    return {name: sorted(row.name for row in getattr(client, name).list()) for name in lists}


def test_a_backup_is_restored_into_a_running_sandbox(
    backup: Path, trilogue: Trilogue, sandbox: Sandbox, address: str
) -> None:
    main = names(client_of(sandbox))

    done = trilogue("backup", "restore", str(backup), "--sandbox", address)

    assert done.status == 0, done.err
    restored = names(client_of(sandbox, account=4))
    assert restored == main
    helpers = [bot for bot in botpress_of(sandbox).bots.list() if bot.name == "Helper"]
    assert len(helpers) == 2
    copies = [botpress_of(sandbox).for_bot(bot.id) for bot in helpers]
    assert len({tuple(sorted(table.name for table in copy.tables.list())) for copy in copies}) == 1
    assert len({tuple(sorted(file.key for file in copy.files.list())) for copy in copies}) == 1


def test_a_flow_restored_into_the_usual_sandbox_asks_the_same_questions(
    backup: Path, trilogue: Trilogue, sandbox: Sandbox
) -> None:
    trilogue("backup", "restore", str(backup))

    results = [
        {flow.name: sorted(result.name for result in flow.results) for flow in client.flows.list()}
        for client in (client_of(sandbox), client_of(sandbox, account=4))
    ]
    assert results[0] == results[1]


def test_a_backup_of_what_was_restored_elsewhere_is_the_same(backup: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    with Sandbox(seed=8) as other:
        restore_into(backup, other)
        rapidpro.save(client_of(other, account=4), again)

    (again / "backup.json").touch()
    changed = [line for line in compare(backup / "rapidpro", again) if line.startswith(("+", "-"))]
    of_workspace = changed.index("--- a/workspace.json")
    others = [line for line in changed[:of_workspace] if not line.startswith(("+++", "---"))]
    assert [line.split(":")[0] for line in others] == ['-    "uuid"', '+    "uuid"'] * 2  # a system group and topic


def test_a_restored_bot_has_the_same_definition_tables_and_files(backup: Path, tmp_path: Path) -> None:
    (place,) = (backup / "botpress" / "bots").iterdir()
    with Sandbox(seed=8) as other:
        restore_into(backup / "botpress", other)
        other.settle()
        botpress.save(botpress_of(other), tmp_path / "again")
    again = next(each for each in (tmp_path / "again" / "bots").iterdir() if each.name != place.name)

    for name in BOT_FIELDS:
        assert read(again / "bot.json").get(name) == read(place / "bot.json").get(name)
    for name in ("schema", "tags", "factor", "frozen", "keyColumn", "isComputeEnabled"):
        assert read(again / "tables" / "OfficesTable.json")[name] == read(place / "tables" / "OfficesTable.json")[name]
    for name in ("key", "contentType", "tags", "index", "metadata", "accessPolicies", "size"):
        assert [file[name] for file in read(again / "files.json")] == [
            file[name] for file in read(place / "files.json")
        ]
    assert [file.read_bytes() for file in (again / "files").iterdir()] == [
        file.read_bytes() for file in (place / "files").iterdir()
    ]


def test_what_a_sandbox_has_already_keeps_its_uuid(
    backup: Path, trilogue: Trilogue, sandbox: Sandbox, address: str
) -> None:
    trilogue("backup", "restore", str(backup), "--sandbox", address)

    for name in ("groups", "flows", "campaign_events"):
        main, restored = ({row.uuid for row in getattr(client_of(sandbox, each), name).list()} for each in (0, 4))
        assert not main & restored
    events = client_of(sandbox, 4).campaign_events.list().all()
    assert {event.campaign.uuid for event in events} == {row.uuid for row in client_of(sandbox, 4).campaigns.list()}


def test_a_sandbox_begins_with_a_backup(backup: Path) -> None:
    command = [sys.executable, "-m", "trilogue", "sandbox", "--port", "0", "--from", str(backup)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        greeting = served.stdout.readline()
        served.send_signal(signal.SIGINT)
        _, said = served.communicate(timeout=20)

    assert greeting.startswith("The sandbox is at ")
    assert "Restored rapidpro into the workspace empty: " in said
    assert "6 flows" in said


def test_what_is_no_backup_is_explained_before_a_sandbox_is_looked_for(trilogue: Trilogue, tmp_path: Path) -> None:
    assert "is no backup" in trilogue("backup", "restore", str(tmp_path), "--sandbox", "http://127.0.0.1:9").err
    assert "is no backup" in trilogue("backup", "diff", str(tmp_path), str(tmp_path)).err
