"""Reports each attempt of a call, to the log and to the caller's hooks; never what it holds."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from trilogue_generated.runtime.operation import Operation

from ._clock import Clock
from ._http.messages import HttpResponse
from ._records import Record
from ._redaction import redact

logger = logging.getLogger("trilogue")

LEVELS = {"info": logging.INFO, "debug": logging.DEBUG}
REQUEST_ID = r"[a-zA-Z0-9_.:-]{1,100}"


class AttemptEvent(Struct, frozen=True, kw_only=True):
    """One attempt of a call, as a hook sees it; holds no address, argument or content.

    `call`: the same object for all attempts of one call. `operation`: for example `contacts.list`. `url_template`: the
    URL without what stands in for its parameters, and without a query. `attempt`: its number, from 1. Of a response:
    `status`, `milliseconds` since it was sent, and `request_id` if the platform gives one. `error`: the class of what
    went wrong. Of a retry: `wait`, the seconds until then.
    """

    call: object
    platform: str
    operation: str
    method: str
    url_template: str
    attempt: int
    status: int | None = None
    milliseconds: float | None = None
    request_id: str | None = None
    error: str = ""
    wait: float | None = None


Hook = Callable[[AttemptEvent], None]


class Hooks(Record, frozen=True, eq=True):
    """Called for each attempt; what they raise is logged, for it must not end a call that was sent."""

    on_request: Hook | None = None
    on_response: Hook | None = None
    on_retry: Hook | None = None

    @property
    def are_needed(self) -> bool:
        """Whether anybody listens."""
        hook = self.on_request or self.on_response or self.on_retry
        return hook is not None or logger.isEnabledFor(logging.DEBUG)


class Events:
    """Reports the attempts of one call."""

    def __init__(self, hooks: Hooks, platform: str, base_url: str, operation: Operation[Any], clock: Clock) -> None:
        """Report to these hooks and to the log."""
        self._hooks, self._clock = hooks, clock
        self._platform, self._base_url, self._operation = platform, base_url, operation
        self._is_needed = hooks.are_needed
        self._current: AttemptEvent | None = None
        self._sent_at = 0.0

    def sent(self, attempt: int) -> None:
        """Report an attempt that begins."""
        if self._is_needed:
            self._current, self._sent_at = self._event(attempt), self._clock.monotonic()
            _call(self._hooks.on_request, self._current)

    def ended(self, response: HttpResponse | None, error: str = "") -> None:
        """Report how the attempt ended; a second report of the same attempt is skipped."""
        current, self._current = self._current, None
        if current is None:
            return
        event = replace(
            current,
            status=None if response is None else response.status,
            milliseconds=(self._clock.monotonic() - self._sent_at) * 1000,
            request_id=None if response is None else _request_id(response),
            error=error,
        )
        logger.debug(
            "%s %s: %s in %.0f ms, attempt %d%s",
            event.method,
            event.url_template,
            event.status or event.error,
            event.milliseconds,
            event.attempt,
            f", request {event.request_id}" if event.request_id else "",
        )
        _call(self._hooks.on_response, event)

    def retried(self, attempt: int, reason: str, wait: float) -> None:
        """Report that the call is retried after `wait` seconds, because of what ended this attempt."""
        if not self._is_needed:
            return
        event = replace(self._event(attempt), error=reason, wait=wait)
        logger.debug("%s is retried in %.1f s: attempt %d ended with %s", event.operation, wait, attempt, reason)
        _call(self._hooks.on_retry, event)

    def _event(self, attempt: int) -> AttemptEvent:
        return AttemptEvent(
            call=self,
            platform=self._platform,
            operation=self._operation.name,
            method=self._operation.method,
            url_template=self._base_url + redact(self._operation.path),
            attempt=attempt,
        )


def _call(hook: Hook | None, event: AttemptEvent) -> None:
    if hook is None:
        return
    try:
        hook(event)
    except Exception as error:
        logger.warning("a hook of the client raised %s", type(error).__name__)


def _request_id(response: HttpResponse) -> str | None:
    value = response.headers.get("x-request-id", "")
    return value if re.fullmatch(REQUEST_ID, value) else None


def log_as_environment_says() -> None:
    """Show the log on stderr where TRILOGUE_LOG is `info` (waits) or `debug` (each attempt as well)."""
    level = LEVELS.get(os.environ.get("TRILOGUE_LOG", "").lower())
    if level is None or logger.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(level)
