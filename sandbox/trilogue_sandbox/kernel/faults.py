"""Injected faults, as data: what happens, and to which requests."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeAlias, get_args

import attrs
from attrs.validators import optional

FaultType: TypeAlias = Literal[
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
    "slow_drip",
    "bandwidth",
    "duplicate_delivery",
    "reorder_delivery",
]
"""What a fault does, and what an HTTP client sees of it.

Nothing happens on the platform:
  status           an error response with `status`, in the platform's shape
  rate_limit       the platform's response to too many requests
  expired_token    the platform's response to an expired token
  html             an HTML page with `status` in place of JSON, as a proxy sends it
  reset            the connection is reset: `httpx.ReadError`
  hang             no response comes: `httpx.ReadTimeout`

The platform acts:
  latency          the response comes after `seconds`: `httpx.ReadTimeout` if the client's timeout is shorter
  commit_then_drop the connection closes before the response: `httpx.RemoteProtocolError`
  truncate         the connection closes within the response: `httpx.RemoteProtocolError`
  malformed_json   the response is complete, but its body is not JSON
  slow_drip        the body takes `seconds`, in pieces that come in time for a read timeout
  bandwidth        the body arrives with `bytes_per_second`

An event is posted to a webhook (`operation_id` is that of the webhook in the description):
  duplicate_delivery it is posted twice, with the same id
  reorder_delivery   it is posted after the next one to that webhook, or after `seconds` if none comes
"""

DELIVERY_FAULTS: tuple[FaultType, ...] = ("duplicate_delivery", "reorder_delivery")
"""The faults of what the sandbox posts; all others are those of responses."""

FAULT_TYPES: tuple[FaultType, ...] = get_args(FaultType)

FaultProfile: TypeAlias = Literal["slow", "flaky", "rate-limited", "offline"]
"""A named set of faults: see `Fault.profile`."""

_PROFILES: Mapping[FaultProfile, tuple[Mapping[str, Any], ...]] = {
    "slow": ({"type": "latency", "seconds": 2.0},),
    "flaky": ({"type": "status", "probability": 0.15}, {"type": "reset", "probability": 0.1}),
    "rate-limited": ({"type": "rate_limit", "probability": 0.5, "retry_after": 2},),
    "offline": ({"type": "reset"},),
}
FAULT_PROFILES: tuple[FaultProfile, ...] = get_args(FaultProfile)


def _require_type(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value not in FAULT_TYPES:
        raise ValueError(f"`{attribute.name}` must be one of: {', '.join(FAULT_TYPES)}, not {value!r}")


def _from(least: float, most: float = math.inf) -> Callable[[object, attrs.Attribute[Any], Any], None]:
    """Return a validator of numbers within bounds."""

    def check(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            bounds = f">= {least:g}" if most == math.inf else f">= {least:g} and <= {most:g}"
            raise ValueError(f"`{attribute.name}` must be a number {bounds}, not {value!r}")

    return check


@attrs.frozen
class Fault:
    """One rule: which fault is injected, and into which requests.

    `platform`, `operation_id`, `tag` and `method` are shell patterns, or None for any. Of the requests that match, the
    first `after` pass; then the fault is injected into the `nth` one only (counted from 1), or into each one with
    `probability`, and at most `times` times. `expires_in` seconds of the sandbox's clock after it was added, the rule
    is gone; with None it stays.

    `seconds` belongs to `latency`, `slow_drip` and `reorder_delivery`, `bytes_per_second` to `bandwidth`, `status` to
    `status` and `html`. `retry_after` (seconds) adds a `Retry-After` header to `status` and `rate_limit`; with None
    there is none.
    """

    type: FaultType = attrs.field(validator=_require_type)
    platform: str | None = None
    operation_id: str | None = None
    tag: str | None = None
    method: str | None = None
    nth: int | None = attrs.field(default=None, validator=optional(_from(1)))
    times: int | None = attrs.field(default=None, validator=optional(_from(1)))
    probability: float = attrs.field(default=1.0, validator=_from(0, 1))
    after: int = attrs.field(default=0, validator=_from(0))
    seconds: float = attrs.field(default=1.0, validator=_from(0))
    status: int = attrs.field(default=503, validator=_from(400, 599))
    retry_after: int | None = attrs.field(default=None, validator=optional(_from(0)))
    bytes_per_second: int = attrs.field(default=1024, validator=_from(1))
    expires_in: float | None = attrs.field(default=None, validator=optional(_from(0.001)))

    @classmethod
    def profile(cls, name: FaultProfile, **target: Any) -> tuple[Fault, ...]:
        """Return the faults of a profile; `target` says where and how long, such as `platform` and `expires_in`.

        `slow` adds two seconds to each response, `flaky` fails a quarter of the requests, `rate-limited` half of them
        as too many, `offline` resets each connection.

        Raises:
            ValueError: there is no such profile.
        """
        if name not in _PROFILES:
            raise ValueError(f"there is no profile {name!r}; there is: {', '.join(FAULT_PROFILES)}")
        return tuple(cls(**{**fields, **target}) for fields in _PROFILES[name])

    def duration_of(self, size: int) -> float:
        """Return the seconds that a body of some bytes takes to arrive."""
        if self.type == "slow_drip":
            return self.seconds
        return size / self.bytes_per_second if self.type == "bandwidth" else 0.0

    def matches(self, target: Target) -> bool:
        """Whether the rule applies to this request."""
        pairs = (
            (self.platform, target.platform),
            (self.operation_id, target.operation_id),
            (self.tag, target.tag),
            (self.method and self.method.upper(), target.method),
        )
        return all(pattern is None or fnmatchcase(value, pattern) for pattern, value in pairs)


@attrs.frozen
class Target:
    """What rules match. `operation_id` and `tag` are empty for a path the description does not know."""

    platform: str
    operation_id: str
    tag: str
    method: str
