"""The options that the clients of all platforms take."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any, TypedDict

from attrs import frozen
from trilogue_generated.runtime.unset import UNSET, Unset

from ._clock import Clock, SystemClock
from ._http.messages import Timeout
from ._http.transports import AsyncTransport, HttpSettings, SyncTransport
from ._options import Options
from ._waits import OnWait
from .errors import InvalidArgument


class CommonOptions(TypedDict, total=False):
    """Options of every client, all optional.

    timeout: seconds to wait for each read or write (60); to connect, ten at most.
    deadline: seconds a call may take in all, waits for the rate limit included; unset, 120 for a single call and none
        for iterating over a list. A wait that would pass it raises `RateLimited` at once.
    max_attempts: how often a call is sent at most, retries included (3).
    on_wait: called with a `Wait` before a pause of more than a second.
    headers: added to each request.
    verify: an SSL context that replaces the usual certificates.
    allow_http: allow plain http to a machine other than this one; the token can then be read on the way.
    clock: a `Clock`, for tests.
    """

    timeout: float | Timeout
    deadline: float | None
    max_attempts: int
    on_wait: OnWait | None
    headers: Mapping[str, str]
    verify: ssl.SSLContext
    allow_http: bool
    clock: Clock


class SyncOptions(CommonOptions, total=False):
    """`CommonOptions`, and transport: an httpx transport that replaces the network."""

    transport: SyncTransport


class AsyncOptions(CommonOptions, total=False):
    """`CommonOptions`, and transport: an httpx transport that replaces the network."""

    transport: AsyncTransport


@frozen(repr=False, eq=False)
class Settings:
    """The checked options, grouped by what needs them."""

    options: Options
    http: HttpSettings
    clock: Clock
    allow_http: bool


def check_settings(
    *,
    timeout: float | Timeout = 60.0,
    deadline: float | Unset | None = UNSET,
    max_attempts: int = 3,
    on_wait: OnWait | None = None,
    headers: Mapping[str, str] | None = None,
    verify: ssl.SSLContext | None = None,
    allow_http: bool = False,
    clock: Clock | None = None,
    transport: Any = None,
    **unknown: object,
) -> Settings:
    """Check the options of a client.

    Raises:
        InvalidArgument: one of them is wrong.
        TypeError: there is no such option.
    """
    for name in unknown:
        raise TypeError(f"unexpected keyword argument {name!r}; options are {', '.join(SyncOptions.__annotations__)}")
    if verify is not None and not isinstance(verify, ssl.SSLContext):
        raise InvalidArgument("verify: expected an ssl.SSLContext; certificates cannot be left unchecked")
    options = Options().changed(
        timeout=timeout, deadline=deadline, max_attempts=max_attempts, on_wait=on_wait, headers=headers or {}
    )
    return Settings(options, HttpSettings(transport, verify), clock or SystemClock(), allow_http)
