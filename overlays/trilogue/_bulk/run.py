"""Carries out an operation for any number of items."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from os import PathLike
from typing import Any, Generic, TypeVar

from msgspec.structs import replace
from trilogue_generated.runtime.bulk import Bulk, BulkResult, OnBulkProgress
from trilogue_generated.runtime.model import is_array, is_mapping

from .._calls import MethodErrors, PreparedCall, build
from .._core import Core
from .._flow import Flow
from .._numbers import is_number
from .._probing import KEYS_LAST
from .._records import Record
from .._sending import send
from .._serialization.arguments import names_given, serialize
from ..errors import ApiError, BadRequest, BulkStopped, InvalidArgument, OutcomeUnknown, PayloadTooLarge, RequestError
from .account import Account, Item
from .items import Source, Take
from .ledger import Ledger, to_digest

Result = TypeVar("Result")

SMALLEST_SAMPLE = 20
"""Items; the share of failures is taken of so many at least, so that a run does not stop at the first."""

PLATFORM_SAID = "the platform says that it failed"


class BulkOptions(Record, frozen=True):
    """How a run keeps its ledger, and when it stops; see the generated methods."""

    ledger: str | PathLike[str] | None = None
    dry_run: bool = False
    max_failures: float = 1.0
    on_progress: OnBulkProgress | None = None


def run(
    core: Core, bulk: Bulk[Result], items: Mapping[str, Any], arguments: Mapping[str, Any], options: BulkOptions
) -> Flow[BulkResult[Result]]:
    """Carry out the operation for all items, or plan to.

    Raises:
        InvalidArgument: an option is wrong; nothing was sent.
        BulkStopped: too many items failed, or a call failed for another reason than its items.
    """
    bulk = replace(bulk, operation=replace(bulk.operation, name=bulk.name))
    with MethodErrors(core, bulk.name):
        name, source = _one_source(items)
        _check(options)
        purpose = f"{core.platform.name}.{bulk.name} {to_digest([name, arguments])}"
        ledger = None if options.ledger is None else Ledger(options.ledger, purpose, core.clock)
    try:
        running = _Run(core, bulk, name, arguments, options, ledger)
        return (yield from running.go(source))
    finally:
        if ledger is not None:
            ledger.close()


def _one_source(items: Mapping[str, Any]) -> tuple[str, Source]:
    given = [(name, value) for name, value in items.items() if value is not None]
    if len(given) != 1:
        raise InvalidArgument(f"give exactly one of {', '.join(items)}")
    return given[0][0], Source(*given[0])


def _check(options: BulkOptions) -> None:
    if not is_number(options.max_failures, 0, 1):
        raise InvalidArgument("max_failures: expected a share from 0 to 1, such as 0.05")
    if not isinstance(options.dry_run, bool):
        raise InvalidArgument(f"dry_run: expected True or False, not {type(options.dry_run).__name__}")
    if options.on_progress is not None and not callable(options.on_progress):
        raise InvalidArgument("on_progress: expected a function that takes a BulkResult, or None")


class _Run(Generic[Result]):
    def __init__(
        self,
        core: Core,
        bulk: Bulk[Result],
        name: str,
        arguments: Mapping[str, Any],
        options: BulkOptions,
        ledger: Ledger | None,
    ) -> None:
        self._core = replace(core, options=replace(core.options, priority=core.options.priority or "low"))
        self._bulk, self._name, self._arguments, self._options = bulk, name, arguments, options
        self._ledger = ledger
        self._account = Account[Result](ledger, self._repeatable_for)
        self._alike: list[str] = []

    def _repeatable_for(self, item: Any) -> float:
        """Return for how many seconds an item may be sent again although its outcome is unknown."""
        operation = self._bulk.operation
        if operation.retry == "idempotency-key":
            return KEYS_LAST
        arguments = {**self._arguments, **({} if self._bulk.items or not is_mapping(item) else item)}
        is_idempotent = operation.retry == "idempotent" and not names_given(operation.retry_unless, arguments)
        return math.inf if is_idempotent else 0.0

    def go(self, source: Source) -> Flow[BulkResult[Result]]:
        result = self._account.result
        while chunk := (yield from self._next_chunk(source)):
            self._alike = []
            if self._options.dry_run:
                self._plan(chunk)
                continue
            yield from self._send(chunk)
            self._stop_after_failures()
            if self._options.on_progress is not None:
                self._options.on_progress(result)
        if self._options.dry_run:
            core, operation = self._core, self._bulk.operation
            result.seconds = core.pacer.seconds_for(operation, result.calls, core.clock)
        return result

    def _next_chunk(self, source: Source) -> Flow[list[Item]]:
        chunk: list[Item] = []
        while taken := (yield Take(source, self._bulk.size - len(chunk))):
            admitted = (self._account.admit(value, self._core.clock.now()) for value in taken)
            chunk += [item for item in admitted if item is not None]
            if len(chunk) == self._bulk.size:
                break
        return chunk

    def _plan(self, chunk: list[Item]) -> None:
        self._prepare(chunk)
        self._account.result.calls += 1

    def _send(self, chunk: list[Item]) -> Flow[None]:
        """Send a chunk; one that is refused as a whole, in halves, to find the items that are wrong."""
        try:
            call = self._prepare(chunk)
        except InvalidArgument as error:
            yield from self._divide(chunk, error)
            return
        self._account.begin(chunk)
        self._account.result.calls += 1
        try:
            result = (yield from send(call, self._core)).parse()
        except OutcomeUnknown as error:
            self._account.settle(chunk, "unknown", error)
        except (BadRequest, PayloadTooLarge) as error:
            yield from self._divide(chunk, error)
        except RequestError as error:
            raise self._stopped(chunk, error) from error
        else:
            self._settle(chunk, result)

    def _divide(self, chunk: list[Item], error: Exception) -> Flow[None]:
        """Send the halves of a refused chunk; many that are refused alike are not all tried one by one."""
        if len(chunk) > 1 and len(self._alike) < SMALLEST_SAMPLE:
            yield from self._send(chunk[: len(chunk) // 2])
            yield from self._send(chunk[len(chunk) // 2 :])
            return
        self._account.settle(chunk, "failed", error)
        self._alike = [*(each for each in self._alike if each == str(error)), str(error)]

    def _prepare(self, chunk: list[Item]) -> PreparedCall[Result]:
        operation = self._bulk.operation
        with MethodErrors(self._core, operation.name):
            arguments = self._arguments_of(chunk)
            return build(self._core, operation, serialize(operation, arguments), None)

    def _arguments_of(self, chunk: list[Item]) -> Mapping[str, Any]:
        if self._bulk.items:
            return {**self._arguments, self._name: [item.value for item in chunk]}
        row, names = chunk[0].value, [each.name for each in self._bulk.operation.parameters]
        if not is_mapping(row):
            raise InvalidArgument(f"{self._name}: expected mappings of arguments, not {type(row).__name__}")
        if unknown := sorted(row.keys() - set(names)):
            raise InvalidArgument(f"{self._name}: there is no argument {unknown[0]!r}; there are {', '.join(names)}")
        return {**self._arguments, **self._key_of(chunk[0]), **row}

    def _key_of(self, item: Item) -> dict[str, str]:
        """Return the idempotency key of an item, which is the same in a later run with the same ledger."""
        header = self._bulk.operation.key_header
        if header is None or self._ledger is None:
            return {}
        name = next(each.name for each in self._bulk.operation.parameters if each.wire == header)
        return {name: f"{self._ledger.id}-{item.identity}"}

    def _settle(self, chunk: list[Item], result: Result) -> None:
        reasons = self._failures(chunk, result)
        if reasons is None:
            self._account.settle(chunk, "unknown", "the platform says that some failed, but not which", result)
            return
        self._alike = []
        self._account.settle([item for item in chunk if item.index not in reasons], "done", None, result)
        for item in chunk:
            if item.index in reasons:
                self._account.settle([item], "failed", reasons[item.index], result)

    def _failures(self, chunk: list[Item], result: Any) -> dict[int, str] | None:
        """Return why items failed according to a result, by their indexes; None if it does not say which."""
        if self._bulk.returns_failed:
            failed = {str(value) for value in result or ()}
            return {item.index: PLATFORM_SAID for item in chunk if str(item.value) in failed}
        messages = getattr(result, self._bulk.errors, None) if self._bulk.errors else None
        if not is_array(messages) or not messages:
            return {}
        found = [re.search(self._bulk.position, str(message)) for message in messages]
        numbers = [int(each[1]) for each in found if each is not None]
        if len(numbers) < len(messages) or not all(1 <= number <= len(chunk) for number in numbers):
            return None
        return {chunk[number - 1].index: str(said) for number, said in zip(numbers, messages, strict=True)}

    def _stop_after_failures(self) -> None:
        result = self._account.result
        failures = len(result.failures)
        dealt_with = max(len(result.items), SMALLEST_SAMPLE)
        if failures > self._options.max_failures * dealt_with:
            raise self._error(f"{failures} of {len(result.items)} items failed, a larger share than max_failures")

    def _stopped(self, chunk: list[Item], error: RequestError) -> BulkStopped:
        """Return the error for a run whose call failed for another reason than its items."""
        is_refused = isinstance(error, ApiError) and error.status < 500
        if error.is_safe_to_retry or is_refused:
            self._account.withdraw(chunk)
        else:
            self._account.settle(chunk, "unknown", error)
        return self._error(f"{type(error).__name__} after {len(self._account.result.items)} items")

    def _error(self, message: str) -> BulkStopped:
        return BulkStopped(
            message,
            result=self._account.result,
            platform=self._core.platform.label,
            operation=self._bulk.name,
            is_safe_to_retry=self._ledger is not None,
        )
