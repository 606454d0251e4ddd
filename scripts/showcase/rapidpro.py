"""RapidPro: list, create, update, send, meet the rate limit, meet an error."""

from __future__ import annotations

import random
import time
from datetime import timedelta

from trilogue import BadRequest, RapidPro, Wait
from trilogue_sandbox import Sandbox

from showcase.screen import countdown, progress, tell, title

CONTACTS, MESSAGES = 1_200, 3_000
HOURLY_LIMIT = 25


class MovedClock:
    """The client's clock: a wait moves the sandbox's clock on, so that an hour takes a moment."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Move the clock of `sandbox`."""
        self._sandbox = sandbox

    def now(self) -> float:
        """Return the sandbox's time."""
        return self._sandbox.now().timestamp()

    def monotonic(self) -> float:
        """Return the sandbox's time, which is never set back here."""
        return self.now()

    def sleep(self, seconds: float) -> None:
        """Show the wait and move the clock."""
        countdown(seconds)
        self._sandbox.advance(timedelta(seconds=seconds))

    async def sleep_async(self, seconds: float) -> None:
        """Do the same."""
        self.sleep(seconds)

    def random(self) -> float:
        """Return a number from 0 up to 1."""
        return random.random()


def show(sandbox: Sandbox, address: str) -> str:
    """Show RapidPro and return a line about it."""
    title("2. RapidPro")
    token = str(sandbox.accounts("rapidpro")[0].credentials["token"])
    with RapidPro(token, host=f"{address}/rapidpro", clock=MovedClock(sandbox), on_wait=_say, deadline=None) as client:
        _seed(client, sandbox)
        listed = sum(1 for _ in progress(client.contacts.list(), "Listed all contacts", CONTACTS))
        _write(client, sandbox)
        calls = _meet_the_rate_limit(client, sandbox)
        _meet_an_error(client)
    return f"RapidPro: {listed:,} contacts listed; one created, changed and written to; {calls} calls within the limit"


def _seed(client: RapidPro, sandbox: Sandbox) -> None:
    start = time.monotonic()
    missing = CONTACTS - sum(1 for _ in client.contacts.list())
    sandbox.seed_data("rapidpro", {"contacts": missing, "messages": MESSAGES})
    tell("Seeded", f"{CONTACTS:,} contacts, {MESSAGES:,} messages in {time.monotonic() - start:.1f} s")


def _write(client: RapidPro, sandbox: Sandbox) -> None:
    contact = client.contacts.create(name="Ana", urns=["tel:+250788123123"], language="eng")
    tell("Created a contact", f"{contact!r}")
    contact = client.contacts.update(uuid=contact.uuid, name="Ana Uwase")
    tell("Changed its name", f"{contact.name}, modified {contact.modified_on:%H:%M:%S}")
    message = client.messages.send(contact=contact.uuid, text="Welcome, Ana!")
    sandbox.advance(timedelta(minutes=1))
    arrived = next(iter(client.messages.list(contact=contact.uuid)))
    tell("Sent a message", f"{message.status}, and a minute later {arrived.status}")


def _meet_the_rate_limit(client: RapidPro, sandbox: Sandbox) -> int:
    sandbox.control("rapidpro", "throttle", {"scope": "v2", "limit": HOURLY_LIMIT})
    calls = HOURLY_LIMIT + 5
    for _ in progress(range(calls), f"Made {calls} calls, {HOURLY_LIMIT}/hour", calls):
        client.workspace.get()
    return calls


def _meet_an_error(client: RapidPro) -> None:
    try:
        client.contacts.create(urns=["tel:123"], language="english")
    except BadRequest as error:
        tell("A typed error", f"{type(error).__name__}: {error}")
        tell("  its field_errors", f"{dict(error.field_errors)}")


def _say(wait: Wait) -> None:
    tell("The rate limit is hit", f"waits {wait.seconds / 60:.0f} minutes, to {wait.until:%H:%M} (the clock is moved)")
