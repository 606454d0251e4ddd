"""The namespace webhooks."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.pantheon import deletions, deliveries, documents, events, timestamps
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.errors import Faults, not_found
from trilogue_sandbox.pantheon.exchanges import Call
from trilogue_sandbox.pantheon.fields import Fields
from trilogue_sandbox.pantheon.paging import Listing, list_page
from trilogue_sandbox.pantheon.resource_types import DELIVERY, WEBHOOK
from trilogue_sandbox.pantheon.resources import Resource

_KEPT = 30 * timestamps.DAY
_SECRET_LENGTH = 32
_DEFAULT_OVERLAP_SECONDS = 3600


def show(account: Account, row: sqlite3.Row) -> JsonObject:
    """Return a webhook as the API shows it, without its secret."""
    return {
        "id": row["id"],
        "url": row["url"],
        "events": documents.decode(row["events"]),
        "description": row["description"],
        "status": row["status"],
        "metadata": documents.decode(row["metadata"]),
        "created_at": timestamps.show(row["created_at"]),
        "updated_at": timestamps.show(row["updated_at"]),
    }


def show_delivery(account: Account, row: sqlite3.Row) -> JsonObject:
    """Return a delivery as the API shows it, with its event."""
    event = account.store.one("SELECT body FROM pantheon_events WHERE id = ?", row["event_id"])
    assert event is not None
    return {
        "id": row["id"],
        "webhook_id": row["webhook_id"],
        "event_id": row["event_id"],
        "event_type": row["event_type"],
        "event": documents.decode(event["body"]),
        "status": row["status"],
        "attempts": documents.decode(row["attempts"]),
        "next_attempt_at": timestamps.show_optional(row["next_attempt_at"]),
        "redelivery_of": row["redelivery_of"],
        "created_at": timestamps.show(row["created_at"]),
        "updated_at": timestamps.show(row["updated_at"]),
    }


def create(account: Account, given: Fields) -> str:
    """Make a webhook and return its id."""
    return account.add(
        WEBHOOK,
        {
            "url": given.text("url"),
            "events": documents.encode(given.items("events")),
            "description": given.optional_text("description"),
            "status": "enabled",
            "secret": _new_secret(account),
            "metadata": documents.encode(given.object("metadata")),
            "created_at": account.now,
            "updated_at": account.now,
        },
    )


def _new_secret(account: Account) -> str:
    return f"whsec_{account.world.ids.token(_SECRET_LENGTH)}"


def _create(call: Call) -> JsonObject:
    return _shown_with_secret(call, create(call.account, call.body))


def _get(call: Call) -> JsonObject:
    return show(call.account, call.find(WEBHOOK, "webhook_id"))


_WEBHOOKS = Listing(WEBHOOK.table, show, ("status", "url"))


def _list(call: Call) -> JsonObject:
    return list_page(call, _WEBHOOKS)


def _update(call: Call) -> JsonObject:
    row, body, account = call.find(WEBHOOK, "webhook_id"), call.body, call.account
    account.change(WEBHOOK, row, url=body.text("url", row["url"]), status=body.text("status", row["status"]))
    if "events" in body:
        account.change(WEBHOOK, row, events=documents.encode(body.items("events")))
    if "description" in body:
        account.change(WEBHOOK, row, description=body.optional_text("description"))
    if "metadata" in body:
        account.change(WEBHOOK, row, metadata=documents.encode(body.object("metadata")))
    if body.text("status", row["status"]) == "disabled":
        deliveries.fail_pending(account, row["id"])
    elif row["status"] == "disabled":
        account.store.run("UPDATE pantheon_webhooks SET failures_in_a_row = 0 WHERE id = ?", row["id"])
    return show(account, account.find(WEBHOOK, row["id"]))


def _delete(call: Call) -> JsonObject:
    row = call.find(WEBHOOK, "webhook_id")
    deliveries.fail_pending(call.account, row["id"])
    return deletions.delete(call.account, WEBHOOK, row["id"])


def _rotate_secret(call: Call) -> JsonObject:
    row = call.find(WEBHOOK, "webhook_id")
    overlap = call.body.integer("overlap", _DEFAULT_OVERLAP_SECONDS) * timestamps.SECOND
    call.account.change(
        WEBHOOK,
        row,
        secret=_new_secret(call.account),
        old_secret=row["secret"] if overlap else None,
        old_secret_until=call.now + overlap if overlap else None,
    )
    return _shown_with_secret(call, row["id"])


def _latest(account: Account, select: Select, criteria: Fields) -> Select:
    select = select.where("item.created_at > ?", account.now - _KEPT)
    return select.equal("event_id", criteria.optional_text("event_id"))


_DELIVERIES = Listing(
    DELIVERY.table,
    show_delivery,
    ("webhook_id", "event_type", "status"),
    {"webhook_id": WEBHOOK},
    narrow=_latest,
)


def _list_deliveries(call: Call) -> JsonObject:
    event_id = call.body.optional_text("event_id")
    if call.cursor is None and event_id is not None:
        _require_event(call, event_id)
    return list_page(call, _DELIVERIES)


def _require_event(call: Call, event_id: str) -> None:
    sql = "SELECT id FROM pantheon_deliveries WHERE account_id = ? AND event_id = ? AND created_at > ?"
    if call.store.one(sql, call.account.id, event_id, call.now - _KEPT) is None:
        raise not_found("event")


def _redeliver(call: Call) -> JsonObject:
    row = call.find(DELIVERY, "delivery_id")
    if row["created_at"] <= call.now - _KEPT:
        raise not_found(DELIVERY.label)
    webhook = call.account.find(WEBHOOK, row["webhook_id"])
    faults = Faults()
    faults.add_if(row["status"] == "pending", "delivery_id", "The delivery is still pending")
    faults.add_if(webhook["status"] == "disabled", "delivery_id", "The webhook of it is disabled")
    faults.raise_if_any()
    delivery_id = events.put_in_line(call.account, webhook["id"], row["event_id"], row["event_type"], row["id"])
    return show_delivery(call.account, call.account.find(DELIVERY, delivery_id))


def _shown_with_secret(call: Call, webhook_id: str) -> JsonObject:
    row = call.account.find(WEBHOOK, webhook_id)
    return {**show(call.account, row), "secret": row["secret"]}


RESOURCE: Resource = Resource(
    handlers={
        "webhooks_create": _create,
        "webhooks_get": _get,
        "webhooks_list": _list,
        "webhooks_update": _update,
        "webhooks_delete": _delete,
        "webhooks_rotate_secret": _rotate_secret,
        "webhooks_list_deliveries": _list_deliveries,
        "webhooks_redeliver": _redeliver,
    },
    timers={"wake_deliveries": deliveries.wake},
)
