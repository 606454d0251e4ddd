"""What a workspace of RapidPro is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trilogue_tools.backup.documents import file_name, stable, write, write_list

LISTS = ("campaign_events", "fields", "globals", "groups", "labels", "topics")
"""Lists that are kept whole, each in a file."""

FLOWS_PER_REQUEST = 20


def save(client: Any, folder: Path) -> Mapping[str, int]:
    """Write a workspace into a folder; return how many objects of each type there are."""
    write(folder / "workspace.json", stable(_without_credits(client.workspace.get().to_dict())))
    counts: dict[str, int] = {}
    for name in LISTS:
        rows = [row.to_dict() for row in getattr(client, name).list()]
        write_list(folder / f"{name}.json", rows)
        counts[name] = len(rows)
    return {**counts, **_save_definitions(client, folder)}


def _without_credits(workspace: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in workspace.items() if key != "credits"}


def _save_definitions(client: Any, folder: Path) -> dict[str, int]:
    flows = [flow.to_dict() for flow in client.flows.list()]
    campaigns = [campaign.to_dict() for campaign in client.campaigns.list()]
    exported = _export(client, [flow["uuid"] for flow in flows], [campaign["uuid"] for campaign in campaigns])
    for definition in exported["flows"].values():
        write(folder / "flows" / f"{file_name(definition['name'], definition['uuid'])}.json", definition)
    write_list(folder / "flows.json", flows)
    write_list(folder / "campaigns.json", campaigns)
    write_list(folder / "triggers.json", exported["triggers"].values())
    return {"flows": len(exported["flows"]), "campaigns": len(campaigns), "triggers": len(exported["triggers"])}


def _export(client: Any, flows: Sequence[str], campaigns: Sequence[str]) -> Mapping[str, dict[str, Any]]:
    """Return definitions with what they depend on, each once; in several requests, for a server's time is limited."""
    found: dict[str, dict[str, Any]] = {"flows": {}, "triggers": {}}
    for start in range(0, len(flows), FLOWS_PER_REQUEST):
        _add(found, client.definitions.get(flow=flows[start : start + FLOWS_PER_REQUEST], dependencies="all"))
    if campaigns:
        _add(found, client.definitions.get(campaign=campaigns, dependencies="all"))
    return found


def _add(found: Mapping[str, dict[str, Any]], exported: Any) -> None:
    found["flows"].update({flow["uuid"]: flow for flow in exported.flows})
    found["triggers"].update({repr(sorted(trigger.items())): trigger for trigger in exported.triggers})
