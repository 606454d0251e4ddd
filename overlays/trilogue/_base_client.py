"""What sync and async clients have in common: the shared core, and copies of a client with other options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from msgspec.structs import replace
from trilogue_generated.runtime.resource import hiding_arguments
from trilogue_generated.runtime.unset import UNSET, Unset

from ._core import Core
from ._drift.differences import OnDrift
from ._events import Hook
from ._http.messages import Timeout
from ._pacing.pacer import Priority
from ._pacing.rates import Rates, tightest
from ._quota import RetryQuota
from ._waits import OnWait


class Client:
    """A sync or async client: the shared core, and copies of it with other options."""

    _core: Core
    _http: Any

    def _copy(self, core: Core) -> Self:
        copy = object.__new__(type(self))
        copy._core, copy._http = core, self._http
        return copy

    @hiding_arguments
    def with_options(
        self,
        *,
        timeout: float | Timeout | Unset = UNSET,
        deadline: float | Unset | None = UNSET,
        max_attempts: int | Unset = UNSET,
        on_wait: OnWait | Unset | None = UNSET,
        on_request: Hook | Unset | None = UNSET,
        on_response: Hook | Unset | None = UNSET,
        on_retry: Hook | Unset | None = UNSET,
        on_drift: OnDrift | Unset | None = UNSET,
        headers: Mapping[str, str] | Unset = UNSET,
        priority: Priority | Unset | None = UNSET,
        extra_query: Mapping[str, str] | Unset = UNSET,
        extra_body: Mapping[str, Any] | Unset = UNSET,
    ) -> Self:
        """Return a client that differs in these options and shares everything else, the connections included.

        Args:
            timeout: seconds to wait for each read or write.
            deadline: seconds a call may take in all, waits for the rate limit included; None for no limit.
            max_attempts: how often a call is sent at most, retries included.
            on_wait: called with a `Wait` before a pause, once those of a call are more than a second.
            on_request: called with an `AttemptEvent` before each attempt.
            on_response: called with an `AttemptEvent` after each attempt.
            on_retry: called with an `AttemptEvent` before each retry.
            on_drift: called with a `Drift` for each difference between a response and the description.
            headers: added to each request.
            priority: `high`, `normal` or `low`: who goes first where calls wait for the rate limit; None for low for
                pages of lists, and normal for all other calls.
            extra_query: added to the query of each request, for parameters this version does not know.
            extra_body: added to the body of each request, for fields this version does not know.

        Raises:
            InvalidArgument: one of them is wrong.
        """
        options = self._core.options.changed(
            timeout=timeout,
            deadline=deadline,
            max_attempts=max_attempts,
            on_wait=on_wait,
            on_request=on_request,
            on_response=on_response,
            on_retry=on_retry,
            on_drift=on_drift,
            headers=headers,
            priority=priority,
            extra_query=extra_query,
            extra_body=extra_body,
        )
        return self._copy(replace(self._core, options=options))

    @property
    def retry_quota(self) -> RetryQuota:
        """What is left for retries, shared by all copies of this client."""
        return self._core.quota

    @property
    def rate(self) -> Rates:
        """The platform's rate limit, as far as is known: `budget`, `used`, `left`, `resets_at`; see `Rate`.

        All copies of this client have the same, and with `budget=` all clients that share it.
        """
        pacer = self._core.pacer
        return tightest(pacer.rates(self._core.clock), pacer.unused)

    def __repr__(self) -> str:
        """Show its address, never its credentials."""
        return f"{type(self).__name__}({self._core.base_url!r})"

    def __getstate__(self) -> Any:
        raise TypeError(
            f"a {type(self).__name__} holds connections and credentials; create another one in the other process"
        )
