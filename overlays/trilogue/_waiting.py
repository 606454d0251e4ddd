"""Looks something up until its state is final."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from trilogue_generated.runtime.model import Model, is_array
from trilogue_generated.runtime.operation import ListOperation, OnProgress, Waiter

from ._calls import MethodErrors, prepare
from ._core import Core
from ._deadline import Deadline
from ._flow import Flow, Sleep
from ._options import check_deadline
from ._pagination.listing import Listing
from ._retries import Attempts, RetryPolicy
from ._sending import send
from ._waits import Waits
from .errors import InvalidArgument, RequestError, WaitError, WaitFailed, WaitTimedOut

Item = TypeVar("Item")

BACKOFF = RetryPolicy(first_backoff=1.0, max_backoff=15.0)
"""The intervals between two look-ups."""

SHORTEST_INTERVAL = 0.25
"""Seconds; with less time left, it is not looked up again."""


def wait(
    core: Core,
    waiter: Waiter[Item],
    key: object,
    arguments: Mapping[str, Any],
    seconds: float | None,
    on_progress: OnProgress[Item] | None,
) -> Flow[Item]:
    """Return what a waiter waits for, once it is in a final state.

    Raises:
        InvalidArgument: the key or the deadline cannot be one; nothing was sent.
        WaitFailed: its final state is a failure.
        WaitTimedOut: it was in no final state before the deadline.
        RequestError: a look-up failed in a way that looking again does not help.
    """
    waiting = _Waiting(core, waiter, key, arguments, seconds)
    while True:
        item = yield from waiting.look()
        if item is not None and on_progress is not None:
            on_progress(item)
        if item is not None and waiting.is_done(item):
            return item
        yield from waiting.pause()


class _Waiting(Generic[Item]):
    """What is waited for, when it was looked up, and what was seen."""

    def __init__(
        self, core: Core, waiter: Waiter[Item], key: object, arguments: Mapping[str, Any], seconds: float | None
    ) -> None:
        self._core, self._waiter = core, waiter
        with MethodErrors(core, waiter.name):
            self._seconds = check_deadline(seconds, "deadline")
            self._key, self._argument, self._value = _identify(waiter, key)
        self._deadline = Deadline(self._seconds, core.clock)
        self._arguments = {**arguments, self._argument: self._value} if self._argument else arguments
        self._waits = Waits(waiter.name, core.options.on_wait)
        self._looks = Attempts()
        self._last: Item | None = None
        self._failure: RequestError | None = None

    def look(self) -> Flow[Item | None]:
        """Return it as it is now; None where it cannot be seen, which may change."""
        self._looks.tried += 1
        try:
            found = yield from self._look_up()
        except RequestError as error:
            if not error.is_safe_to_retry:
                raise
            self._failure = error
            return None
        self._failure = None
        self._last = found if found is not None else self._last
        return found

    def _look_up(self) -> Flow[Item | None]:
        lookup = self._waiter.lookup
        if isinstance(lookup, ListOperation):
            return (yield from self._find_in_pages(cast(ListOperation[Any, Item], lookup)))
        response = yield from send(prepare(self._core, lookup, self._arguments), self._core, self._deadline)
        result = response.parse()
        return self._find(result) if is_array(result) else result

    def _find_in_pages(self, lookup: ListOperation[Any, Item]) -> Flow[Item | None]:
        iteration = Listing(self._core, lookup, self._arguments).begin()
        while iteration.has_next_page:
            iteration.read_page((yield from send(iteration.prepare_page(), self._core, self._deadline)))
            found = self._find(iteration.rest_of_page().items)
            if found is not None:
                return found
        return None

    def _find(self, items: list[Item]) -> Item | None:
        return next((item for item in items if str(getattr(item, self._key)) == str(self._value)), None)

    def is_done(self, item: Item) -> bool:
        """Return whether its state is a success; raise WaitFailed where it is a failure."""
        state = getattr(item, self._waiter.state)
        if state in self._waiter.failure:
            raise self._error(WaitFailed, f"it is {state}, and will not change", is_safe_to_retry=False)
        is_pending = any(state == each and getattr(item, field) for each, field in self._waiter.pending_while)
        return state in self._waiter.success and not is_pending

    def pause(self) -> Flow[None]:
        """Wait before the next look-up, half of the time that is left at most; raise WaitTimedOut where it is over."""
        clock = self._core.clock
        backoff = BACKOFF.backoff(self._looks, clock.random())
        asked = getattr(self._failure, "retry_after", None) or 0.0
        seconds = min(max(backoff, asked), self._deadline.left() / 2)
        if seconds < min(backoff, SHORTEST_INTERVAL) or asked > self._deadline.left():
            raise self._error(WaitTimedOut, f"{self._describe()} after {self._seconds:g} s", is_safe_to_retry=True)
        self._waits.report("pending", seconds, clock.now(), self._looks.tried)
        yield Sleep(seconds)

    def _describe(self) -> str:
        if self._failure is not None:
            return f"the last look-up failed ({type(self._failure).__name__})"
        if self._last is None:
            return f"there is none with this {self._key}"
        return f"it is still {getattr(self._last, self._waiter.state)}"

    def _error(self, error_class: type[WaitError], message: str, *, is_safe_to_retry: bool) -> WaitError:
        return error_class(
            message,
            key=self._value,
            last=self._last,
            state=getattr(self._last, self._waiter.state, None),
            platform=self._core.platform.label,
            operation=self._waiter.name,
            is_safe_to_retry=is_safe_to_retry,
        )


def _identify(waiter: Waiter[Any], key: object) -> tuple[str, str, str | int | UUID]:
    """Return the field and the argument that a key, or that of a model, is a value of, and the value."""
    if isinstance(key, Model):
        for field, argument in waiter.keys:
            value = getattr(key, field, None)
            if value is not None:
                return field, argument, value
    if not isinstance(key, (str, int, UUID)) or isinstance(key, bool) or key == "":
        fields = " or ".join(field for field, _ in waiter.keys)
        raise InvalidArgument(f"expected what to wait for, or its {fields}, not {type(key).__name__}")
    return *_field_for(waiter, key), key


def _field_for(waiter: Waiter[Any], key: str | int | UUID) -> tuple[str, str]:
    """Return the field and the argument that have values of this type, or else the first."""
    integers = {each.name for each in waiter.lookup.parameters if each.schema.type == "integer"}
    fitting = (pair for pair in waiter.keys if (pair[1] in integers) == isinstance(key, int))
    return next(fitting, waiter.keys[0])
