"""What happens, told to the webhooks that want to know."""

from __future__ import annotations

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.pantheon import documents, timestamps
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.resource_types import DELIVERY, EVENT


def emit(account: Account, event_type: str, data: JsonObject) -> None:
    """Put an event in line for each enabled webhook that gets events of its type; it is kept only if there is one."""
    hooks = account.store.all(
        "SELECT id FROM pantheon_webhooks WHERE account_id = ? AND status = 'enabled'"
        " AND EXISTS (SELECT 1 FROM json_each(events) WHERE value = ?) ORDER BY created_at, id",
        *(account.id, event_type),
    )
    if not hooks:
        return
    event_id = keep(account, event_type, data)
    for hook in hooks:
        put_in_line(account, hook["id"], event_id, event_type)


def put_in_line(
    account: Account, webhook_id: str, event_id: str, event_type: str, redelivery_of: str | None = None
) -> str:
    """Have an event delivered to a webhook at once; return the id of the delivery."""
    delivery_id = account.add(
        DELIVERY,
        {
            "webhook_id": webhook_id,
            "event_id": event_id,
            "event_type": event_type,
            "status": "pending",
            "next_attempt_at": account.now,
            "redelivery_of": redelivery_of,
            "created_at": account.now,
            "updated_at": account.now,
        },
    )
    account.world.background_jobs.wake()
    return delivery_id


def keep(account: Account, event_type: str, data: JsonObject) -> str:
    """Write an event down and return its id."""
    event_id = account.new_id(EVENT)
    body: JsonObject = {"id": event_id, "type": event_type, "created_at": timestamps.show(account.now), "data": data}
    account.store.run(
        "INSERT INTO pantheon_events (id, type, body) VALUES (?, ?, ?)", event_id, event_type, documents.encode(body)
    )
    return event_id
