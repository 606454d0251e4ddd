"""Commands that call the platforms."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import yaml
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Fault, Sandbox
from trilogue_tools.catalogue import HAND_WRITTEN, Platform, platforms
from trilogue_tools.cli.root import root

from ..conftest import Trilogue


def contacts(trilogue: Trilogue, *options: str) -> list[dict[str, object]]:
    return trilogue("rapidpro", "contacts", "list", "--sandbox", *options).rows


def test_a_list_is_printed_as_a_line_of_json_for_each_row(trilogue: Trilogue) -> None:
    rows = contacts(trilogue)

    assert len(rows) > 3
    assert all("uuid" in row for row in rows)


def test_options_become_arguments(trilogue: Trilogue) -> None:
    (group,) = trilogue("rapidpro", "groups", "list", "--sandbox", "--name", "Farmers").rows

    assert len(contacts(trilogue, "--group", "Farmers")) == group["count"]


def test_a_contact_is_created_with_options_and_json_together(trilogue: Trilogue) -> None:
    done = trilogue(
        *("rapidpro", "contacts", "create", "--sandbox", "--name", "Ana", "--urns", "tel:+250788123123"),
        *("--fields", "age=34", "--json", '{"language": "eng"}', "--cli-fields", "name,urns,language,fields.age"),
    )

    assert done.rows == [{"name": "Ana", "urns": ["tel:+250788123123"], "language": "eng", "fields.age": "34"}]


def test_the_body_is_read_from_a_file(trilogue: Trilogue, tmp_path: Path) -> None:
    (tmp_path / "group.json").write_text('{"name": "Beekeepers"}')

    done = trilogue("rapidpro", "groups", "create", "--sandbox", "--json", f"@{tmp_path / 'group.json'}")

    assert done.rows[0]["name"] == "Beekeepers"


def test_path_parameters_are_given_by_position(trilogue: Trilogue) -> None:
    (table,) = trilogue(
        "botpress", "tables", "create", "--sandbox", "--name", "CropTable", "--schema", '{"crop": {"type": "string"}}'
    ).rows
    done = trilogue("botpress", "tables", "get", table["table"]["id"] if "table" in table else table["id"], "--sandbox")

    assert done.status == 0, done.err


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_command_has_help(platform: str, trilogue: Trilogue) -> None:
    for method in Platform(PLATFORMS[platform]).all_methods():
        words = method.path.replace("_", "-").split(".")
        done = trilogue(platform, *words, "--help")

        assert done.status == 0
        assert method.summary.split()[0] in done.out


def test_every_resource_with_methods_of_its_own_is_in_the_catalogue() -> None:
    import trilogue as clients

    found = {}
    for name, info in PLATFORMS.items():
        client = object.__new__(getattr(clients, info.client))
        client._core = client._http = None
        for resource in Platform(info).resources:
            module = type(getattr(client, resource)).__module__
            if not module.startswith("trilogue_generated."):
                found[f"{name}.{resource}"] = module

    assert found == {name: added.module for name, added in HAND_WRITTEN.items()}


def test_the_options_of_an_upload_are_explained_as_those_of_upsert_and_not_of_a_list(trilogue: Trilogue) -> None:
    upload, upsert = (trilogue("botpress", "files", name, "--help").out.split() for name in ("upload", "upsert"))

    assert upload[upload.index("--tags") :][:8] == upsert[upsert.index("--tags") :][:8]


def test_a_method_written_by_hand_is_a_command(trilogue: Trilogue, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Rain is expected.")

    done = trilogue("botpress", "files", "upload", str(tmp_path / "notes.txt"), "--sandbox", "--tags", "season=1")

    assert (done.rows[0]["key"], done.rows[0]["tags"]) == ("notes.txt", {"season": "1"})


def test_a_limit_ends_a_list(trilogue: Trilogue) -> None:
    assert len(contacts(trilogue, "--limit", "2")) == 2


def test_the_limit_is_of_rows_where_the_platform_has_one_for_pages(trilogue: Trilogue, sandbox: Sandbox) -> None:
    sandbox.seed_data("pantheon", {"channels": 3})
    before = len(sandbox.journal.entries)

    rows = trilogue("pantheon", "channels", "list", "--sandbox", "--limit", "2", "--page-size", "1").rows

    assert len(rows) == 2
    listed = [entry for entry in sandbox.journal.entries[before:] if entry.operation_id == "channels_list"]
    assert len(listed) == 2


@pytest.mark.parametrize("output", ["json", "yaml"])
def test_a_list_is_one_document(output: str, trilogue: Trilogue) -> None:
    text = trilogue("rapidpro", "groups", "list", "--sandbox", "-o", output).out

    assert "Farmers" in [row["name"] for row in yaml.safe_load(text)]


@pytest.mark.parametrize(("output", "printed"), [("json", "[]\n"), ("yaml", "[]\n"), ("jsonl", ""), ("csv", "")])
def test_an_empty_list_is_an_empty_document(output: str, printed: str, trilogue: Trilogue) -> None:
    assert trilogue("rapidpro", "groups", "list", "--sandbox", "--name", "None", "-o", output).out == printed


def test_a_field_that_no_row_has_is_refused_with_the_nearest(trilogue: Trilogue) -> None:
    done = trilogue("rapidpro", "contacts", "list", "--sandbox", "--fields", "uuid,nam")

    assert (done.status, done.out) == (2, "")
    assert done.err == "Error: --fields: there is no field 'nam'; did you mean name?\n"


def test_csv_has_a_header_and_values_of_fields_within(trilogue: Trilogue) -> None:
    text = trilogue("rapidpro", "contacts", "list", "--sandbox", "-o", "csv", "--fields", "uuid,fields.age").out
    rows = list(csv.DictReader(io.StringIO(text)))

    assert rows[0].keys() == {"uuid", "fields.age"}
    assert {row["fields.age"] for row in rows} > {""}


def test_a_query_selects_from_each_row(trilogue: Trilogue) -> None:
    done = trilogue("rapidpro", "groups", "list", "--sandbox", "--query", "name")

    assert "Farmers" in done.rows


def test_a_table_masks_personal_data_and_shows_it_on_request(trilogue: Trilogue) -> None:
    name = str(next(row["name"] for row in contacts(trilogue) if row["name"]))

    masked = trilogue("rapidpro", "contacts", "list", "--sandbox", "-o", "table", "--fields", "uuid,name,urns").out
    shown = trilogue("rapidpro", "contacts", "list", "--sandbox", "-o", "table", "--show-personal-data").out

    assert name not in masked
    assert "+2507" not in masked
    assert name in shown


def test_a_table_of_groups_shows_their_names(trilogue: Trilogue) -> None:
    assert "Farmers" in trilogue("rapidpro", "groups", "list", "--sandbox", "-o", "table").out


def test_a_dry_run_shows_the_request_and_sends_nothing(trilogue: Trilogue, sandbox: Sandbox) -> None:
    before = len(sandbox.journal.entries)

    done = trilogue("rapidpro", "messages", "send", "--sandbox", "--text", "Hello", "--contact", "c1", "--dry-run")

    assert done.out.startswith("POST http")
    assert json.loads(done.out.splitlines()[1]) == {"contact": "c1", "text": "Hello"}
    assert len(sandbox.journal.entries) == before


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_dry_run_needs_no_token_from_the_server(platform: str, trilogue: Trilogue, sandbox: Sandbox) -> None:
    created = {"rapidpro": "groups", "pantheon": "contacts"}.get(platform, "conversations")
    body = {"rapidpro": '{"name": "x"}', "botpress": '{"channel": "c", "tags": {}, "integrationName": "i"}'}
    done = trilogue(
        platform.replace("_", "-"), created, "create", "--sandbox", "--dry-run", "--json", body.get(platform, "{}")
    )

    assert done.out.startswith("POST ") or "missing" in done.err or "create" in done.err


def test_what_takes_something_away_wants_a_yes_in_a_pipe(trilogue: Trilogue) -> None:
    (group, *_) = trilogue("rapidpro", "groups", "list", "--sandbox", "--name", "Farmers").rows
    delete = ("rapidpro", "groups", "delete", "--sandbox", "--uuid", group["uuid"])

    refused, done = trilogue(*delete), trilogue(*delete, "--yes")

    assert (refused.status, done.status) == (2, 0)
    assert "--yes" in refused.err


def test_an_action_that_takes_something_away_wants_a_yes_too(trilogue: Trilogue) -> None:
    action = ("rapidpro", "contact-actions", "perform", "--sandbox", "--contacts", "c1", "--action", "delete")

    assert "--yes" in trilogue(*action).err


def test_the_sandbox_can_be_named_before_the_platform(trilogue: Trilogue) -> None:
    assert trilogue("--sandbox", "rapidpro", "workspace", "get").rows[0]["name"] == "main"


def test_a_private_sandbox_takes_the_place_of_one_that_does_not_run(
    trilogue: Trilogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRILOGUE_SANDBOX")
    monkeypatch.setattr("trilogue_tools.connections.USUAL_ADDRESS", "http://127.0.0.1:9")

    assert trilogue("--sandbox", "rapidpro", "workspace", "get").rows[0]["name"] == "main"


@pytest.mark.parametrize("platform", [*PLATFORMS, "botpress-chat"])
def test_whoami_tells_of_the_account(platform: str, trilogue: Trilogue) -> None:
    assert trilogue("whoami", platform, "--sandbox").status == 0


def test_the_catalogue_has_every_method(trilogue: Trilogue) -> None:
    rows = trilogue("catalogue").rows

    assert [row["method"] for row in rows] == [
        f"{name}.{method.path}" for name, platform in platforms().items() for method in platform.all_methods()
    ]
    assert {row["method"]: row for row in rows}["rapidpro.contacts.list"]["reads_only"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_a_shell(shell: str, trilogue: Trilogue) -> None:
    assert "_TRILOGUE_COMPLETE" in trilogue("completion", shell).out


def test_completion_knows_resources_and_options() -> None:
    from click.shell_completion import ShellComplete

    shell = ShellComplete(root, {}, "trilogue", "_TRILOGUE_COMPLETE")

    assert "contacts" in [item.value for item in shell.get_completions(["rapidpro"], "cont")]
    assert "--group" in [item.value for item in shell.get_completions(["rapidpro", "contacts", "list"], "--gr")]


def test_methods_that_only_read_are_told_from_others() -> None:
    reading = {f"{name}.{m.path}" for name, p in platforms().items() for m in p.all_methods() if m.reads_only}

    assert {"pantheon.contacts.get", "botpress.tables.rows.find", "rapidpro.contacts.list"} <= reading
    changing = {"botpress.users.get_or_create", "pantheon.otps.verify", "pantheon.auth.get_access_token"}
    assert not (changing | {"botpress.files.upload", "rapidpro.messages.send"}) & reading


def test_a_fault_of_the_server_has_its_own_exit_status(trilogue: Trilogue, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(type="status", status=500, operation_id="groups_save", times=1))

    done = trilogue("rapidpro", "groups", "create", "--sandbox", "--name", "x", "--errors", "json")

    assert done.status in (6, 8)
    assert json.loads(done.err)["error"].startswith(("OutcomeUnknown", "ServerError"))


def test_a_stream_is_printed_as_it_happens(trilogue: Trilogue, sandbox: Sandbox) -> None:
    def talk() -> None:
        while "listenConversation" not in [entry.operation_id for entry in sandbox.journal.entries]:
            time.sleep(0.01)
        sandbox.control("botpress_chat", "bot_says", {"conversation_id": "welcome", "answer": ["One", "Two", "Three"]})

    speaker = threading.Thread(target=talk)
    speaker.start()
    done = trilogue("botpress-chat", "conversations", "listen", "welcome", "--sandbox", "--limit", "2")
    speaker.join()

    assert [row["data"]["payload"]["text"] for row in done.rows] == ["One", "Two"]


def loaded_by(*arguments: str) -> set[str]:
    """The packages that a command loads in a process of its own."""
    code = f"import sys; from trilogue_tools.cli.main import main; main({[*arguments]!r}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}


def test_help_loads_what_it_shows_and_nothing_that_sends() -> None:
    assert not loaded_by("--help") & {"httpx", "attrs", "msgspec"}
    for command in (["botpress", "files"], ["botpress", "files", "upload"], ["rapidpro", "contacts", "list"]):
        assert not loaded_by(*command, "--help") & {"httpx", "httpcore", "asyncio", "rich"}


def test_a_table_with_masked_values_says_how_to_see_them(trilogue: Trilogue) -> None:
    shown = trilogue("rapidpro", "contacts", "list", "--sandbox", "--limit", "1", "-o", "table")

    assert "(••• is personal data; see it with --show-personal-data.)" in shown.err
    assert "•••" not in trilogue("rapidpro", "groups", "list", "--sandbox", "-o", "table").err


def test_a_sandbox_is_found_without_the_scheme_of_its_address(
    trilogue: Trilogue, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRILOGUE_SANDBOX", address.removeprefix("http://"))

    assert trilogue("whoami", "rapidpro", "--sandbox").status == 0
