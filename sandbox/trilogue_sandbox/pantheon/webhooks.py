"""Webhooks, the events they are subscribed to, and the deliveries of these."""

from __future__ import annotations

from collections.abc import Sequence

from trilogue_sandbox.kernel.faults import Target
from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.resource import Resource
from trilogue_sandbox.kernel.select import Select
from trilogue_sandbox.kernel.table import CHANGED, INTEGER, JSON, TEXT, TIMESTAMP, Row, RowContext, Table
from trilogue_sandbox.kernel.timestamps import DAY, SECOND
from trilogue_sandbox.kernel.views import View, constant
from trilogue_sandbox.pantheon.accounts import Account, account_table, new_id, resource_id
from trilogue_sandbox.pantheon.errors import ValidationErrors, not_found
from trilogue_sandbox.pantheon.lists import Listing
from trilogue_sandbox.pantheon.operations import AppExchange, changing, deleting, getting

_KEPT = 30 * DAY
_SECRET_LENGTH = 32
_DEFAULT_OVERLAP_SECONDS = 3600
_AT_ONCE, _HELD, _RELEASED = 0, 1, 2
"""Whose turn it is: a delivery that a fault holds back comes after the next one to its webhook."""


def _new_secret(world: RowContext) -> str:
    return f"whsec_{world.ids.token(_SECRET_LENGTH)}"


WEBHOOKS = account_table(
    "webhooks",
    "hook",
    {
        "url": TEXT,
        "events": JSON,
        "description": TEXT.nullable(),
        "status": TEXT.default("enabled"),
        "secret": TEXT.filled(_new_secret),
        "old_secret": TEXT.nullable(),
        "old_secret_until": TIMESTAMP.nullable(),
        "failures_in_a_row": INTEGER.default(0),
        "metadata": JSON.default({}),
        "updated_at": CHANGED,
    },
)
EVENTS = Table("pantheon_events", {"id": resource_id("evt"), "type": TEXT, "body": JSON}, label="event")
DELIVERIES = account_table(
    "deliveries",
    "dlv",
    {
        "webhook_id": TEXT,
        "event_id": TEXT.references("pantheon_events"),
        "event_type": TEXT,
        "status": TEXT.default("pending"),
        "attempts": JSON.default([]),
        "next_attempt_at": TIMESTAMP.nullable(),
        "turn": INTEGER.default(_AT_ONCE),
        "redelivery_of": TEXT.nullable(),
        "updated_at": CHANGED,
    },
    indexes=(
        "webhook_id, created_at, id",
        "event_id, created_at",
        "next_attempt_at, turn, id WHERE status = 'pending'",
    ),
    label="delivery",
)


def _events_of(account: Account, deliveries: Sequence[Row]) -> Sequence[Json]:
    found = account.records.select(EVENTS).among("id", {row["event_id"] for row in deliveries})
    events = {row["id"]: row["body"] for row in found.all()}
    return [events[row["event_id"]] for row in deliveries]


WEBHOOK = View[Account]("Webhook", WEBHOOKS, {"secret": constant(None)})
WEBHOOK_WITH_SECRET = View[Account]("Webhook", WEBHOOKS)
DELIVERY = View[Account]("Delivery", DELIVERIES, {"event": _events_of})


def emit(account: Account, event_type: str, **data: Json) -> None:
    """Queue an event for each enabled webhook that is subscribed to its type; it is kept only if there is one."""
    enabled = account.select(WEBHOOKS, status="enabled")
    subscribed = enabled.where("EXISTS (SELECT 1 FROM json_each(item.events) WHERE value = ?)", event_type)
    webhooks = subscribed.all("ORDER BY created_at, id")
    if webhooks:
        event_id = keep_event(account, event_type, **data)
        for webhook in webhooks:
            _enqueue_with_faults(account, webhook["id"], event_id, event_type)


def keep_event(account: Account, event_type: str, **data: Json) -> str:
    """Add an event and return its id."""
    event_id = new_id(account.world, "evt")
    created_at = account.world.timestamps.format(account.now)
    body: JsonObject = {"id": event_id, "type": event_type, "created_at": created_at, "data": data}
    account.records.set(EVENTS, {"id": event_id, "type": event_type, "body": body})
    return event_id


def enqueue(account: Account, webhook_id: str, event_id: str, event_type: str, redelivery_of: str | None = None) -> Row:
    """Have an event delivered to a webhook at once."""
    named = {"webhook_id": webhook_id, "event_id": event_id, "event_type": event_type}
    row = account.add(DELIVERIES, **named, redelivery_of=redelivery_of, next_attempt_at=account.now)
    _release_held(account, webhook_id)
    account.world.background_jobs.wake()
    return row


