"""Things deleted."""

from __future__ import annotations

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.pantheon import timestamps
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.resource_types import Kind


def delete(account: Account, kind: Kind, thing_id: str) -> JsonObject:
    """Delete the row of a thing and return the answer that says so."""
    account.remove(kind, thing_id)
    return {"id": thing_id, "deleted_at": timestamps.show(account.now)}
