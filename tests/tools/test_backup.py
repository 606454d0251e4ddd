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
from trilogue_tools.backup.sandboxes import restore_into

from .conftest import Trilogue


def client_of(sandbox: Sandbox, account: int = 0) -> RapidPro:
    token = sandbox.accounts("rapidpro")[account].credentials["token"]
    return RapidPro(token, host="http://127.0.0.1/rapidpro", transport=sandbox.transport())


def botpress_of(sandbox: Sandbox, workspace_id: str | None = None) -> Botpress:
    credentials: Any = dict(sandbox.accounts("botpress")[0].credentials)
    credentials["workspace_id"] = workspace_id or credentials["workspace_id"]
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
    assert [bot.name for bot in botpress_of(sandbox).bots.list()] == ["Helper"]


def test_a_flow_restored_into_the_usual_sandbox_asks_the_same_questions(
    backup: Path, trilogue: Trilogue, sandbox: Sandbox
) -> None:
    trilogue("backup", "restore", str(backup))

    results = [
        {flow.name: sorted(result.name for result in flow.results) for flow in client.flows.list()}
        for client in (client_of(sandbox), client_of(sandbox, account=4))
    ]
    assert results[0] == results[1]


def save_again(sandbox: Sandbox, folder: Path, workspace_id: str | None = None) -> Path:
    """Back up what was restored; RapidPro's is in the workspace of the account `empty`."""
    sandbox.settle()
    botpress.save(botpress_of(sandbox, workspace_id), folder / "botpress")
    rapidpro.save(client_of(sandbox, account=4), folder / "rapidpro")
    for platform in ("botpress", "rapidpro"):
        (folder / platform / "backup.json").write_text(json.dumps({"platform": platform}))
    return folder


def test_a_backup_of_what_was_restored_elsewhere_is_the_same(backup: Path, tmp_path: Path) -> None:
    with Sandbox(seed=8) as other:
        restore_into(backup, other)
        assert [*compare(backup, save_again(other, tmp_path / "again"))] == []
        assert restore_into(backup, other)["rapidpro"] == {}, "what is there is not made twice"
        assert [*compare(backup, save_again(other, tmp_path / "again"))] == []


def fill(client: Botpress, sandbox: Sandbox) -> None:
    """Make a bot with a little of all that a backup of a bot can hold."""
    integration = client.integrations.create(name="pager", version="0.2.0", title="Pager")
    schedule = {"schedule": {"cron": "0 7 * * *"}, "type": "wake", "payload": {}}
    bot = client.bots.create(name="Clerk", description="Files forms.", tags={"a": "b"})
    parts = {
        "integrations": {integration.id: {"enabled": True, "configuration": {"line": "4"}}},
        "recurringEvents": {"morning": schedule},
        "secrets": {"KEY": "classified"},
        "configuration": {"data": {"limit": 3}, "schema": {"type": "object"}},
    }
    client.with_options(extra_body=parts).bots.update(bot.id)
    clerk = client.for_bot(bot.id)
    table = clerk.tables.create(name="FormsTable", schema={"title": "", "pages": 1}, key_column="title")
    clerk.tables.rows.create(table.name, rows=[{"title": title, "pages": 2} for title in "abc"])
    clerk.tables.rows.delete(table.name, ids=[2])
    for key in ("forms/tax.txt", "odd: name?"):
        clerk.files.upload(b"content", key=key, metadata={"m": 1}, access_policies=["public_content"])
    sandbox.settle()


def test_a_program_runs_with_the_ids_of_the_workspace_that_was_backed_up(tmp_path: Path) -> None:
    with Sandbox(seed=7) as live:
        workspace_id = botpress_of(live).workspaces.create(name="Ministry").id
        client = botpress_of(live, workspace_id)
        fill(client, live)
        first = save_again(live, tmp_path / "first", workspace_id)
        (bot,) = client.bots.list()
        (table,) = client.for_bot(bot.id).tables.list()
        files = {file.id: file.key for file in client.for_bot(bot.id).files.list()}

    with Sandbox(seed=8) as other:
        restore_into(first, other)
        assert [*compare(first, save_again(other, tmp_path / "again", workspace_id))] == []
        restored = botpress_of(other).for_bot(bot.id)
        assert [row["title"] for row in restored.tables.rows.find(table.id)] == ["a", "c"]
        assert {file_id: restored.files.get(file_id).key for file_id in files} == files
        (added,) = restored.tables.rows.create(table.name, rows=[{"title": "d"}]).rows
        assert added.id == 4, "rows go on with the next number"
        assert [each.name for each in botpress_of(other).bots.list()] == ["Helper"], "others stay as they are"


def test_a_bot_that_is_there_becomes_as_it_was_and_keeps_its_conversations(backup: Path, sandbox: Sandbox) -> None:
    client = botpress_of(sandbox)
    conversations = [conversation.id for conversation in client.conversations.list()]
    (table,) = client.tables.list()
    client.tables.rows.delete(table.name, delete_all_rows=True)
    client.tables.create(name="OtherTable", schema={"a": 1})
    client.bots.update(client.bots.list().all()[0].id, name="Renamed")

    restore_into(backup / "botpress", sandbox)

    assert [bot.name for bot in client.bots.list()] == ["Helper"]
    assert [one.id for one in client.tables.list()] == [table.id]
    assert len([*client.tables.rows.find(table.id)]) == 3
    assert [conversation.id for conversation in client.conversations.list()] == conversations


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
    assert "Restored botpress into the workspace wkspace_01JZ0000000000000000000001: " in said


def test_what_is_no_backup_is_explained_before_a_sandbox_is_looked_for(trilogue: Trilogue, tmp_path: Path) -> None:
    assert "is no backup" in trilogue("backup", "restore", str(tmp_path), "--sandbox", "http://127.0.0.1:9").err
    assert "is no backup" in trilogue("backup", "diff", str(tmp_path), str(tmp_path)).err