def _enqueue_with_faults(account: Account, webhook_id: str, event_id: str, event_type: str) -> None:
    target = Target("pantheon", f"webhook_{event_type.replace('.', '_')}", "webhooks", "POST")
    faults = {fault.type: fault for fault in account.world.faults.draw_for_delivery(target)}
    for _ in range(1 + ("duplicate_delivery" in faults)):
        row = enqueue(account, webhook_id, event_id, event_type)
        if "reorder_delivery" in faults:
            until = account.now + int(faults["reorder_delivery"].seconds * SECOND)
            account.change(DELIVERIES, row, next_attempt_at=until, turn=_HELD)
            account.world.schedule(until, "wake_deliveries")


def _release_held(account: Account, webhook_id: str) -> None:
    held = account.select(DELIVERIES, webhook_id=webhook_id, status="pending", turn=_HELD)
    held.change("turn = ?, next_attempt_at = ?", _RELEASED, account.now)


def fail_pending(account: Account, webhook: Row) -> None:
    """Let the pending deliveries to a webhook fail, without another attempt."""
    pending = account.select(DELIVERIES, webhook_id=webhook["id"], status="pending")
    pending.change("status = 'failed', next_attempt_at = NULL")


def _create(exchange: AppExchange) -> JsonObject:
    given = exchange.body.given("url", "events", "description", "metadata")
    return WEBHOOK_WITH_SECRET.show_one(exchange.context, exchange.context.add(WEBHOOKS, **given))


def _update(account: Account, row: Row, body: Fields) -> Row:
    changed = account.change(WEBHOOKS, row, **body.given("url", "events", "description", "status", "metadata"))
    if changed["status"] == "disabled":
        fail_pending(account, row)
    elif row["status"] == "disabled":
        account.select(WEBHOOKS, id=row["id"]).change("failures_in_a_row = 0")
    return changed


def _rotate_secret(account: Account, row: Row, body: Fields) -> Row:
    overlap = body.integer("overlap", _DEFAULT_OVERLAP_SECONDS) * SECOND
    old = (row["secret"], account.now + overlap) if overlap else (None, None)
    new = _new_secret(account.world)
    return account.change(WEBHOOKS, row, secret=new, old_secret=old[0], old_secret_until=old[1])


def _latest(account: Account, select: Select, criteria: Fields) -> Select:
    return select.where("item.created_at > ?", account.now - _KEPT)


_LIST_DELIVERIES = Listing(
    DELIVERY, ("webhook_id", "event_id", "event_type", "status"), {"webhook_id": WEBHOOKS}, narrow=_latest
)


def _list_deliveries(exchange: AppExchange) -> JsonObject:
    event_id = exchange.body.optional_string("event_id")
    if event_id is not None and "cursor" not in exchange.query:
        kept = _latest(exchange.context, exchange.context.select(DELIVERIES, event_id=event_id), exchange.body)
        if not kept.exists():
            raise not_found("event")
    return _LIST_DELIVERIES(exchange)


def _redeliver(account: Account, row: Row, body: Fields) -> Row:
    if row["created_at"] <= account.now - _KEPT:
        raise not_found(DELIVERIES.label)
    webhook = account.find(WEBHOOKS, row["webhook_id"])
    with ValidationErrors() as errors:
        errors.require(row["status"] != "pending", "delivery_id", "The delivery is still pending")
        errors.require(webhook["status"] != "disabled", "delivery_id", "The webhook of the delivery is disabled")
    return enqueue(account, webhook["id"], row["event_id"], row["event_type"], row["id"])


RESOURCE = Resource[AppExchange](
    tables=(WEBHOOKS, EVENTS, DELIVERIES),
    operations={
        "webhooks_create": _create,
        "webhooks_get": getting(WEBHOOK, "webhook_id"),
        "webhooks_list": Listing(WEBHOOK, ("status", "url")),
        "webhooks_update": changing(WEBHOOK, "webhook_id", _update),
        "webhooks_delete": deleting(WEBHOOKS, "webhook_id", first=fail_pending),
        "webhooks_rotate_secret": changing(WEBHOOK_WITH_SECRET, "webhook_id", _rotate_secret),
        "webhooks_list_deliveries": _list_deliveries,
        "webhooks_redeliver": changing(DELIVERY, "delivery_id", _redeliver),
    },
)
