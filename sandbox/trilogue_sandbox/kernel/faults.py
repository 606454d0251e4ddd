"""What goes wrong on purpose: rules as data, drawn so that a run can be repeated."""

from __future__ import annotations

import random
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Literal, TypeAlias, get_args

import attrs

FaultKind: TypeAlias = Literal[
    "latency",
    "status",
    "rate_limit",
    "expired_token",
    "html",
    "reset",
    "hang",
    "commit_then_drop",
    "truncate",
    "malformed_json",
]
"""What a fault does, and what an HTTP client sees of it.

Nothing happens on the platform:
  status           an error answer with `status`, in the platform's shape
  rate_limit       the platform's answer to too many requests
  expired_token    the platform's answer to a token that ran out
  html             an HTML page with `status` in place of JSON, as a proxy sends it
  reset            the connection is reset: `httpx.ReadError`
  hang             no answer comes: `httpx.ReadTimeout`

The platform acts:
  latency          the answer comes after `seconds`: `httpx.ReadTimeout` where the client will not wait that long
  commit_then_drop the connection closes before the answer: `httpx.RemoteProtocolError`
  truncate         the connection closes in the middle of the answer: `httpx.RemoteProtocolError`
  malformed_json   the answer comes whole, but its body is not JSON
"""

FAULT_KINDS: tuple[FaultKind, ...] = get_args(FaultKind)


@attrs.frozen
class Fault:
    """One rule: what goes wrong, and with which requests.

    `platform`, `operation_id`, `tag` and `method` are shell patterns, or None for any. Of the requests that fit, the
    first `after` pass; then the fault strikes the `nth` one only (counted from 1), or each one with `probability`, and
    at most `times` times.

    `seconds` belongs to `latency`, `status` to `status` and `html`. `retry_after` (seconds) adds a `Retry-After` header
    to `status` and `rate_limit`; with None there is none.
    """

    kind: FaultKind = attrs.field(validator=attrs.validators.in_(FAULT_KINDS))
    platform: str | None = None
    operation_id: str | None = None
    tag: str | None = None
    method: str | None = None
    nth: int | None = attrs.field(default=None, validator=attrs.validators.optional(attrs.validators.ge(1)))
    times: int | None = attrs.field(default=None, validator=attrs.validators.optional(attrs.validators.ge(1)))
    probability: float = attrs.field(default=1.0, validator=(attrs.validators.ge(0), attrs.validators.le(1)))
    after: int = attrs.field(default=0, validator=attrs.validators.ge(0))
    seconds: float = attrs.field(default=1.0, validator=attrs.validators.ge(0))
    status: int = attrs.field(default=503, validator=(attrs.validators.ge(400), attrs.validators.le(599)))
    retry_after: int | None = attrs.field(default=None, validator=attrs.validators.optional(attrs.validators.ge(0)))

    def fits(self, target: Target) -> bool:
        """Whether the rule speaks of this request."""
        pairs = (
            (self.platform, target.platform),
            (self.operation_id, target.operation_id),
            (self.tag, target.tag),
            (self.method and self.method.upper(), target.method),
        )
        return all(pattern is None or fnmatchcase(value, pattern) for pattern, value in pairs)


@attrs.frozen
class Target:
    """What rules look at. `operation_id` and `tag` are empty for a path the description does not know."""

    platform: str
    operation_id: str
    tag: str
    method: str


@attrs.define
class Rule:
    """A fault in force: how many requests fitted it, and how many of those it struck."""

    number: int
    fault: Fault
    seen: int = 0
    fired: int = 0

    def strikes(self, seed: int, request_number: int) -> bool:
        """Count a request that fits, and decide whether the fault strikes it."""
        self.seen += 1
        turn = self.seen - self.fault.after
        if turn < 1 or (self.fault.nth is not None and turn != self.fault.nth):
            return False
        if self.fault.times is not None and self.fired >= self.fault.times:
            return False
        return random.Random(f"{seed}:{self.number}:{request_number}").random() < self.fault.probability


class Faults:
    """The faults in force. The same seed, rules and requests give the same faults."""

    def __init__(self, seed: int, faults: Iterable[Fault] = ()) -> None:
        self._seed = seed
        self._first = tuple(faults)
        self._rules: tuple[Rule, ...] = ()
        self._added = 0
        self.reset()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in force, with their counts, in the order they were added."""
        return self._rules

    def add(self, *faults: Fault) -> tuple[Rule, ...]:
        """Put more faults in force."""
        rules = tuple(Rule(self._added + position, fault) for position, fault in enumerate(faults, 1))
        self._added += len(rules)
        self._rules = (*self._rules, *rules)
        return rules

    def clear(self) -> None:
        """Put an end to all faults."""
        self._rules = ()

    def reset(self) -> None:
        """Go back to the faults of the start, none of which has struck yet."""
        self.clear()
        self._added = 0
        self.add(*self._first)

    def draw(self, request_number: int, target: Target) -> tuple[float, Fault | None]:
        """Return the seconds of latency that strike a request, and the one other fault that does.

        Where several rules would strike, the first one does; latency adds up and comes on top.
        """
        latency, struck = 0.0, None
        for rule in self._rules:
            if not rule.fault.fits(target) or not rule.strikes(self._seed, request_number):
                continue
            if rule.fault.kind == "latency":
                latency += rule.fault.seconds
            elif struck is None:
                struck = rule.fault
            else:
                continue
            rule.fired += 1
        return latency, struck
