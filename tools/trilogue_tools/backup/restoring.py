"""Puts a backup into a sandbox, as far as a sandbox can hold it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from trilogue_tools.backup.botpress import content_name
from trilogue_tools.backup.documents import LEFT_OUT, read
from trilogue_tools.errors import UsageError

Control = Callable[[str, str, Mapping[str, Any]], Any]
"""Does an action of the control plane: platform, action, arguments."""

WORKSPACE = "empty"
"""The workspace of the sandbox's RapidPro that a backup goes into."""

LISTS = ("fields", "groups", "labels", "topics", "globals", "campaigns", "campaign_events", "triggers")
"""What a workspace is made of, beside its flows; each is a file of a backup."""

BOT_FIELDS = (
    *("actions", "conversation", "description", "dev", "events", "message", "recurringEvents", "states", "tags"),
    *("type", "user"),
)
"""What a bot is defined by; its integrations and plugins are installed again, and its secrets are in no backup."""

ROWS_PER_REQUEST = 500


def backups_in(folder: Path) -> Mapping[str, Path]:
    """Return the backups in a folder by platform.

    Raises:
        UsageError: there is none.
    """
    files = [*folder.glob("backup.json"), *folder.glob("*/backup.json")]
    if not files:
        raise UsageError(f"{folder} is no backup; make one: trilogue backup create rapidpro {folder}")
    return {read(file)["platform"]: file.parent for file in files}


def restore_rapidpro(control: Control, folder: Path) -> Mapping[str, int]:
    """Make what the backup of a workspace holds; return how many objects of each type were made."""
    documents = {name: read(folder / f"{name}.json") for name in LISTS}
    definitions = {
        definition["uuid"]: definition for definition in map(read, sorted((folder / "flows").glob("*.json")))
    }
    flows = [
        {**flow, "definition": definitions[flow["uuid"]], "expires": definitions[flow["uuid"]]["expire_after_minutes"]}
        for flow in read(folder / "flows.json")
        if flow["uuid"] in definitions
    ]
    counts: Mapping[str, int] = control("rapidpro", "restore", {"workspace": WORKSPACE, **documents, "flows": flows})
    return counts


def restore_botpress(client: Any, folder: Path) -> Mapping[str, int]:
    """Make the bots of a backup with their tables and files; return how many objects of each type were made."""
    done = Counter[str]()
    for place in sorted((folder / "bots").iterdir()) if (folder / "bots").is_dir() else ():
        definition = read(place / "bot.json")
        fields = {name: definition[name] for name in BOT_FIELDS if definition.get(name)}
        bot = client.with_options(extra_body=fields).bots.create(name=definition["name"])
        done["bots"] += 1
        done.update(_restore_tables(client.for_bot(bot.id), place))
        done.update(_restore_files(client.for_bot(bot.id), place))
    return done


def _restore_tables(client: Any, place: Path) -> Mapping[str, int]:
    done = Counter[str]()
    for file in sorted((place / "tables").glob("*.json")):
        table = read(file)
        client.tables.create(
            name=table["name"],
            schema=table["schema"],
            tags=table.get("tags") or {},
            factor=table.get("factor"),
            frozen=table.get("frozen"),
            key_column=table.get("keyColumn"),
            is_compute_enabled=table.get("isComputeEnabled"),
        )
        done["tables"] += 1
        columns = set(table["schema"].get("properties") or {})
        for rows in _rows(file.with_suffix(".rows.jsonl"), columns):
            client.tables.rows.create(table["name"], rows=rows)
            done["rows"] += len(rows)
    return done


def _rows(file: Path, columns: set[str]) -> Iterator[list[dict[str, Any]]]:
    with file.open(encoding="utf-8") as lines:
        while batch := [json.loads(line) for line in islice(lines, ROWS_PER_REQUEST)]:
            yield [{key: value for key, value in row.items() if key in columns} for row in batch]


def _restore_files(client: Any, place: Path) -> Mapping[str, int]:
    done = Counter[str]()
    for file in read(place / "files.json"):
        content = place / "files" / content_name(file["key"], file["id"])
        if content.exists() and LEFT_OUT not in file["key"]:
            client.files.upload(
                content,
                key=file["key"],
                tags=file.get("tags") or {},
                content_type=file["contentType"],
                access_policies=file.get("accessPolicies") or [],
                metadata=file.get("metadata") or {},
                index=file.get("index") or False,
            )
            done["files"] += 1
    return done
