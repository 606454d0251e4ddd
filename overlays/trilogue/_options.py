"""What a caller may set for all calls of a client, or by `with_options` for some."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

import attrs
from attrs import field, frozen
from trilogue_generated.runtime.model import is_mapping
from trilogue_generated.runtime.operation import ANY
from trilogue_generated.runtime.unset import UNSET, Unset

from ._arguments import write_value
from ._http import Timeout
from ._waiting import OnWait
from .errors import InvalidArgument


@frozen(kw_only=True)
class Options:
    """The options of a call.

    `deadline`: the seconds a call may take in all, waits included; unset, it is 120 for a single call and none for a
    page of a walk. `headers`, `extra_query` and `extra_body` are added to each request.
    """

    timeout: Timeout = field(factory=Timeout)
    deadline: float | Unset | None = UNSET
    max_attempts: int = 3
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    extra_query: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    extra_body: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    on_wait: OnWait | None = None

    def changed(self, **changes: Any) -> Options:
        """Return a copy with the given values in place of these; mappings are added to.

        Raises:
            InvalidArgument: one of them is wrong.
        """
        given = {name: _CHECKS[name](name, value) for name, value in changes.items() if not isinstance(value, Unset)}
        for name in ("headers", "extra_query", "extra_body"):
            if name in given:
                given[name] = {**getattr(self, name), **given[name]}
        return attrs.evolve(self, **given)


def _is_duration(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < math.inf


def _timeout(name: str, value: Any) -> Timeout:
    """Return a timeout; a number is the seconds for each read or write, and to connect unless ten are less."""
    if isinstance(value, Timeout) and _is_duration(value.connect) and _is_duration(value.read):
        return value
    if not _is_duration(value):
        raise InvalidArgument(f"{name}: expected a number of seconds above 0, or a Timeout of two such numbers")
    return Timeout(connect=min(10.0, value), read=value)


def _deadline(name: str, value: Any) -> float | None:
    if value is not None and not _is_duration(value):
        raise InvalidArgument(f"{name}: expected a number of seconds above 0, or None for no limit")
    return value


def _max_attempts(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidArgument(f"{name}: expected an integer of at least 1")
    return value


def _on_wait(name: str, value: Any) -> OnWait | None:
    if value is not None and not callable(value):
        raise InvalidArgument(f"{name}: expected a function that takes a Wait")
    return value  # type: ignore[no-any-return]  # checked a line above


def _headers(name: str, value: Any) -> dict[str, str]:
    headers = {key.lower(): text for key, text in _strings(name, value).items()}
    if "authorization" in headers:
        raise InvalidArgument(f"{name}: Authorization is written by the client, from its own credentials")
    for text in (*headers, *headers.values()):
        if not text.isascii() or not text.isprintable():
            raise InvalidArgument(f"{name}: expected printable ASCII alone")
    return headers


def _strings(name: str, value: Any) -> dict[str, str]:
    if not is_mapping(value) or not all(isinstance(text, str) for pair in value.items() for text in pair):
        raise InvalidArgument(f"{name}: expected a mapping of strings to strings")
    return dict(value)


def _extra_body(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidArgument(f"{name}: expected a mapping")
    return write_value(ANY, value, name)  # type: ignore[no-any-return]  # a mapping is written as a dict


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "timeout": _timeout,
    "deadline": _deadline,
    "max_attempts": _max_attempts,
    "on_wait": _on_wait,
    "headers": _headers,
    "extra_query": _strings,
    "extra_body": _extra_body,
}
