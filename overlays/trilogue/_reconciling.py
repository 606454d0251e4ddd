"""Looks for the effect of a request whose outcome is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from attrs import field, frozen
from msgspec.json import decode
from trilogue_generated.runtime.model import is_array, is_mapping, parse_datetime
from trilogue_generated.runtime.operation import Effect, ListOperation, Operation

from ._calls import CALL_DEADLINE, PreparedCall, prepare
from ._clock import MAX_SECONDS, to_datetime
from ._core import Core
from ._deadline import Deadline
from ._flow import Flow, Sleep
from ._numbers import is_number
from ._outcomes import Attempt
from ._pagination.listing import Listing
from ._probing import KEYS_LAST, probe
from ._responses import Response
from ._retry_after import server_time
from ._sending import send
from ._serialization.values import serialize_value
from .errors import DecodeError, InvalidArgument, RequestError

CLOCK_MARGIN = 5.0
"""Seconds by which a platform may seem to have created something before it was asked to."""

MAX_PAGES = 20
"""Pages of a list that are looked through."""

Outcome = Literal["carried_out", "not_carried_out", "cannot_tell"]


@frozen
class Reconciliation:
    """What became of a request.

    `outcome`: `carried_out`, `not_carried_out` or `cannot_tell`. `object`: what it created, if it was carried out.
    `reason`: why that is known, or why it is not and what to do.
    """

    outcome: Outcome
    object: Any = field(default=None, repr=False)
    reason: str = ""


def reconcile(core: Core, error: Exception, settle: float) -> Flow[Reconciliation]:
    """Return what became of the request of a failed call.

    Raises:
        InvalidArgument: it is no error of a call, or of one to another server.
        RequestError: looking failed.
    """
    if not isinstance(error, RequestError):
        raise InvalidArgument(f"error: expected the error of a call, not {type(error).__name__}")
    if not is_number(settle, 0, MAX_SECONDS):
        raise InvalidArgument("settle: expected seconds, 0 or more")
    attempt = error.attempt
    if not isinstance(attempt, Attempt):
        return Reconciliation("cannot_tell", None, "the error does not have its request, which is in no pickle")
    if not attempt.call.url.startswith(core.base_url):
        raise InvalidArgument("error: it is of a call to another server; ask a client of that one")
    if not attempt.attempts.is_ambiguous and not isinstance(error, DecodeError):
        return Reconciliation("not_carried_out", None, "nothing was sent, or the platform refused it")
    if attempt.call.operation.effect is None:
        harmless = "; it is idempotent, so call it again" if error.is_safe_to_retry else _way_out(error)
        return Reconciliation("cannot_tell", None, f"nothing shows the effect of {error.operation}{harmless}")
    look = _Look(core, attempt, attempt.call.operation.effect(), error)
    return (yield from look.until_settled(settle))


def _way_out(error: RequestError) -> str:
    """Return what helps where one cannot look, if anything does."""
    if error.idempotency_key is None:
        return ""
    return "; call it again with the same idempotency key, error.idempotency_key, and it is carried out once in all"


class _Look:
    """One request, and the look for its effect."""

    def __init__(self, core: Core, attempt: Attempt, effect: Effect, error: RequestError) -> None:
        self._core, self._attempt, self._effect, self._error = core, attempt, effect, error
        self._request = _fields(attempt.call)
        self._lookup: Operation[Any] = effect.lookup or attempt.call.operation
        self._deadline = Deadline(core.options.deadline_or(CALL_DEADLINE), core.clock)
        self._ahead = 0.0
        self._is_whole = True

    def until_settled(self, settle: float) -> Flow[Reconciliation]:
        """Look, and if there is nothing, look once more when the platform can no longer be at it."""
        if self._effect.probe:
            return (yield from self._ask_for_key())
        found = yield from self._look()
        left = self._attempt.sent_at + settle - self._core.clock.now()
        if found.outcome == "not_carried_out" and left > 0:
            yield Sleep(left)
            found = yield from self._look()
        return found

    def _ask_for_key(self) -> Flow[Reconciliation]:
        """Ask whether the idempotency key is known; a platform that is still at it lets the question wait."""
        call = self._attempt.call
        if self._core.clock.now() - self._attempt.sent_at > KEYS_LAST:
            return Reconciliation("cannot_tell", None, "the platform remembers an idempotency key for a day only")
        found = yield from probe(self._core, call, self._request, self._effect.probe, self._deadline)
        if isinstance(found, Response):
            return Reconciliation("carried_out", found.parse(), "the platform knows its idempotency key")
        if found:
            return Reconciliation("not_carried_out", None, "the platform does not know its idempotency key")
        return Reconciliation("cannot_tell", None, f"the platform does not say{_way_out(self._error)}")

    def _look(self) -> Flow[Reconciliation]:
        rows = yield from self._rows()
        candidates = [row for row in rows if self._may_be(row)]
        likely = [row for row in candidates if self._fits(row, self._effect.hints) and self._is_after(row)]
        is_shown = not any(name in self._request for name in self._effect.unseen)
        if len(likely) == 1 and is_shown:
            return Reconciliation("carried_out", likely[0], "it is listed since then")
        if candidates:
            reason = f"{len(candidates)} are listed since then that may be its effect{_way_out(self._error)}"
            return Reconciliation("cannot_tell", None, reason)
        if not self._is_whole:
            reason = f"more than {MAX_PAGES} pages are listed since then{_way_out(self._error)}"
            return Reconciliation("cannot_tell", None, reason)
        return Reconciliation("not_carried_out", None, "nothing like it is listed since then")

    def _rows(self) -> Flow[list[Any]]:
        lookup, arguments = self._lookup, self._arguments()
        if isinstance(lookup, ListOperation):
            return (yield from self._rows_of_pages(cast(ListOperation[Any, object], lookup), arguments))
        response = yield from send(prepare(self._core, lookup, arguments), self._core, self._deadline)
        self._note_clock(response)
        return [*response.parse()]

    def _rows_of_pages(self, lookup: ListOperation[Any, object], arguments: Mapping[str, Any]) -> Flow[list[Any]]:
        rows: list[Any] = []
        self._is_whole = True
        iteration = Listing(self._core, lookup, arguments).begin()
        for _ in range(MAX_PAGES):
            response = yield from send(iteration.prepare_page(), self._core, self._deadline)
            self._note_clock(response)
            iteration.read_page(response)
            rows += iteration.rest_of_page().items
            if not iteration.has_next_page or self._is_past(rows):
                break
        else:
            self._is_whole = False
        return rows

    def _arguments(self) -> dict[str, Any]:
        """Return the arguments of the look-up; a value that one cannot take narrows nothing."""
        parameters = {each.wire: each for each in self._lookup.parameters}
        arguments: dict[str, Any] = {}
        for wire, path in self._effect.by:
            value = _at(self._request, path)
            if value is not None and _can_be(parameters[wire].schema, value):
                arguments[parameters[wire].name] = value
        return arguments

    def _is_after(self, model: Any) -> bool:
        """Return whether a row was created after the request was sent, by the platform's clock where it shows that."""
        created = model.to_dict().get(self._effect.created)
        sent_at = to_datetime(self._attempt.first_sent_at + self._ahead)
        return not isinstance(created, str) or parse_datetime(created) >= sent_at

    def _since(self) -> datetime:
        """Return from when on the effect may have been created, by the platform's clock if that is behind ours."""
        return to_datetime(self._attempt.first_sent_at + min(self._ahead, 0.0)) - timedelta(seconds=CLOCK_MARGIN)

    def _note_clock(self, response: Response[Any]) -> None:
        now = self._core.clock.now()
        self._ahead = server_time(response.headers, now) - now

    def _is_past(self, rows: list[Any]) -> bool:
        """Return whether a list, whose newest rows come first, has come to what was there before."""
        return bool(self._effect.created and rows) and not self._is_new(rows[-1].to_dict())

    def _is_new(self, row: Mapping[str, Any]) -> bool:
        created = row.get(self._effect.created)
        return not isinstance(created, str) or parse_datetime(created) >= self._since()

    def _may_be(self, model: Any) -> bool:
        row = model.to_dict()
        is_of_this_sort = all(row.get(name) == value for name, value in self._effect.where)
        return is_of_this_sort and self._is_new(row) and self._fits(model, self._effect.match)

    def _fits(self, model: Any, fields: Iterable[tuple[str, tuple[str, ...]]]) -> bool:
        row = model.to_dict()
        return all(
            any(_equals(_at(row, path), value) for path in paths)
            for name, paths in fields
            if (value := self._request.get(name)) is not None
        )


