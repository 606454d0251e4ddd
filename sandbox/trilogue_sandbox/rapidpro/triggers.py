"""What starts flows without anybody asking: words that contacts send, calls they make."""

from __future__ import annotations

import json
from typing import Final

from trilogue_sandbox.rapidpro.tenants import Tenant

KEYWORD: Final = "K"
MISSED_CALL: Final = "M"


def flow_of_keyword(tenant: Tenant, text: str) -> int | None:
    """Return the number of the flow that a message starts by its first word."""
    first = text.split(maxsplit=1)[0].lower() if text.strip() else ""
    for row in tenant.store.all(f"{_SELECT} ORDER BY item.id DESC", tenant.workspace.id, KEYWORD):
        if first in json.loads(row["keywords"]):
            return int(row["flow_id"])
    return None


def flow_of_missed_call(tenant: Tenant) -> int | None:
    """Return the number of the flow that a missed call starts."""
    row = tenant.store.one(f"{_SELECT} ORDER BY item.id DESC LIMIT 1", tenant.workspace.id, MISSED_CALL)
    return int(row["flow_id"]) if row else None


_SELECT = (
    "SELECT item.flow_id, item.keywords FROM rapidpro_triggers AS item"
    " JOIN rapidpro_flows AS flow ON flow.id = item.flow_id AND flow.is_active AND NOT flow.is_archived"
    " WHERE item.workspace_id = ? AND item.type = ? AND item.is_active AND NOT item.is_archived"
)
