"""How runs end."""

from __future__ import annotations

import json
from collections.abc import Iterable

from trilogue_sandbox.rapidpro.tenants import Tenant


def interrupt(tenant: Tenant, contact_ids: Iterable[int]) -> None:
    """Take contacts out of the flows they are in. Whoever calls this notes that the contacts have changed."""
    among = json.dumps(list(contact_ids))
    tenant.store.run(
        "UPDATE rapidpro_runs SET status = 'interrupted', exited_on = ?, modified_on = ?"
        " WHERE contact_id IN (SELECT value FROM json_each(?)) AND status IN ('active', 'waiting')",
        *(tenant.now, tenant.now, among),
    )
    tenant.store.run("UPDATE rapidpro_contacts SET flow_id = NULL WHERE id IN (SELECT value FROM json_each(?))", among)


def expire(tenant: Tenant, run_id: int) -> None:
    """End a run that waits for its contact. Whoever calls this notes that the contact has changed."""
    tenant.store.run(
        "UPDATE rapidpro_runs SET status = 'expired', exited_on = ?, modified_on = ? WHERE id = ?",
        *(tenant.now, tenant.now, run_id),
    )
    tenant.store.run(
        "UPDATE rapidpro_contacts SET flow_id = NULL WHERE id = (SELECT contact_id FROM rapidpro_runs WHERE id = ?)",
        run_id,
    )