def _fields(call: PreparedCall[Any]) -> Mapping[str, Any]:
    body: Any = decode(call.body) if isinstance(call.body, bytes) and call.body[:1] == b"{" else None
    return body if is_mapping(body) else {}


def _can_be(schema: Any, value: Any) -> bool:
    try:
        serialize_value(schema, value, "value")
    except InvalidArgument:
        return False
    return True


def _at(value: Any, path: str) -> Any:
    """Return what a path of names and numbers leads to, None for nothing."""
    for name in path.split("."):
        if is_mapping(value):
            value = value.get(name)
        elif is_array(value) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def _equals(shown: Any, sent: Any) -> bool:
    """Return whether a value of a response is what was sent: more may be shown, and an object for its name."""
    if is_mapping(sent):
        return is_mapping(shown) and all(_equals(shown.get(name), value) for name, value in sent.items())
    if is_array(sent):
        return is_array(shown) and all(any(_equals(each, value) for each in shown) for value in sent)
    return _trimmed(sent) in map(_trimmed, _values(shown))


def _trimmed(value: Any) -> Any:
    """Return a value without the space around a string, which platforms take away."""
    return value.strip() if isinstance(value, str) else value


def _values(shown: Any) -> Iterator[Any]:
    yield from shown.values() if is_mapping(shown) else (shown,)
