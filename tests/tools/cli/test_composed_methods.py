"""Commands of methods that make several calls: waits, look-ups by name, downloads, and many items."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from trilogue_sandbox import Sandbox

from ..conftest import Trilogue

ROWS = [{"name": f"Ana {number}", "urns": [f"tel:+25078812400{number}"]} for number in range(3)]


def rows_file(folder: Path, *rows: object) -> str:
    (folder / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows or ROWS))
    return f"@{folder / 'rows.jsonl'}"


def test_a_wait_returns_once_the_state_is_final(trilogue: Trilogue) -> None:
    (group,) = trilogue("rapidpro", "groups", "list", "--sandbox", "--name", "Farmers").rows

    done = trilogue("rapidpro", "groups", "wait", group["uuid"], "--sandbox", "--deadline", "5")

    assert (done.status, done.rows[0]["status"]) == (0, "ready")


def test_a_wait_that_takes_too_long_fails(trilogue: Trilogue) -> None:
    done = trilogue(
        "rapidpro", "broadcasts", "wait", "00000000-0000-4000-8000-000000000000", "--sandbox", "--deadline=1"
    )

    assert done.status == 1
    assert "there is none with this uuid after 1 s" in done.err


def test_a_name_is_looked_up(trilogue: Trilogue) -> None:
    (group,) = trilogue("rapidpro", "groups", "list", "--sandbox", "--name", "Farmers").rows

    assert trilogue("rapidpro", "groups", "uuid", "Farmers", "--sandbox").rows == [group["uuid"]]
    assert trilogue("rapidpro", "groups", "uuid", "Farmer", "--sandbox").status == 4


def test_a_file_is_downloaded(trilogue: Trilogue, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Rain is expected.")
    (file,) = trilogue("botpress", "files", "upload", str(tmp_path / "notes.txt"), "--sandbox", "--wait", "10").rows

    done = trilogue("botpress", "files", "download", file["id"], "--to", str(tmp_path / "copy.txt"), "--sandbox")

    assert (done.status, done.rows[0]["key"]) == (0, "notes.txt")
    assert (tmp_path / "copy.txt").read_text() == "Rain is expected."


def test_an_archive_is_downloaded_as_the_list_shows_it(trilogue: Trilogue, tmp_path: Path) -> None:
    (archive, *_) = trilogue("rapidpro", "archives", "list", "--sandbox", "--type", "message").rows
    shown, copy = tmp_path / "archive.json", tmp_path / "messages.jsonl.gz"
    shown.write_text(json.dumps(archive))

    done = trilogue("rapidpro", "archives", "download", f"@{shown}", "--to", str(copy), "--sandbox")
    wrong = trilogue("rapidpro", "archives", "download", "daily", "--to", str(copy), "--sandbox")

    assert (done.status, done.err) == (0, "")
    assert len(gzip.decompress(copy.read_bytes()).splitlines()) == archive["record_count"]
    assert (wrong.status, wrong.err) == (2, "Error: archive: expected the JSON object that the list shows\n")


def test_a_download_needs_to_know_where_to(trilogue: Trilogue) -> None:
    done = trilogue("botpress", "files", "download", "file_1", "--sandbox")

    assert (done.status, done.err) == (2, "Error: missing: --to\n")


def test_many_rows_are_created_and_each_says_what_became_of_it(trilogue: Trilogue, tmp_path: Path) -> None:
    wrong = {"name": "Bo", "urns": ["no address"]}

    done = trilogue(
        "rapidpro", "contacts", "create-many", "--sandbox", "--json", rows_file(tmp_path, *ROWS, wrong), "-o", "jsonl"
    )

    assert done.status == 1
    assert "1 of 4 failed" in done.err
    assert [row["state"] for row in done.rows] == ["done", "done", "done", "failed"]
    assert [row["result"]["name"] for row in done.rows[:3]] == ["Ana 0", "Ana 1", "Ana 2"]
    assert "urns" in done.rows[3]["reason"]


def test_a_dry_run_shows_the_plan_and_sends_nothing(trilogue: Trilogue, sandbox: Sandbox, tmp_path: Path) -> None:
    before = len(sandbox.journal.entries)

    done = trilogue("rapidpro", "contacts", "create-many", "--sandbox", "--json", rows_file(tmp_path), "--dry-run")

    assert done.rows == [{"items": 3, "calls": 3, "wait_seconds": None}]
    assert len(sandbox.journal.entries) == before


def test_a_ledger_goes_on_where_a_run_ended(trilogue: Trilogue, tmp_path: Path) -> None:
    command = ("rapidpro", "contacts", "create-many", "--sandbox", "--json", rows_file(tmp_path))
    ledger = ("--ledger", str(tmp_path / "ledger"))
    trilogue(*command, *ledger)

    assert [row["state"] for row in trilogue(*command, *ledger).rows] == ["skipped"] * 3


def test_items_that_are_an_argument_are_cut_into_calls(trilogue: Trilogue, sandbox: Sandbox) -> None:
    contacts = [row["uuid"] for row in trilogue("rapidpro", "contacts", "list", "--sandbox").rows]
    before = len(sandbox.journal.entries)

    done = trilogue(
        *("rapidpro", "contact-actions", "perform-many", "--sandbox", "--contacts", json.dumps(contacts)),
        *("--action", "add", "--group", "Farmers"),
    )

    assert [row["state"] for row in done.rows] == ["done"] * len(contacts)
    assert len(sandbox.journal.entries) == before + 1


def test_what_takes_many_away_wants_to_be_told(trilogue: Trilogue) -> None:
    command = ("rapidpro", "contact-actions", "perform-many", "--sandbox", "--contacts", "[]", "--action", "delete")

    assert "add --yes" in trilogue(*command).err


def test_a_wrong_field_of_a_row_is_answered_with_the_right_one(trilogue: Trilogue, tmp_path: Path) -> None:
    done = trilogue(
        "rapidpro",
        "contacts",
        "create-many",
        "--sandbox",
        "--json",
        rows_file(tmp_path, {"nam": "Ana"}, {"name": "Bo"}),
    )

    assert (done.status, "did you mean name?" in done.err) == (2, True)


def test_the_catalogue_has_them(trilogue: Trilogue) -> None:
    listed = {row["method"]: row for row in trilogue("catalogue", "rapidpro").rows}

    assert listed["rapidpro.broadcasts.wait"]["reads_only"]
    assert not listed["rapidpro.contacts.create_many"]["reads_only"]
    assert listed["rapidpro.contacts.create_many"]["command"][-1] == "create-many"
