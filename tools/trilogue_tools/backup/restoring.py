"""Puts a backup into a sandbox, as far as a sandbox can hold it."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from trilogue_tools.backup.botpress import content_name
from trilogue_tools.backup.documents import read
from trilogue_tools.errors import UsageError

Control = Callable[[str, str, Mapping[str, Any]], Any]
"""Does an action of the control plane: platform, action, arguments."""

WORKSPACE = "empty"
"""The workspace of the sandbox's RapidPro that a backup goes into."""

LISTS = ("fields", "groups", "labels", "topics", "globals", "campaigns", "campaign_events", "triggers")
"""What a workspace is made of, beside its flows; each is a file of a backup."""

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


def workspaces_of(folder: Path) -> Mapping[str, str]:
    """Return the workspaces of the sandbox that the backups in a folder go into, by platform."""
    return {
        platform: WORKSPACE if platform == "rapidpro" else _workspace(place)["id"]
        for platform, place in backups_in(folder).items()
        if platform == "rapidpro" or _workspace(place)
    }


def _workspace(folder: Path) -> Any:
    return read(folder / "workspace.json") or {}


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
    wanted = {"workspace": WORKSPACE, "settings": _workspace(folder), **documents, "flows": flows}
    counts: Mapping[str, int] = control("rapidpro", "restore", wanted)
    return counts


def restore_botpress(control: Control, folder: Path) -> Mapping[str, int]:
    """Make the bots of a backup with their tables and files; return how many objects of each type were made."""
    done = Counter[str]()
    for place in sorted((folder / "bots").iterdir()) if (folder / "bots").is_dir() else ():
        bot = read(place / "bot.json")
        control("botpress", "restore_bot", {"workspace": _workspace(folder), "bot": bot})
        done["bots"] += 1
        done.update(_restore_tables(control, bot["id"], place))
        done.update(_restore_files(control, bot["id"], place))
    return done


def _restore_tables(control: Control, bot_id: str, place: Path) -> Mapping[str, int]:
    done = Counter[str]()
    for file in sorted((place / "tables").glob("*.json")):
        table = {"bot": bot_id, "table": read(file)}
        control("botpress", "restore_table", table)
        done["tables"] += 1
        for rows in _rows(file.with_suffix(".rows.jsonl")):
            control("botpress", "restore_table", {**table, "rows": rows})
            done["rows"] += len(rows)
    return done


def _rows(file: Path) -> Iterator[list[Any]]:
    with file.open(encoding="utf-8") as lines:
        while batch := [json.loads(line) for line in islice(lines, ROWS_PER_REQUEST)]:
            yield batch


def _restore_files(control: Control, bot_id: str, place: Path) -> Mapping[str, int]:
    files = read(place / "files.json")
    for file in files:
        content = place / "files" / content_name(file["key"], file["id"])
        sent = {"content": base64.b64encode(content.read_bytes()).decode()} if content.exists() else {}
        control("botpress", "restore_file", {"bot": bot_id, "file": file, **sent})
    return {"files": len(files)}
