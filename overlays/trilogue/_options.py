"""What a caller may set for all calls of a client, or by `with_options` for some."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

import attrs
from attrs import field, frozen
from trilogue_generated.runtime.model import is_mapping
from trilogue_generated.runtime.operation import ANY
from trilogue_generated.runtime.unset import UNSET, Unset

from ._arguments import fits_in_header, whole, write_value
from ._clock import LONGEST
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
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= LONGEST


def _timeout(name: str, value: Any) -> Timeout:
    """Return a timeout; a number is the seconds for each read or write, and to connect unless ten are less."""
    if isinstance(value, Timeout) and _is_duration(value.connect) and _is_duration(value.read):
        return value
    if not _is_duration(value):
        raise InvalidArgument(f"{name}: expected seconds, above 0 and up to {LONGEST:.0f}, or a Timeout of two such")
    return Timeout(connect=min(10.0, value), read=value)


def _deadline(name: str, value: Any) -> float | None:
    if value is not None and not _is_duration(value):
        raise InvalidArgument(f"{name}: expected seconds, above 0 and up to {LONGEST:.0f}, or None for no limit")
    return value


def _max_attempts(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidArgument(f"{name}: expected an integer of at least 1")
    return value


def _on_wait(name: str, value: Any) -> OnWait | None:
    if value is not None and not callable(value):
        raise InvalidArgument(f"{name}: expected a function that takes a Wait")
    return value  # type: ignore[no-any-return]  # checked a line above


_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
_OWN_HEADERS = ("authorization", "content-length", "transfer-encoding")


def _headers(name: str, value: Any) -> dict[str, str]:
    headers = {key.lower(): text for key, text in strings(name, value).items()}
    for key, text in headers.items():
        if not _HEADER_NAME.fullmatch(key):
            raise InvalidArgument(f"{name}: {key!a} cannot be the name of a header")
        if key in _OWN_HEADERS:
            raise InvalidArgument(f"{name}: {key} is written by the client itself")
        if not fits_in_header(text):
            raise InvalidArgument(f"{name}: {key}: expected printable ASCII alone, without a space at either end")
    return headers


def strings(name: str, value: Any) -> dict[str, str]:
    """Return a mapping of strings to strings; raises InvalidArgument for what is none."""
    if not is_mapping(value) or not all(isinstance(text, str) for pair in value.items() for text in pair):
        raise InvalidArgument(f"{name}: expected a mapping of strings to strings")
    return {whole(key, name): whole(text, name) for key, text in value.items()}


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
    "extra_query": strings,
    "extra_body": _extra_body,
}
