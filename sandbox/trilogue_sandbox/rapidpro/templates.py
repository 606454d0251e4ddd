"""Message templates, which a messaging service has to approve. Only RapidPro 9 has them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from trilogue_sandbox.kernel.http import Json, JsonObject, Response
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import arguments, timestamps
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.tenants import Tenant

_STATUSES = ("approved", "pending", "rejected", "unsupported_components")


def list_templates(call: Call) -> Response:
    """Answer GET."""
    select = call.within(call.select("rapidpro_templates"), "modified_on")
    return call.page(select, call.by_modification, _show_templates)


def decide_on_template(world: World, given: JsonObject) -> object:
    """Let the messaging service say what it thinks of a template in one language."""
    tenant = arguments.tenant(world, given)
    name, language = arguments.text(given, "template"), arguments.text(given, "language")
    template = tenant.store.one(
        "SELECT * FROM rapidpro_templates WHERE workspace_id = ? AND name = ?", tenant.workspace.id, name
    )
    if template is None:
        raise ControlError(f"there is no template {name!r}", "template")
    decided = tenant.store.run(
        "UPDATE rapidpro_template_translations SET status = ? WHERE template_id = ? AND language = ?",
        *(arguments.choice(given, "status", _STATUSES), template["id"], language),
    )
    if not decided:
        raise ControlError(f"{name!r} has no translation into {language!r}", "language")
    tenant.store.run("UPDATE rapidpro_templates SET modified_on = ? WHERE id = ?", tenant.now, template["id"])
    return {"uuid": template["uuid"]}


def _show_templates(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    translations = _read_translations(tenant, [row["id"] for row in rows])
    return [
        {
            "uuid": row["uuid"],
            "name": row["name"],
            "translations": translations.get(row["id"], []),
            "created_on": timestamps.show(row["created_on"]),
            "modified_on": timestamps.show(row["modified_on"]),
        }
        for row in rows
    ]


def _read_translations(tenant: Tenant, template_ids: Sequence[int]) -> dict[int, list[Json]]:
    rows = tenant.store.all(
        "SELECT translation.*, channel.uuid AS channel_uuid, channel.name AS channel_name"
        " FROM rapidpro_template_translations AS translation"
        " JOIN rapidpro_channels AS channel ON channel.id = translation.channel_id"
        " WHERE translation.template_id IN (SELECT value FROM json_each(?)) ORDER BY translation.id",
        json.dumps(template_ids),
    )
    found: dict[int, list[Json]] = {}
    for row in rows:
        found.setdefault(row["template_id"], []).append(_show_translation(row))
    return found


def _show_translation(row: sqlite3.Row) -> JsonObject:
    shown = ("language", "locale", "content", "namespace", "variable_count", "status")
    return {
        **{name: row[name] for name in shown},
        "channel": {"uuid": row["channel_uuid"], "name": row["channel_name"]},
    }


ENDPOINT = Endpoint("templates", get=list_templates, actions={"decide_on_template": decide_on_template})
