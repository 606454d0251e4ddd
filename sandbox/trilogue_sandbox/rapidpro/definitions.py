"""Flows and campaigns as a document that another workspace can import."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator

import attrs

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.rapidpro import flow_definitions
from trilogue_sandbox.rapidpro.campaign_schedule import date_names
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.errors import refusal
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.flow_definitions import Node
from trilogue_sandbox.rapidpro.refer import refs
from trilogue_sandbox.rapidpro.tenants import Tenant

_VERSION = "13"
_DEPENDENCIES = ("none", "flows", "all")


def get_definitions(call: Call) -> Response:
    """Answer GET."""
    parts = _Parts.find(call.tenant, call.uuids("flow"), call.uuids("campaign"))
    dependencies = call.text("dependencies") if call.values("dependencies") else "all"
    if dependencies not in _DEPENDENCIES:
        raise refusal(f"dependencies must be one of {', '.join(_DEPENDENCIES)}")
    if dependencies != "none":
        parts.complete(with_campaigns=dependencies == "all")
    site = call.request.base_url.removesuffix("/rapidpro/api/v2")
    document = {"version": _VERSION, "site": site, "flows": parts.show_flows(), "campaigns": parts.show_campaigns()}
    return Response.json({**document, **(parts.show_use() if dependencies == "all" else _NO_USE)})


_NO_USE: dict[str, list[JsonObject]] = {"triggers": [], "fields": [], "groups": []}


@attrs.frozen
class _Parts:
    """The flows and campaigns of an export, by their numbers."""

    tenant: Tenant
    flows: dict[int, sqlite3.Row]
    campaigns: dict[int, sqlite3.Row]

    @classmethod
    def find(cls, tenant: Tenant, flows: Iterable[str], campaigns: Iterable[str]) -> _Parts:
        return cls(tenant, _find(tenant, "flows", flows), _find(tenant, "campaigns", campaigns))

    def complete(self, *, with_campaigns: bool) -> None:
        """Add the flows that others lead into and, if wanted, the campaigns that start flows; and then theirs."""
        size = -1
        while size != (size := len(self.flows) + len(self.campaigns)):
            entered = {
                uuid for _, definition in self._definitions() for uuid in flow_definitions.flow_uuids(definition)
            }
            self.flows.update(_find(self.tenant, "flows", entered))
            self.flows.update(_by_id(self._related("flow_id", "flows", "campaign_id", self.campaigns)))
            if with_campaigns:
                self.campaigns.update(_by_id(self._related("campaign_id", "campaigns", "flow_id", self.flows)))

    def show_flows(self) -> list[Node]:
        return [definition for _, definition in self._definitions()]

    def show_campaigns(self) -> list[JsonObject]:
        groups = _show_groups(self.tenant, [row["group_id"] for row in self.campaigns.values()])
        events = self._events()
        return [
            {
                "uuid": campaign["uuid"],
                "name": campaign["name"],
                "group": groups[campaign["group_id"]],
                "events": [event for owner, event in events if owner == campaign["id"]],
            }
            for campaign in self.campaigns.values()
        ]

    def show_use(self) -> dict[str, list[JsonObject]]:
        """Return what the flows and campaigns use besides each other, and what starts the flows."""
        return {"triggers": self._show_triggers(), "fields": self._show_fields(), "groups": self._show_groups()}

    def _definitions(self) -> Iterator[tuple[int, Node]]:
        return ((number, json.loads(row["definition"])) for number, row in self.flows.items())

    def _related(self, wanted: str, table: str, known: str, among: Iterable[int]) -> list[sqlite3.Row]:
        """Return the flows or campaigns that events connect with the other ones."""
        return self.tenant.store.all(
            f"SELECT item.* FROM rapidpro_{table} AS item WHERE item.is_active AND item.id IN"
            f" (SELECT {wanted} FROM rapidpro_campaign_events WHERE is_active AND {known} IN"
            " (SELECT value FROM json_each(?))) ORDER BY item.id",
            json.dumps(list(among)),
        )

    def _events(self) -> list[tuple[int, JsonObject]]:
        rows = self.tenant.store.all(
            "SELECT * FROM rapidpro_campaign_events WHERE is_active AND campaign_id IN"
            " (SELECT value FROM json_each(?)) ORDER BY id",
            json.dumps(list(self.campaigns)),
        )
        flows, names = refs(self.tenant, "flows", [row["flow_id"] for row in rows]), date_names(self.tenant)
        return [(row["campaign_id"], _show_event(self.tenant, row, flows[row["flow_id"]], names)) for row in rows]

    def _show_triggers(self) -> list[JsonObject]:
        rows = self.tenant.store.all(
            "SELECT * FROM rapidpro_triggers WHERE is_active AND NOT is_archived AND flow_id IN"
            " (SELECT value FROM json_each(?)) ORDER BY id",
            json.dumps(list(self.flows)),
        )
        flows = refs(self.tenant, "flows", self.flows)
        return [
            {
                "trigger_type": row["type"],
                "flow": flows[row["flow_id"]],
                "keywords": json.loads(row["keywords"]),
                "groups": [],
                "exclude_groups": [],
                "channel": None,
            }
            for row in rows
        ]

    def _show_fields(self) -> list[JsonObject]:
        keys = {key for _, definition in self._definitions() for key in flow_definitions.field_keys(definition)}
        keys |= {row["relative_to"] for row in self._relative_to()}
        rows = self.tenant.store.all(
            "SELECT key, name, type FROM rapidpro_fields WHERE workspace_id = ? AND is_active"
            " AND key IN (SELECT value FROM json_each(?)) ORDER BY key",
            *(self.tenant.workspace.id, json.dumps(sorted(keys))),
        )
        return [{"key": row["key"], "name": row["name"], "type": row["type"]} for row in rows]

    def _relative_to(self) -> list[sqlite3.Row]:
        return self.tenant.store.all(
            "SELECT DISTINCT relative_to FROM rapidpro_campaign_events WHERE is_active AND campaign_id IN"
            " (SELECT value FROM json_each(?))",
            json.dumps(list(self.campaigns)),
        )

    def _show_groups(self) -> list[JsonObject]:
        uuids = {uuid for _, definition in self._definitions() for uuid in flow_definitions.group_uuids(definition)}
        used = [*_find(self.tenant, "groups", uuids), *(row["group_id"] for row in self.campaigns.values())]
        return [*_show_groups(self.tenant, used).values()]


def _find(tenant: Tenant, table: str, uuids: Iterable[str]) -> dict[int, sqlite3.Row]:
    rows = tenant.store.all(
        f"SELECT * FROM rapidpro_{table} WHERE workspace_id = ? AND is_active"
        " AND uuid IN (SELECT value FROM json_each(?)) ORDER BY id",
        *(tenant.workspace.id, json.dumps(sorted(uuids))),
    )
    return _by_id(rows)


def _by_id(rows: Iterable[sqlite3.Row]) -> dict[int, sqlite3.Row]:
    return {row["id"]: row for row in rows}


def _show_groups(tenant: Tenant, ids: Iterable[int]) -> dict[int, JsonObject]:
    rows = tenant.store.all(
        "SELECT id, uuid, name, query FROM rapidpro_groups WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
        json.dumps(list(ids)),
    )
    return {row["id"]: {"uuid": row["uuid"], "name": row["name"], "query": row["query"]} for row in rows}


def _show_event(tenant: Tenant, row: sqlite3.Row, flow: JsonObject | None, names: dict[str, str]) -> JsonObject:
    content: JsonObject = {"flow": flow} if flow else {"base_language": tenant.workspace.language}
    return {
        "uuid": row["uuid"],
        "offset": row["offset"],
        "unit": row["unit"][0].upper(),
        "event_type": "F" if flow else "M",
        "delivery_hour": row["delivery_hour"],
        "message": json.loads(row["message"]) if row["message"] else None,
        "relative_to": {"label": names[row["relative_to"]], "key": row["relative_to"]},
        "start_mode": "I",
        **content,
    }


ENDPOINT = Endpoint("definitions", get=get_definitions, is_list=False, is_fixed=True)
