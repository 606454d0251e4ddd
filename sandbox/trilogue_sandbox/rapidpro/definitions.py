"""Flows and campaigns as a document that another workspace can import."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.rapidpro import flow_definitions
from trilogue_sandbox.rapidpro.campaign_schedule import CAMPAIGN_EVENTS, CAMPAIGNS, field_names
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.errors import api_error
from trilogue_sandbox.rapidpro.exchange import Exchange, Resource
from trilogue_sandbox.rapidpro.flow_definitions import Node
from trilogue_sandbox.rapidpro.flow_sessions import TRIGGERS
from trilogue_sandbox.rapidpro.tables import FIELDS, FLOWS, GROUPS
from trilogue_sandbox.rapidpro.views import refer_to

_VERSION = "13"
_DEPENDENCIES = ("none", "flows", "all")


def get_definitions(exchange: Exchange) -> Mapping[str, object]:
    """Handle GET."""
    export = _Export.of(exchange.context, exchange.unvalidated_uuids("flow"), exchange.unvalidated_uuids("campaign"))
    dependencies = exchange.string("dependencies") if exchange.strings("dependencies") else "all"
    if dependencies not in _DEPENDENCIES:
        raise api_error(f"dependencies must be one of {', '.join(_DEPENDENCIES)}")
    if dependencies != "none":
        export.complete(with_campaigns=dependencies == "all")
    is_whole = dependencies == "all"
    return {
        "version": _VERSION,
        "site": exchange.request.base_url.removesuffix("/rapidpro/api/v2"),
        "flows": [*export.definitions],
        "campaigns": export.show_campaigns(),
        "triggers": export.show_triggers() if is_whole else [],
        "fields": export.show_fields() if is_whole else [],
        "groups": export.show_groups() if is_whole else [],
    }


@attrs.frozen
class _Export:
    """The flows and campaigns of an export, by their numbers."""

    context: WorkspaceContext
    flows: dict[int, Row]
    campaigns: dict[int, Row]

    @classmethod
    def of(cls, context: WorkspaceContext, flows: Iterable[str], campaigns: Iterable[str]) -> _Export:
        return cls(context, _find(context, FLOWS, flows), _find(context, CAMPAIGNS, campaigns))

    def complete(self, *, with_campaigns: bool) -> None:
        """Add the flows that others lead into and, if wanted, the campaigns that start flows; and then theirs."""
        size = -1
        while size != (size := len(self.flows) + len(self.campaigns)):
            entered = {uuid for definition in self.definitions for uuid in flow_definitions.flow_uuids(definition)}
            self.flows.update(_find(self.context, FLOWS, entered))
            self.flows.update(self._related(FLOWS, "flow_id", "campaign_id", self.campaigns))
            if with_campaigns:
                self.campaigns.update(self._related(CAMPAIGNS, "campaign_id", "flow_id", self.flows))

    @property
    def definitions(self) -> Iterator[Node]:
        """The definitions of the flows."""
        version = self.context.server.flow_version
        return ({**row["definition"], "spec_version": version} for row in self.flows.values())

    def show_campaigns(self) -> list[JsonObject]:
        """Return the campaigns with their events."""
        groups = refer_to(self.context, GROUPS, {row["group_id"] for row in self.campaigns.values()})
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

    def show_triggers(self) -> list[JsonObject]:
        """Return what starts the flows."""
        triggers = self.context.select(TRIGGERS, is_active=True, is_archived=False).among("flow_id", self.flows)
        flows = refer_to(self.context, FLOWS, self.flows)
        return [
            {
                "trigger_type": row["type"],
                "flow": flows[row["flow_id"]],
                "keywords": row["keywords"],
                "groups": [],
                "exclude_groups": [],
                "channel": None,
            }
            for row in triggers.all("ORDER BY item.id")
        ]

    def show_fields(self) -> list[JsonObject]:
        """Return the fields that flows set and events are relative to."""
        keys = {key for definition in self.definitions for key in flow_definitions.field_keys(definition)}
        keys |= {row["relative_to"] for row in self._event_rows()}
        fields = self.context.select(FIELDS, is_active=True).among("key", sorted(keys))
        return [
            {"key": row["key"], "name": row["name"], "type": row["type"]} for row in fields.all("ORDER BY item.key")
        ]

    def show_groups(self) -> list[JsonObject]:
        """Return the groups that flows and campaigns use."""
        uuids = {uuid for definition in self.definitions for uuid in flow_definitions.group_uuids(definition)}
        used = {*_find(self.context, GROUPS, uuids), *(row["group_id"] for row in self.campaigns.values())}
        return [*self._groups(used).values()]

    def _related(self, table: Table, wanted: str, known: str, among: Iterable[int]) -> dict[int, Row]:
        """Return the flows or campaigns that events connect with the other ones."""
        events = self.context.select(CAMPAIGN_EVENTS, is_active=True).among(known, among).all()
        related = self.context.select(table, is_active=True).among("id", {row[wanted] for row in events})
        return _by_id(related.all("ORDER BY item.id"))

    def _event_rows(self) -> list[Row]:
        events = self.context.select(CAMPAIGN_EVENTS, is_active=True).among("campaign_id", self.campaigns)
        return events.all("ORDER BY (SELECT uuid FROM rapidpro_flows WHERE id = item.flow_id) NULLS LAST, item.id")

    def _events(self) -> list[tuple[int, JsonObject]]:
        rows, names = self._event_rows(), field_names(self.context)
        flows = refer_to(self.context, FLOWS, [row["flow_id"] for row in rows])
        return [(row["campaign_id"], self._show_event(row, flows[row["flow_id"]], names)) for row in rows]

    def _show_event(self, row: Row, flow: Json, names: dict[str, str]) -> JsonObject:
        said: JsonObject = {"message": row["message"], "base_language": self.context.workspace.language}
        content: JsonObject = {"flow": flow} if flow else said
        return {
            "uuid": row["uuid"],
            "offset": row["offset"],
            "unit": row["unit"][0].upper(),
            "event_type": "F" if flow else "M",
            "delivery_hour": row["delivery_hour"],
            "relative_to": {"label": names[row["relative_to"]], "key": row["relative_to"]},
            "start_mode": "I",
            **content,
        }

    def _groups(self, ids: Iterable[int]) -> dict[int, JsonObject]:
        rows = self.context.select(GROUPS).among("id", ids).all("ORDER BY item.id")
        return {row["id"]: {"uuid": row["uuid"], "name": row["name"], "query": row["query"]} for row in rows}


def _find(context: WorkspaceContext, table: Table, uuids: Iterable[str]) -> dict[int, Row]:
    return _by_id(context.select(table, is_active=True).among("uuid", sorted(uuids)).all("ORDER BY item.id"))


def _by_id(rows: Iterable[Row]) -> dict[int, Row]:
    return {row["id"]: row for row in rows}


RESOURCE = Resource(operations={"definitions_get": get_definitions})
