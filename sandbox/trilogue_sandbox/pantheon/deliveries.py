"""Attempts to deliver events to webhooks: when they are made, how they are signed, and what comes of them."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterable

import attrs
import msgspec

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.resource import Resource
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import HOUR, MILLISECOND, MINUTE, SECOND
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.pantheon import posting
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.operations import AppExchange
from trilogue_sandbox.pantheon.posting import TIMEOUT_SECONDS, Outcome
from trilogue_sandbox.pantheon.webhooks import DELIVERIES, EVENTS, WEBHOOKS, fail_pending

PAUSES = (30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR)
"""How long after an unsuccessful attempt the next one is made; after the sixth there is none."""

FAILURES_BEFORE_DISABLING = 20

USER_AGENT = "Pantheon-Webhooks/1.0"


def sign(body: bytes, second: int, secrets: Iterable[str]) -> str:
    """Return the value of `X-Pantheon-Signature`: a time in seconds since 1970, and a signature by each secret."""
    signed = str(second).encode() + b"." + body
    signatures = [hmac.digest(secret.encode(), signed, hashlib.sha256).hex() for secret in secrets]
    return ",".join([f"t={second}", *(f"v1={signature}" for signature in signatures)])


@attrs.define
class Attempt:
    """One attempt to deliver an event: a background job.

    `at` is when it is made. With a clock that stands still that is when it was due, and it takes no time unless it
    times out, so that what is recorded does not depend on the machine.
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

    @classmethod
    def of(cls, account: Account, row: Row, at: int) -> Attempt:
        """Prepare the next attempt of a delivery."""
        webhook = account.find(WEBHOOKS, row["webhook_id"])
        body = msgspec.json.encode(account.records.get(EVENTS, row["event_id"])["body"])
        headers = {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "X-Pantheon-Delivery": row["id"],
            "X-Pantheon-Signature": sign(body, at // SECOND, _secrets(webhook, at)),
        }
        return cls(account, row["id"], len(row["attempts"]) + 1, at, webhook["url"], headers, body)

    async def run(self) -> None:
        """Post the event."""
        began = time.monotonic()
        self.outcome = await posting.post(self.url, self.headers, self.body)
        is_running = self.account.world.clock.is_running
        self.seconds = time.monotonic() - began if is_running else TIMEOUT_SECONDS * self.outcome.has_timed_out

    def finish(self) -> None:
        """Record the outcome."""
        row = self.account.get(DELIVERIES, self.delivery_id)
        if row is None:
            return
        duration = round(self.seconds * 1000)
        entry: JsonObject = {
            "number": self.number,
            "at": self.account.world.timestamps.format(self.at),
            "status_code": self.outcome.status_code,
            "error": self.outcome.error,
            "duration_ms": duration,
        }
        changes = {"attempts": [*row["attempts"], entry], "updated_at": self.at + duration * MILLISECOND, "turn": 0}
        if row["status"] == "pending":  # else the webhook was disabled or deleted while the receiver was responding
            changes |= self._conclude(row["webhook_id"])
        self.account.records.touch(DELIVERIES, row, **changes)

    def _conclude(self, webhook_id: str) -> dict[str, str | int | None]:
        """Return what the outcome changes about the delivery, and count it for the webhook."""
        if self.outcome.is_received:
            self.account.select(WEBHOOKS, id=webhook_id).change("failures_in_a_row = 0")
            return {"status": "succeeded", "next_attempt_at": None}
        if self.number > len(PAUSES):
            _count_failure(self.account, webhook_id)
            return {"status": "failed", "next_attempt_at": None}
        due_at = self.at + PAUSES[self.number - 1]
        self.account.world.schedule(due_at, "wake_deliveries")
        return {"next_attempt_at": due_at}


@attrs.frozen
class Deliveries:
    """All deliveries: a source of background jobs."""

    world: World

    def next_attempt(self) -> Attempt | None:
        """Return the attempt that has been due longest."""
        now = self.world.now
        pending = self.world.records.select(DELIVERIES).where("item.status = 'pending'")
        row = pending.where("item.next_attempt_at <= ?", now).first("ORDER BY next_attempt_at, turn, id")
        if row is None:
            return None
        at = now if self.world.clock.is_running else row["next_attempt_at"]
        return Attempt.of(Account(self.world, row["account_id"]), row, at)


def _secrets(webhook: Row, at: int) -> list[str]:
    is_overlapping = webhook["old_secret"] is not None and at < webhook["old_secret_until"]
    return [webhook["secret"], webhook["old_secret"]] if is_overlapping else [webhook["secret"]]


def _count_failure(account: Account, webhook_id: str) -> None:
    account.select(WEBHOOKS, id=webhook_id).change("failures_in_a_row = failures_in_a_row + 1")
    webhook = account.find(WEBHOOKS, webhook_id)
    if webhook["failures_in_a_row"] >= FAILURES_BEFORE_DISABLING:
        account.change(WEBHOOKS, webhook, status="disabled")
        fail_pending(account, webhook)


def _wake(world: World, fields: Fields) -> None:
    """Look for attempts that have fallen due."""
    world.background_jobs.wake()


RESOURCE = Resource[AppExchange](jobs={"wake_deliveries": _wake})
