"""What is asked of a contact by a message and expires: payments, logins and one-time passwords."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.resource import Action
from trilogue_sandbox.kernel.table import CHANGED, JSON, TEXT, TIMESTAMP, Column, Row, Table
from trilogue_sandbox.kernel.timestamps import SECOND
from trilogue_sandbox.pantheon.accounts import Account, account_table
from trilogue_sandbox.pantheon.messages import enqueue
from trilogue_sandbox.pantheon.operations import job


def request_table(
    name: str, prefix: str, columns: Mapping[str, Column], constraints: Iterable[str] = (), label: str = ""
) -> Table:
    """Return a table of requests, found by contact too."""
    shared = {
        "conversation_id": TEXT,
        "contact_id": TEXT,
        "message_id": TEXT,
        "status": TEXT.default("pending"),
        "metadata": JSON.default({}),
        "updated_at": CHANGED,
        "expires_at": TIMESTAMP,
    }
    indexes = ("contact_id, created_at, id", "conversation_id, created_at, id")
    return account_table(name, prefix, {**shared, **columns}, indexes, label, constraints=tuple(constraints))


def ask(
    account: Account, conversation: Row, channel_id: str, content: JsonObject, row_id: str, seconds: int, expiry: str
) -> dict[str, Any]:
    """Send the message of a request and schedule the job of its expiry; return the columns that say so."""
    expires_at = account.now + seconds * SECOND
    message = enqueue(account, conversation, channel_id, content)
    account.world.schedule(expires_at, expiry, id=row_id)
    parties = {"conversation_id": conversation["id"], "contact_id": conversation["contact_id"]}
    return {"id": row_id, **parties, "message_id": message["id"], "expires_at": expires_at}


def expiring(table: Table, status: str, expire: Callable[[Account, Row], object]) -> Action:
    """Return a job that lets a request expire which still has a status, unless it was made to last longer."""

    def expire_if_due(account: Account, row: Row) -> None:
        """Let a request expire that is still open, unless it was resent since."""
        if row["status"] == status and row["expires_at"] <= account.now:
            expire(account, row)

    return job(table, expire_if_due)
