"""What a workspace of Botpress is made of: its bots, with their tables and files."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trilogue_tools.backup.documents import file_name, stable, write, write_list

ROWS_PER_PAGE = 500

PARTS = ("integrations", "plugins", "recurringEvents")
"""What a bot has by a name or an id, each with fields that change by themselves."""


def save(client: Any, folder: Path) -> Mapping[str, int]:
    """Write the bots of a workspace into a folder; return how many objects of each type there are."""
    counts, bots = Counter[str](), [*client.bots.list()]
    if bots:
        _save_workspace(client, bots[0].id, folder)
    for bot in bots:
        place = folder / "bots" / file_name(bot.name, bot.id)
        write(place / "bot.json", _definition(client.bots.get(bot.id).to_dict()))
        counts["bots"] += 1
        counts.update(_save_tables(client.for_bot(bot.id), place))
        counts.update(_save_files(client.for_bot(bot.id), place))
    return counts


def _save_workspace(client: Any, bot_id: str, folder: Path) -> None:
    workspace = client.workspaces.get(client.account.introspect(bot_id=bot_id).workspace_id)
    write(folder / "workspace.json", {"id": workspace.id, "name": workspace.name})


def _definition(bot: dict[str, Any]) -> Any:
    return stable({**bot, **{name: {key: _part(part) for key, part in bot[name].items()} for name in PARTS}})


def _part(part: dict[str, Any]) -> dict[str, Any]:
    """Return a part without the time at which somebody published what is installed."""
    return {name: value for name, value in stable(part).items() if name != "createdAt"}


def _save_tables(client: Any, place: Path) -> Mapping[str, int]:
    tables, rows = client.tables.list(), 0
    for table in tables:
        write(place / "tables" / f"{table.name}.json", stable(table.to_dict()))
        with (place / "tables" / f"{table.name}.rows.jsonl").open("w", encoding="utf-8") as file:
            for row in client.tables.rows.find(table.id, limit=ROWS_PER_PAGE, order_by="id"):
                file.write(json.dumps(stable(row.to_dict()), sort_keys=True, ensure_ascii=False) + "\n")
                rows += 1
    return {"tables": len(tables), "rows": rows}


def _save_files(client: Any, place: Path) -> Mapping[str, int]:
    files = [*client.files.list()]
    write_list(place / "files.json", [file.to_dict() for file in files])
    (place / "files").mkdir(parents=True, exist_ok=True)
    for file in files:
        if file.size is not None:  # else its content was never sent
            client.files.download(file.id, to=place / "files" / content_name(file.key, file.id))
    return {"files": len(files)}


def content_name(key: str, file_id: str) -> str:
    """Return the name of the file that holds the content; keys may be paths, and may lead out of a folder."""
    stem, dot, suffix = key.rpartition(".")
    is_suffix = bool(dot) and re.fullmatch(r"\w{1,8}", suffix) is not None
    return f"{file_name(stem if is_suffix else key, file_id)}{f'.{suffix}' if is_suffix else ''}"
