"""Exports: all rows once, and afterwards what changed."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import httpx
import psycopg2
import pyarrow.parquet as pq
import pytest
from trilogue import AuthenticationFailed, Botpress, RapidPro
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Sandbox
from trilogue_tools.errors import ToolError, UsageError
from trilogue_tools.export import Workspace, run
from trilogue_tools.export.lists import ORDERS, lists_of

from tests.services import Postgres

from ..conftest import Trilogue
from .conftest import read_jsonl


@pytest.fixture
def client(sandbox: Sandbox) -> RapidPro:
    token = sandbox.accounts("rapidpro")[0].credentials["token"]
    return RapidPro(token, host="http://127.0.0.1/rapidpro", transport=sandbox.transport())


def export(workspace: Workspace, folder: Path, *lists: str, **options: Any) -> list[dict[str, Any]]:
    """Export lists to a folder and return the rows of the first one."""
    run("rapidpro", lists, to=str(folder), workspaces=[workspace], **options)
    return read_jsonl(folder / f"{lists[0]}.jsonl")


def test_every_row_is_exported_once_with_its_workspace(workspace: Workspace, client: RapidPro, tmp_path: Path) -> None:
    rows = export(workspace, tmp_path, "contacts", rows_per_step=100)

    assert sorted(row["uuid"] for row in rows) == sorted(contact.uuid for contact in client.contacts.list())
    assert {row["workspace"] for row in rows} == {"main"}


def test_a_row_has_the_values_of_the_platform(workspace: Workspace, client: RapidPro, tmp_path: Path) -> None:
    contact = client.contacts.list().first()

    row = {row["uuid"]: row for row in export(workspace, tmp_path, "contacts")}[contact.uuid]

    assert {name: row[name] for name in contact.to_dict()} == {
        **contact.to_dict(),
        **{name: row[name] for name in ("created_on", "modified_on", "last_seen_on")},
    }
    assert row["created_on"] == contact.to_dict()["created_on"]


def test_a_second_run_brings_what_changed_and_reads_little(
    workspace: Workspace, client: RapidPro, sandbox: Sandbox, tmp_path: Path
) -> None:
    before = export(workspace, tmp_path, "contacts")
    sandbox.advance(timedelta(hours=1))
    client.contacts.update(uuid=before[0]["uuid"], name="Changed")
    new = client.contacts.create(name="New", urns=["tel:+250788999999"])
    read: list[int] = []

    after = export(workspace, tmp_path, "contacts", on_rows=lambda _, count: read.append(count))

    assert len(after) == len(before) + 1
    names = {row["uuid"]: row["name"] for row in after}
    assert (names[before[0]["uuid"]], names[new.uuid]) == ("Changed", "New")
    assert sum(read) < 10


def test_a_deleted_contact_is_marked(workspace: Workspace, client: RapidPro, sandbox: Sandbox, tmp_path: Path) -> None:
    (first, *_) = export(workspace, tmp_path, "contacts")
    sandbox.advance(timedelta(hours=1))
    client.contacts.delete(uuid=first["uuid"])

    after = {row["uuid"]: row for row in export(workspace, tmp_path, "contacts")}

    assert after[first["uuid"]]["is_deleted"] is True
    assert [uuid for uuid, row in after.items() if row["is_deleted"]] == [first["uuid"]]


def test_a_row_that_is_gone_from_a_list_read_whole_is_marked(
    workspace: Workspace, client: RapidPro, tmp_path: Path
) -> None:
    group = client.groups.create(name="Beekeepers")
    export(workspace, tmp_path, "groups")
    client.groups.delete(uuid=group.uuid)

    after = {row["uuid"]: row["is_deleted"] for row in export(workspace, tmp_path, "groups")}

    assert [uuid for uuid, is_deleted in after.items() if is_deleted] == [group.uuid]


def test_rows_modified_while_they_are_exported_arrive(workspace: Workspace, client: RapidPro, tmp_path: Path) -> None:
    uuids = [contact.uuid for contact in client.contacts.list()]
    changed: list[str] = []

    def change(_: str, count: int) -> None:
        if not changed:
            changed.extend(uuids[:3] + uuids[-3:])
            for uuid in changed:
                client.contacts.update(uuid=uuid, name="Changed meanwhile")

    rows = {row["uuid"]: row["name"] for row in export(workspace, tmp_path, "contacts", on_rows=change)}

    assert {rows[uuid] for uuid in changed} == {"Changed meanwhile"}


def archive_the_day(sandbox: Sandbox) -> tuple[str, int]:
    """Archive the day whose messages were seeded; return it and their number."""
    sandbox.advance(timedelta(days=1))
    day = (sandbox.now() - timedelta(days=1)).date().isoformat()
    made: Any = sandbox.control("rapidpro", "create_archive", {"type": "message", "start_date": day})
    return day, made["record_count"]


def test_archived_rows_and_live_ones_are_joined_without_a_gap_or_a_double(
    workspace: Workspace, client: RapidPro, sandbox: Sandbox, tmp_path: Path
) -> None:
    _, archived = archive_the_day(sandbox)
    everything = [message.id for message in client.messages.list()]
    purged = [message.id for message in client.messages.list() if message.direction == "in"][:200]
    for start in (0, 100):
        client.message_actions.perform(messages=purged[start : start + 100], action="delete")

    rows = export(workspace, tmp_path, "messages", rows_per_step=200)

    assert archived > 600
    assert sum(1 for _ in client.messages.list()) < len(everything), "the archive holds rows that are no longer live"
    assert len({row["id"] for row in rows}) == len(rows)
    assert {row["id"] for row in rows} >= {*everything}


def test_an_archive_is_read_once(workspace: Workspace, sandbox: Sandbox, tmp_path: Path) -> None:
    _, archived = archive_the_day(sandbox)
    export(workspace, tmp_path, "messages")
    read: list[int] = []

    export(workspace, tmp_path, "messages", on_rows=lambda _, count: read.append(count))

    assert archived <= sum(read) < 2 * archived, "only the live rows of the last day are read again"


class Breaking(httpx.BaseTransport):
    """A transport that responds otherwise to the first download of an archive."""

    def __init__(self, sandbox: Sandbox, respond: Callable[[httpx.Response], httpx.Response]) -> None:
        self._inner, self._respond = sandbox.transport(), respond
        self.downloads: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        if "/archives/" not in request.url.path:
            return response
        self.downloads.append(request.url.path.rpartition("/")[2])
        return self._respond(response) if len(self.downloads) == 1 else response


def half(response: httpx.Response) -> httpx.Response:
    content = response.read()
    return httpx.Response(200, stream=httpx.ByteStream(content[: len(content) // 2]))


def expired(_: httpx.Response) -> httpx.Response:
    return httpx.Response(403, text="<Error><Code>AccessDenied</Code></Error>")


@pytest.mark.parametrize("respond", [half, expired])
def test_an_archive_that_breaks_off_or_whose_address_expired_is_read_again(
    respond: Callable[[httpx.Response], httpx.Response], sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.seed_data("rapidpro", {"messages": 50})
    breaking = Breaking(sandbox, respond)
    token = sandbox.accounts("rapidpro")[0].credentials["token"]
    settings = {"token": token, "host": "http://127.0.0.1/rapidpro", "transport": breaking}
    _, archived = archive_the_day(sandbox)
    read: list[int] = []

    workspace = Workspace("main", settings=settings)
    export(workspace, tmp_path, "messages", on_rows=lambda _, count: read.append(count))

    assert len(breaking.downloads) == len({*breaking.downloads}) + 1
    assert sum(read) >= archived > 0


@pytest.mark.parametrize("file_format", ["jsonl", "csv", "parquet"])
def test_files_of_all_formats_hold_the_same_rows(
    file_format: Any, workspace: Workspace, client: RapidPro, tmp_path: Path
) -> None:
    path = tmp_path / f"contacts.{file_format}"

    run("rapidpro", ["contacts"], to=str(path), workspaces=[workspace])

    read = {
        "jsonl": read_jsonl,
        "csv": lambda path: [*csv.DictReader(path.read_text(encoding="utf-8").splitlines())],
        "parquet": lambda path: pq.read_table(path).to_pylist(),
    }[file_format]
    names = {row["uuid"]: row["name"] or None for row in read(path)}
    assert names == {contact.uuid: contact.name for contact in client.contacts.list()}


def test_an_export_into_duckdb_is_merged(workspace: Workspace, client: RapidPro, tmp_path: Path) -> None:
    for _ in range(2):
        run(
            "rapidpro",
            ["contacts", "messages"],
            to=f"duckdb:///{tmp_path}/x.duckdb",
            workspaces=[workspace],
            archives=False,
        )

    with duckdb.connect(str(tmp_path / "x.duckdb")) as database:
        counted = database.execute("SELECT count(*), count(DISTINCT id) FROM rapidpro.messages").fetchone()
        kept = database.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_name = 'contacts'"
        ).fetchone()
        ages = database.execute("SELECT count(*) FROM rapidpro.contacts WHERE fields->>'age' IS NOT NULL").fetchone()
    expected = sum(1 for _ in client.messages.list())
    assert counted == (expected, expected)
    assert kept is not None
    assert ages is not None
    assert ages[0] > 100


def test_an_export_into_postgres_is_merged(
    workspace: Workspace, client: RapidPro, sandbox: Sandbox, postgres: Postgres
) -> None:
    address = postgres.database("merged")
    run("rapidpro", ["contacts"], to=address, workspaces=[workspace])
    sandbox.advance(timedelta(hours=1))
    changed = client.contacts.list().first().uuid
    client.contacts.update(uuid=changed, name="Changed")

    run("rapidpro", ["contacts"], to=address, workspaces=[workspace])

    connection = psycopg2.connect(address)
    with connection.cursor() as cursor:
        cursor.execute("SELECT uuid, name, fields->>'age', created_on FROM rapidpro.contacts")
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    connection.close()
    expected = {one.uuid: (one.name, one.fields.get("age"), one.created_on) for one in client.contacts.list()}
    assert rows == expected
    assert rows[changed][0] == "Changed"


def test_several_workspaces_are_exported_at_once(workspace: Workspace, sandbox: Sandbox, tmp_path: Path) -> None:
    host = f"{workspace.sandbox}/rapidpro"
    tokens = {account.name: account.credentials["token"] for account in sandbox.accounts("rapidpro")}
    workspaces = [
        Workspace(name, settings={"token": tokens[account], "host": host})
        for name, account in (("first", "administrator"), ("second", "anonymous"))
    ]

    run("rapidpro", ["groups", "fields"], to=str(tmp_path), workspaces=workspaces)

    assert {row["workspace"] for row in read_jsonl(tmp_path / "groups.jsonl")} == {"first", "second"}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_all_lists_of_a_platform_can_be_exported(platform: str, sandbox: Sandbox, address: str, tmp_path: Path) -> None:
    run(platform, to=str(tmp_path), workspaces=[Workspace("main", sandbox=address)])

    assert {path.stem for path in tmp_path.glob("*.jsonl")} == set(lists_of(platform))


def test_rows_of_all_tables_of_a_bot_are_exported(sandbox: Sandbox, address: str, tmp_path: Path) -> None:
    credentials: Any = sandbox.accounts("botpress")[0].credentials
    client = Botpress(**credentials, host="http://127.0.0.1/botpress", transport=sandbox.transport())
    client.tables.create(name="CropTable", schema={"crop": "maize", "kilos": 12})
    made = client.tables.rows.create("CropTable", rows=[{"crop": "maize", "kilos": 3}, {"crop": "beans", "kilos": 5}])

    def rows() -> dict[tuple[str, int], Any]:
        run("botpress", ["tables_rows"], to=str(tmp_path), workspaces=[Workspace("main", sandbox=address)])
        return {(row["table"], row["id"]): row for row in read_jsonl(tmp_path / "tables_rows.jsonl")}

    before = rows()
    client.tables.rows.delete("CropTable", ids=[made.rows[0].id])
    after = rows()

    table = client.tables.get("CropTable").id
    assert len({table for table, _ in before}) == 2
    assert before[table, made.rows[1].id]["additional_fields"] == {"crop": "beans", "kilos": 5}
    assert [key for key, row in after.items() if row["is_deleted"]] == [(table, made.rows[0].id)]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_order_of_a_list_names_fields_and_arguments_there_are(platform: str) -> None:
    for name, order in ORDERS[platform].items():
        item = lists_of(platform)[name]
        arguments = {parameter.name for parameter in item.method.parameters}
        assert order.time in {field.name for field in item.model.FIELDS}
        assert {*order.arguments, *filter(None, (order.since, order.until))} <= arguments


def test_a_failing_platform_is_the_error_that_is_raised(workspace: Workspace, tmp_path: Path) -> None:
    wrong = Workspace("wrong", settings={"token": "wrong", "host": f"{workspace.sandbox}/rapidpro"})

    with pytest.raises(AuthenticationFailed):
        export(wrong, tmp_path, "contacts")


def test_a_value_of_an_unexpected_type_is_kept_beside(workspace: Workspace) -> None:
    from trilogue_generated.rapidpro.models import Group
    from trilogue_tools.export.rows import to_table

    group = Group.from_dict(
        {"uuid": "u", "name": "n", "query": None, "status": "ready", "system": False, "count": "many", "colour": 3}
    )
    (row,) = to_table(lists_of("rapidpro")["groups"], [group], "main").to_pylist()

    assert row["count"] is None
    assert json.loads(row["additional_fields"]) == {"colour": 3, "count": "many"}


@pytest.mark.parametrize(
    ("to", "lists", "said"),
    [
        ("mysql://x", ["contacts"], "mysql:// is not known"),
        ("out.jsonl", ["contacts", "groups"], "one file and there are 2 lists"),
        ("out", ["contact"], "there is no list 'contact' of RapidPro; did you mean contacts"),
    ],
)
def test_wrong_arguments_are_explained(to: str, lists: list[str], said: str, tmp_path: Path) -> None:
    target = to if "://" in to else str(tmp_path / to)
    with pytest.raises(UsageError, match=said):
        run("rapidpro", lists, to=target)


def test_a_second_export_to_the_same_target_is_kept_out(workspace: Workspace, tmp_path: Path) -> None:
    def again(_: str, count: int) -> None:
        with pytest.raises(ToolError, match="another export writes to the same target"):
            export(workspace, tmp_path, "groups")

    export(workspace, tmp_path, "groups", on_rows=again)


def test_the_command_exports_and_says_what_it_read(trilogue: Trilogue, tmp_path: Path) -> None:
    done = trilogue("export", "rapidpro", "groups", "--to", str(tmp_path / "groups.csv"), "--sandbox")

    assert done.status == 0, done.err
    assert "rows read of groups" in done.err
    assert (tmp_path / "groups.csv").read_text().startswith('"workspace","uuid","name"')
    assert "contacts" in trilogue("export", "rapidpro", "--list").out.splitlines()
    assert "--to is missing" in trilogue("export", "rapidpro").err


def test_a_command_that_cannot_begin_says_only_what_is_wrong(trilogue: Trilogue, tmp_path: Path) -> None:
    done = trilogue("export", "rapidpro", "contcts", "--to", str(tmp_path / "x.csv"), "--sandbox")

    assert done.err == "Error: there is no list 'contcts' of RapidPro; did you mean contacts?\n"


def test_an_export_without_credentials_leaves_nothing_behind(trilogue: Trilogue, tmp_path: Path) -> None:
    done = trilogue("export", "rapidpro", "contacts", "--to", str(tmp_path / "x.csv"))

    assert "no credentials for RapidPro" in done.err
    assert not list(tmp_path.glob("*x.csv*"))


def test_a_file_of_an_unknown_format_is_refused_unless_it_is_a_folder(trilogue: Trilogue, tmp_path: Path) -> None:
    target = str(tmp_path / "groups.xlsx")

    refused = trilogue("export", "rapidpro", "groups", "--to", target, "--sandbox")
    done = trilogue("export", "rapidpro", "groups", "--to", f"{target}/", "--sandbox")

    assert (refused.status, done.status) == (2, 0)
    assert "files end in .jsonl, .csv or .parquet" in refused.err
    assert (tmp_path / "groups.xlsx" / "groups.jsonl").is_file()


def test_a_workspace_with_a_secret_is_not_pickled() -> None:
    import pickle

    with pytest.raises(TypeError, match="name a profile"):
        pickle.dumps(Workspace("x", settings={"token": "abc"}))
    assert pickle.loads(pickle.dumps(Workspace("x", profile="p"))) == Workspace("x", profile="p")
    assert "abc" not in repr(Workspace("x", settings={"token": "abc"}))


def test_a_workspace_takes_its_token_from_the_variable_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace("health", variables={"token": "HEALTH_TOKEN"})
    with pytest.raises(ToolError, match="workspace health: set HEALTH_TOKEN"):
        workspace.connection("rapidpro")
    monkeypatch.setenv("HEALTH_TOKEN", "abc")

    assert workspace.connection("rapidpro").settings == {"token": "abc"}
