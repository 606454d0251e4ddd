"""The options that the clients of all platforms take."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Mapping
from hashlib import sha256
from os import PathLike
from typing import Any, TypeVar

from msgspec import Struct

from ._clock import Clock, SystemClock
from ._events import log_as_environment_says
from ._http.transports import AsyncTransport, HttpSettings, SyncTransport
from ._numbers import is_integer
from ._options import Options
from ._pacing.counts import Counts, LocalCounts, SharedCounts, Store
from ._quota import RetryQuota
from ._records import Record
from .errors import InvalidArgument

Count = TypeVar("Count", bound=Struct)

CLOCK_METHODS = ("now", "monotonic", "sleep", "sleep_async", "random")
TRANSPORT_METHODS = ("handle_request", "handle_async_request")


class Settings(Record, frozen=True):
    """The checked options, grouped by what needs them."""

    options: Options
    http: HttpSettings
    clock: Clock
    allow_http: bool
    quota: RetryQuota
    store: Store | None = None

    def counts(self, platform: str, base_url: str, credential: str, begin: Callable[..., Count]) -> Counts[Count]:
        """Return the counts of an account's requests, shared with others where the caller named a store."""
        if self.store is None:
            return LocalCounts(begin)
        account = sha256(credential.encode()).hexdigest()[:16]
        return SharedCounts(self.store, f"trilogue:{platform}:{base_url}:{account}:", begin)


def check_settings(
    *,
    retry_quota: int,
    budget: str | PathLike[str] | None,
    headers: Mapping[str, str] | None,
    verify: ssl.SSLContext | None,
    allow_http: bool,
    clock: Clock | None,
    transport: SyncTransport | AsyncTransport | None,
    **options: Any,
) -> Settings:
    """Check the options of a client; `options` are those that `with_options` can change.

    Raises:
        InvalidArgument: one of them is wrong.
    """
    if verify is not None and not isinstance(verify, ssl.SSLContext):
        raise InvalidArgument(
            "verify: expected an ssl.SSLContext, such as ssl.create_default_context(cafile='ca.pem');"
            " certificates cannot be left unchecked"
        )
    if not isinstance(allow_http, bool):
        raise InvalidArgument(f"allow_http: expected True or False, not {type(allow_http).__name__}")
    if clock is not None and not all(hasattr(clock, name) for name in CLOCK_METHODS):
        raise InvalidArgument(f"clock: expected a Clock, with {'(), '.join(CLOCK_METHODS)}()")
    if transport is not None and not any(hasattr(transport, name) for name in TRANSPORT_METHODS):
        raise InvalidArgument(f"transport: expected a transport of httpx or httpx2, not {type(transport).__name__}")
    checked = Options().changed(headers={} if headers is None else headers, **options)
    if not is_integer(retry_quota, 0):
        raise InvalidArgument("retry_quota: expected an integer of at least 0")
    log_as_environment_says()
    return Settings(
        checked,
        HttpSettings(transport, verify),
        SystemClock() if clock is None else clock,
        allow_http,
        RetryQuota(retry_quota),
        None if budget is None else _open_store(budget),
    )


def _open_store(budget: str | PathLike[str]) -> Store:
    from ._pacing.stores import open_store  # here, because only programs that share a budget need it

    return open_store(budget)


def from_environment(name: str, value: str | None, variable: str) -> str | None:
    """Return a setting, or what an environment variable says in place of None or an empty one; None for neither.

    Raises:
        InvalidArgument: the setting is no string.
    """
    if value is not None and not isinstance(value, str):
        raise InvalidArgument(f"{name}: expected a string, not {type(value).__name__}")
    return value or os.environ.get(variable)
