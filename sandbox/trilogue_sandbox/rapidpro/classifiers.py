"""Classifiers: accounts with services that tell flows what a contact means. Only RapidPro 9 has them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.rapidpro import timestamps
from trilogue_sandbox.rapidpro.cursors import NEWEST_FIRST
from trilogue_sandbox.rapidpro.endpoints import Endpoint
from trilogue_sandbox.rapidpro.exchanges import Call
from trilogue_sandbox.rapidpro.references import normal_uuid
from trilogue_sandbox.rapidpro.tenants import Tenant


def list_classifiers(call: Call) -> Response:
    """Answer GET. A malformed UUID is not refused and finds nothing."""
    select = call.within(call.select("rapidpro_classifiers").where("item.is_active = 1"), "created_on")
    if wanted := call.text("uuid"):
        select = select.where("item.uuid = ?", normal_uuid(wanted))
    return call.page(select, NEWEST_FIRST, _show_classifiers)


def _show_classifiers(tenant: Tenant, rows: Sequence[sqlite3.Row]) -> list[JsonObject]:
    return [
        {
            "uuid": row["uuid"],
            "name": row["name"],
            "type": row["type"],
            "intents": sorted(json.loads(row["intents"])),
            "created_on": timestamps.show(row["created_on"]),
        }
        for row in rows
    ]


ENDPOINT = Endpoint("classifiers", get=list_classifiers)
