"""Events on their way to webhooks: when an attempt is made, and what comes of it."""

from __future__ import annotations

import sqlite3
import time

import attrs

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import arguments, documents, posting, timestamps
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.posting import PATIENCE_SECONDS, Outcome
from trilogue_sandbox.pantheon.resource_types import DELIVERY, WEBHOOK
from trilogue_sandbox.pantheon.signatures import sign

PAUSES = (30 * timestamps.SECOND, 2 * timestamps.MINUTE, 10 * timestamps.MINUTE, timestamps.HOUR, 6 * timestamps.HOUR)
"""How long after an attempt that went wrong the next one is made; after the sixth there is none."""

FAILURES_BEFORE_DISABLING = 20

USER_AGENT = "Pantheon-Webhooks/1.0"


@attrs.define
class Attempt:
    """One attempt to deliver an event: a background job.

    `at` is when it is made. With a clock that stands still that is the moment it was due, and it takes no time unless
    there is no answer, so that what is written down does not depend on the machine.
    """

    account: Account
    delivery_id: str
    number: int
    at: int
    url: str
    headers: dict[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    outcome: Outcome = attrs.field(factory=lambda: Outcome(None))
    seconds: float = 0.0

    async def run(self) -> None:
        """Post the event."""
        began = time.monotonic()
        self.outcome = await posting.post(self.url, self.headers, self.body)
        is_running = self.account.world.clock.is_running
        self.seconds = time.monotonic() - began if is_running else PATIENCE_SECONDS * self.outcome.has_timed_out

    def finish(self) -> None:
        """Write down what came of it."""
        delivery = self.account.get(DELIVERY, self.delivery_id)
        if delivery is not None:
            _note(self.account, delivery, self)


@attrs.frozen
class Deliveries:
    """All deliveries: a source of background jobs."""

    world: World

    def next_attempt(self) -> Attempt | None:
        """Return the attempt that has been due longest."""
        now = timestamps.now(self.world)
        row = self.world.store.one(
            "SELECT * FROM pantheon_deliveries WHERE status = 'pending' AND next_attempt_at <= ?"
            " ORDER BY next_attempt_at, id LIMIT 1",
            now,
        )
        if row is None:
            return None
        return _attempt(Account(self.world, row["account_id"]), row, now if self.world.clock.is_running else None)


def fail_pending(account: Account, webhook_id: str) -> None:
    """Let what is under way to a webhook fail, without another attempt."""
    account.store.run(
        "UPDATE pantheon_deliveries SET status = 'failed', next_attempt_at = NULL"
        " WHERE webhook_id = ? AND status = 'pending'",
        webhook_id,
    )


def _attempt(account: Account, row: sqlite3.Row, now: int | None) -> Attempt:
    webhook, at = account.find(WEBHOOK, row["webhook_id"]), row["next_attempt_at"] if now is None else now
    event = account.store.one("SELECT body FROM pantheon_events WHERE id = ?", row["event_id"])
    assert event is not None
    body = event["body"].encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "X-Pantheon-Delivery": row["id"],
        "X-Pantheon-Signature": sign(body, at // timestamps.SECOND, _secrets(webhook, at)),
    }
    number = len(documents.decode_list(row["attempts"])) + 1
    return Attempt(account, row["id"], number, at, webhook["url"], headers, body)


def _secrets(webhook: sqlite3.Row, at: int) -> list[str]:
    is_overlapping = webhook["old_secret"] is not None and at < webhook["old_secret_until"]
    return [webhook["secret"], webhook["old_secret"]] if is_overlapping else [webhook["secret"]]


def _note(account: Account, delivery: sqlite3.Row, attempt: Attempt) -> None:
    took = round(attempt.seconds * 1000)
    entry: JsonObject = {
        "number": attempt.number,
        "at": timestamps.show(attempt.at),
        "status_code": attempt.outcome.status_code,
        "error": attempt.outcome.error,
        "duration_ms": took,
    }
    attempts = documents.encode([*documents.decode_list(delivery["attempts"]), entry])
    account.store.run(
        "UPDATE pantheon_deliveries SET attempts = ?, updated_at = ? WHERE id = ?",
        *(attempts, attempt.at + took * 1000, delivery["id"]),
    )
    if delivery["status"] == "pending":  # else the webhook was disabled or deleted while the receiver was answering
        _conclude(account, delivery, attempt)


def _conclude(account: Account, delivery: sqlite3.Row, attempt: Attempt) -> None:
    if attempt.outcome.is_received:
        _set_status(account, delivery, "succeeded")
        account.store.run("UPDATE pantheon_webhooks SET failures_in_a_row = 0 WHERE id = ?", delivery["webhook_id"])
    elif attempt.number > len(PAUSES):
        _set_status(account, delivery, "failed")
        _count_failure(account, delivery["webhook_id"])
    else:
        _plan_next(account, delivery, attempt)


def _set_status(account: Account, delivery: sqlite3.Row, status: str) -> None:
    account.store.run(
        "UPDATE pantheon_deliveries SET status = ?, next_attempt_at = NULL WHERE id = ?", status, delivery["id"]
    )


def _plan_next(account: Account, delivery: sqlite3.Row, attempt: Attempt) -> None:
    due_at = attempt.at + PAUSES[attempt.number - 1]
    account.store.run("UPDATE pantheon_deliveries SET next_attempt_at = ? WHERE id = ?", due_at, delivery["id"])
    timestamps.plant(account.world, due_at, "wake_deliveries")


def _count_failure(account: Account, webhook_id: str) -> None:
    webhook = account.find(WEBHOOK, webhook_id)
    failures = webhook["failures_in_a_row"] + 1
    account.store.run("UPDATE pantheon_webhooks SET failures_in_a_row = ? WHERE id = ?", failures, webhook_id)
    if failures >= FAILURES_BEFORE_DISABLING:
        account.change(WEBHOOK, webhook, status="disabled")
        fail_pending(account, webhook_id)


def wake(world: World, given: JsonObject) -> object:
    """Look for attempts that have fallen due."""
    arguments.only(given)
    world.background_jobs.wake()
    return None
