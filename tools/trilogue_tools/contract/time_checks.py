"""Times are meant as they are said: in their units, from now on, and over when they are over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

from attrs import define, field
from trilogue._auth import StaticAuth

from trilogue_tools.drift.endpoints import Endpoint
from trilogue_tools.drift.findings import Finding
from trilogue_tools.drift.server import Exchange, Server

HOUR = timedelta(hours=1)
_SLACK = 2.0
_BUDGET_CALLS = 3
_TOKEN_MARGIN = timedelta(minutes=5)
_CREATED = ("created_on", "created_at", "createdAt")
_ENDS = ("expires_at", "expiresAt", "expires_on", "timeoutAt")
_LIFETIME = re.compile(r"ttl|lifetime|expires_in", re.IGNORECASE)


class Clock(Protocol):
    """The clock of a server that can be moved; a sandbox has one."""

    def now(self) -> datetime:
        """Return its time."""
        ...

    def advance(self, by: timedelta) -> object:
        """Move it forward."""
        ...


def check_fresh(endpoint: Endpoint, exchange: Exchange) -> Iterator[Finding]:
    """What was just created was created now, by the clock of the server."""
    shown, date = endpoint.result(exchange.body), exchange.headers.get("date")
    if not isinstance(shown, dict) or date is None:
        return
    now = parsedate_to_datetime(date)
    for name in _CREATED:
        moment = _moment(shown.get(name))
        if moment is not None and abs(moment - now) > HOUR:
            yield Finding(endpoint.name, exchange.status or 0, "a time of creation is not now", name)


def check_lifetime(endpoint: Endpoint, sent: Mapping[str, Any], shown: Any) -> Iterator[Finding]:
    """What is to live for some seconds ends that long after its creation."""
    if not isinstance(shown, dict):
        return
    seconds = next((value for name, value in sent.items() if _LIFETIME.search(name) and isinstance(value, int)), None)
    began = next((found for name in _CREATED if (found := _moment(shown.get(name)))), None)
    ends = next((found for name in _ENDS if (found := _moment(shown.get(name)))), None)
    if seconds and began and ends and abs((ends - began).total_seconds() - seconds) > _SLACK:
        yield Finding(endpoint.name, 200, "a lifetime is not as it was sent", "")


def check_expiry(endpoint: Endpoint, shown: Any, read: Callable[[], Any], clock: Clock) -> Iterator[Finding]:
    """What has a status for the time after its end has it then, and not before."""
    statuses = endpoint.description.resolve(endpoint.row_schema.get("properties", {}).get("status", {})).get("enum", ())
    ends = next((found for name in _ENDS if isinstance(shown, dict) and (found := _moment(shown.get(name)))), None)
    if "expired" not in statuses or ends is None or ends <= clock.now():
        return
    clock.advance(max(ends - clock.now() - timedelta(seconds=30), timedelta()))
    if _status(read()) == "expired":
        yield Finding(endpoint.name, 200, "it expires too early", "status")
    clock.advance(timedelta(seconds=60))
    if _status(read()) not in ("expired", None):
        yield Finding(endpoint.name, 200, "it does not expire", "status")


def check_token(endpoint: Endpoint, server: Server, values: Mapping[str, Any], clock: Clock) -> Iterator[Finding]:
    """An access token works until its lifetime is over, and not after it."""
    token = server.token
    if token is None:
        return
    caller = server.with_auth(StaticAuth(f"Bearer {token.value}"))
    ends_at = token.issued_at + timedelta(seconds=token.lifetime)
    before = ends_at - _TOKEN_MARGIN - clock.now()
    if before > timedelta():
        clock.advance(before)
        if not caller.send(endpoint, values).is_granted:
            yield Finding(endpoint.name, 401, "an access token ends too early", "")
    clock.advance(max(ends_at - clock.now(), timedelta()) + timedelta(seconds=1))
    if caller.send(endpoint, values).is_granted:
        yield Finding(endpoint.name, 200, "an access token does not expire", "")


@define
class RequestCount:
    """The requests that are left, and those there are, as the responses of a run say."""

    shown: list[tuple[int, int]] = field(factory=list[tuple[int, int]])

    def note(self, exchange: Exchange) -> None:
        """Note what a response says."""
        left, total = (exchange.headers.get(name, "") for name in _rate_headers(exchange.endpoint))
        if exchange.is_granted and left.isdecimal() and total.isdecimal():
            self.shown.append((int(left), int(total)))

    def check(self, endpoint: Endpoint, server: Server, values: Mapping[str, Any]) -> Iterator[Finding]:
        """Not more requests are left than there are, and some call of a run counts.

        Where one less is left than there are, all the time, the count may restart between two calls.
        """
        for _ in range(_BUDGET_CALLS):
            server.send(endpoint, values)
        pointer = f"header/{_rate_headers(endpoint)[0]}"
        if any(left > total for left, total in self.shown):
            yield Finding(endpoint.name, 200, "more requests are left than there are", pointer)
        elif len(self.shown) >= _BUDGET_CALLS and len({left for left, _ in self.shown}) == 1:
            left, total = self.shown[0]
            if left != total - 1:
                yield Finding(endpoint.name, 200, "requests are not counted", pointer)


def _rate_headers(endpoint: Endpoint) -> tuple[str, str]:
    """Return the names of the headers with the requests that are left, and with those there are; empty for none."""
    responses = map(endpoint.description.resolve, endpoint.node["responses"].values())
    names = {
        name.lower() for response in responses for name in response.get("headers", {}) if "ratelimit" in name.lower()
    }
    left = next((name for name in names if name.endswith("remaining")), "")
    total = next((name for name in names if name.endswith(("limit", "total"))), "")
    return left, total


def _status(shown: Any) -> Any:
    return shown.get("status") if isinstance(shown, dict) else None


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else None
