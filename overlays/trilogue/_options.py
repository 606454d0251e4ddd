"""What a caller may set for all calls of a client, or by `with_options` for some."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

from msgspec import field
from msgspec.structs import replace
from trilogue_generated.runtime.model import is_mapping
from trilogue_generated.runtime.operation import ANY
from trilogue_generated.runtime.unset import UNSET, Unset

from ._clock import MAX_SECONDS
from ._drift.differences import OnDrift
from ._events import Hooks
from ._http.messages import Timeout
from ._numbers import is_integer, is_number
from ._pacing.pacer import RANKS, Priority
from ._records import Record
from ._retries import RetryPolicy
from ._serialization.strings import fits_in_header, require_encodable
from ._serialization.values import serialize_value
from ._waits import OnWait
from .errors import InvalidArgument

HOOKS = ("on_request", "on_response", "on_retry")


class Options(Record, kw_only=True, frozen=True, eq=True):
    """The options of a call.

    `deadline`: the seconds a call may take in all, waits included; unset, it is 120 for a single call and none for a
    page of a list. `headers`, `extra_query` and `extra_body` are added to each request.
    """

    timeout: Timeout = field(default_factory=Timeout)
    deadline: float | Unset | None = UNSET
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    extra_query: Mapping[str, str] = field(default_factory=dict[str, str])
    extra_body: Mapping[str, Any] = field(default_factory=dict[str, Any])
    on_wait: OnWait | None = None
    priority: Priority | None = None
    on_drift: OnDrift | None = None
    hooks: Hooks = field(default_factory=Hooks)

    def deadline_or(self, default: float | None) -> float | None:
        """Return the deadline, or the default where the caller set none."""
        return default if isinstance(self.deadline, Unset) else self.deadline

    def changed(self, **changes: Any) -> Options:
        """Return a copy with the given values in place of these; mappings are added to.

        Raises:
            InvalidArgument: one of them is wrong.
        """
        checked = {name: _CHECKS[name](value, name) for name, value in changes.items() if not isinstance(value, Unset)}
        for name in ("headers", "extra_query", "extra_body"):
            if name in checked:
                checked[name] = {**getattr(self, name), **checked[name]}
        if "max_attempts" in checked:
            checked["retry_policy"] = replace(self.retry_policy, max_attempts=checked.pop("max_attempts"))
        hooks = {name: checked.pop(name) for name in HOOKS if name in checked}
        return replace(self, hooks=replace(self.hooks, **hooks), **checked)


def _is_duration(value: object) -> TypeGuard[float]:
    return is_number(value, 0, MAX_SECONDS) and value > 0


def _check_timeout(value: Any, name: str) -> Timeout:
    """Return a timeout; a number is the seconds for each read or write, and to connect unless ten are less."""
    if isinstance(value, Timeout) and _is_duration(value.connect) and _is_duration(value.read):
        return value
    if not _is_duration(value):
        raise InvalidArgument(f"{name}: expected seconds above 0 and up to {MAX_SECONDS:.0f}, or a Timeout of two such")
    return Timeout(connect=min(10.0, value), read=value)


def check_deadline(value: Any, name: str) -> float | None:
    """Return a deadline in seconds; raises InvalidArgument for what cannot be one."""
    if value is not None and not _is_duration(value):
        raise InvalidArgument(f"{name}: expected seconds above 0 and up to {MAX_SECONDS:.0f}, or None for no limit")
    return value


def _check_max_attempts(value: Any, name: str) -> int:
    if not is_integer(value, 1):
        raise InvalidArgument(f"{name}: expected an integer of at least 1")
    return value


def _check_priority(value: Any, name: str) -> Priority | None:
    if value not in (*RANKS, None):
        raise InvalidArgument(f"{name}: expected one of {', '.join(RANKS)}, or None")
    priority: Priority | None = value
    return priority


def _check_function(value: Any, name: str) -> Any:
    if value is not None and not callable(value):
        takes = {"on_wait": "a Wait", "on_drift": "a Drift"}.get(name, "an AttemptEvent")
        raise InvalidArgument(f"{name}: expected a function that takes {takes}, or None")
    return value


_HEADER_NAME = r"[!#$%&'*+.^_`|~0-9a-z-]+"
_OWN_HEADERS = ("authorization", "content-length", "transfer-encoding")


def _check_headers(value: Any, name: str) -> dict[str, str]:
    headers = {key.lower(): text for key, text in require_strings(value, name).items()}
    for key, text in headers.items():
        if not re.fullmatch(_HEADER_NAME, key):
            raise InvalidArgument(f"{name}: {key!a} is not a valid header name; use letters, digits and hyphens")
        if key in _OWN_HEADERS:
            raise InvalidArgument(f"{name}: {key} is set by the client itself; leave it out")
        if not fits_in_header(text):
            raise InvalidArgument(f"{name}: {key}: expected printable ASCII without a space at either end")
    return headers


def require_strings(value: Any, name: str) -> dict[str, str]:
    """Return a mapping of strings to strings; raises InvalidArgument for anything else."""
    if not is_mapping(value) or not all(isinstance(text, str) for pair in value.items() for text in pair):
        raise InvalidArgument(f"{name}: expected a mapping of strings to strings")
    return {require_encodable(key, name): require_encodable(text, name) for key, text in value.items()}


def _check_extra_body(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidArgument(f"{name}: expected a mapping")
    return serialize_value(ANY, value, name)  # type: ignore[no-any-return]  # a mapping is serialized as a dict


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "timeout": _check_timeout,
    "deadline": check_deadline,
    "max_attempts": _check_max_attempts,
    "priority": _check_priority,
    **dict.fromkeys(("on_wait", "on_drift"), _check_function),
    **dict.fromkeys(HOOKS, _check_function),
    "headers": _check_headers,
    "extra_query": require_strings,
    "extra_body": _check_extra_body,
}
