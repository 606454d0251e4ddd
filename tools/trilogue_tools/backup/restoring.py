"""Puts a backup into a sandbox, as far as a sandbox can hold it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from trilogue import ApiError

from trilogue_tools.backup.botpress import content_name
from trilogue_tools.backup.documents import LEFT_OUT, read
from trilogue_tools.errors import ToolError, UsageError

Control = Callable[[str, str, Mapping[str, Any]], Any]
"""Does an action of the control plane: platform, action, arguments."""

WORKSPACE = "empty"
"""The workspace of the sandbox's RapidPro that a backup goes into."""

ROWS_PER_REQUEST = 500
_FLOW_TYPES = {"messaging": "message", "messaging_offline": "survey", "messaging_background": "background"}


def backups_in(folder: Path) -> Mapping[str, Path]:
    """Return the backups in a folder by platform.

    Raises:
        UsageError: there is none.
    """
    files = [*folder.glob("backup.json"), *folder.glob("*/backup.json")]
    if not files:
        raise UsageError(f"{folder} is no backup; make one: trilogue backup create rapidpro {folder}")
    return {read(file)["platform"]: file.parent for file in files}


class _Made:
    """Counts what was made. What is there already, or what this server does not take, is counted apart."""

    def __init__(self) -> None:
        self.counts = Counter[str]()

    def add(self, what: str, make: Callable[..., Any], /, *arguments: Any, **more: Any) -> None:
        """Make an object of the type `what`."""
        try:
            make(*arguments, **more)
        except (ApiError, ToolError) as error:
            if isinstance(error, ApiError) and error.status not in (400, 404, 409):
                raise
            what = f"{what} not"
        self.counts[what] += 1


def restore_rapidpro(client: Any, control: Control, folder: Path) -> Mapping[str, int]:
    """Make what the backup of a workspace holds, by name; return how many objects of each type were made.

    A flow becomes one with the same questions: definitions cannot be imported through the API.
    """
    made = _Made()
    for field in read(folder / "fields.json"):
        made.add("fields", client.fields.create, name=field["name"], type=field["type"])
    for group in _own(read(folder / "groups.json")):
        made.add("groups", _group, client, control, group)
    for name in ("labels", "topics"):
        for row in _own(read(folder / f"{name}.json")):
            made.add(name, getattr(client, name).create, name=row["name"])
    for row in read(folder / "globals.json"):
        made.add("globals", client.globals.create, name=row["name"], value=row["value"])
    for file in sorted((folder / "flows").glob("*.json")):
        made.add("flows", control, "rapidpro", "add_flow", _flow(read(file)))
    _restore_campaigns(made, client, folder)
    return made.counts


def _own(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the rows that people made; a workspace has the others from the beginning."""
    return (row for row in rows if not row.get("system"))


def _group(client: Any, control: Control, group: Mapping[str, Any]) -> Any:
    if group.get("query"):
        arguments = {"workspace": WORKSPACE, "name": group["name"], "query": group["query"]}
        return control("rapidpro", "add_smart_group", arguments)
    return client.groups.create(name=group["name"])


def _flow(definition: Mapping[str, Any]) -> Mapping[str, Any]:
    nodes = definition["nodes"]
    questions = [question for node in nodes if (question := _question(node))]
    last = [action["text"] for action in nodes[-1].get("actions", []) if action["type"] == "send_msg"] if nodes else []
    farewell = {"farewell": last[-1]} if last and not (nodes[-1].get("router") or {}).get("wait") else {}
    return {
        "workspace": WORKSPACE,
        "name": definition["name"],
        "type": _FLOW_TYPES.get(definition["type"], definition["type"]),
        "questions": questions,
        **farewell,
    }


def _question(node: Mapping[str, Any]) -> dict[str, Any] | None:
    router = node.get("router") or {}
    if not router.get("wait") or not router.get("result_name"):
        return None
    texts = [action["text"] for action in node.get("actions", []) if action["type"] == "send_msg"]
    default = router.get("default_category_uuid")
    names = [category["name"] for category in router.get("categories", []) if category["uuid"] != default]
    return {"result": router["result_name"], "text": texts[-1] if texts else router["result_name"], "categories": names}


def _restore_campaigns(made: _Made, client: Any, folder: Path) -> None:
    for campaign in read(folder / "campaigns.json"):
        made.add("campaigns", client.campaigns.create, name=campaign["name"], group=campaign["group"]["name"])
    campaigns = {campaign.name: campaign.uuid for campaign in client.campaigns.list()}
    flows = {flow.name: flow.uuid for flow in client.flows.list()}
    for event in read(folder / "campaign_events.json"):
        made.add("campaign_events", _event, client, event, campaigns, flows)


def _event(client: Any, event: Mapping[str, Any], campaigns: Mapping[str, str], flows: Mapping[str, str]) -> Any:
    flow = flows.get((event.get("flow") or {}).get("name", ""))
    what = {"flow": flow} if flow else {"message": event["message"]}
    return client.campaign_events.create(
        campaign=campaigns[event["campaign"]["name"]],
        relative_to=event["relative_to"]["key"],
        offset=event["offset"],
        unit=event["unit"],
        delivery_hour=event["delivery_hour"],
        **what,
    )


def restore_botpress(client: Any, folder: Path) -> Mapping[str, int]:
    """Make the bots of a backup with their tables and files; return how many objects of each type were made."""
    done = Counter[str]()
    for place in sorted((folder / "bots").iterdir()) if (folder / "bots").is_dir() else ():
        bot = client.bots.create(name=read(place / "bot.json")["name"])
        done["bots"] += 1
        done.update(_restore_tables(client.for_bot(bot.id), place))
        done.update(_restore_files(client.for_bot(bot.id), place))
    return done


def _restore_tables(client: Any, place: Path) -> Mapping[str, int]:
    done = Counter[str]()
    for file in sorted((place / "tables").glob("*.json")):
        table = read(file)
        client.tables.create(name=table["name"], schema=table["schema"], tags=table.get("tags") or {})
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
                content.read_bytes(), key=file["key"], tags=file.get("tags") or {}, content_type=file["contentType"]
            )
            done["files"] += 1
    return done
