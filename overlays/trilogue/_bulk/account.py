"""Keeps account of each item of a run: in the result, and in the ledger if there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from trilogue_generated.runtime.bulk import BulkItem, BulkResult, ItemState

from .._records import Record
from .ledger import Entry, Identities, Ledger

Result = TypeVar("Result")

EARLIER = "it failed in an earlier run; use another ledger to try again"
INTERRUPTED = "an earlier run ended while it was sent; look for its effect before you send it again"


class Item(Record, frozen=True):
    """An item, where it stands among all, and its identity in the ledger."""

    index: int
    value: Any
    identity: str


class Account(Generic[Result]):
    """What became of the items; `may_repeat`: for how many seconds an item may be sent a second time without harm."""

    def __init__(self, ledger: Ledger | None, may_repeat: Callable[[Any], float]) -> None:
        """Begin with no item."""
        self.result = BulkResult[Result]()
        self._ledger, self._may_repeat = ledger, may_repeat
        self._identities = Identities()

    def admit(self, value: Any, now: float) -> Item | None:
        """Return an item that is to be sent; None for one that an earlier run dealt with."""
        item = Item(self.result.total, value, self._identities.of(value) if self._ledger else "")
        self.result.total += 1
        entry = self._ledger.entry(item.identity) if self._ledger else None
        if entry is None or (entry.note == "sent" and self._may_repeat(value) > max(now - entry.at, 0.0)):
            return item
        self._settle_earlier(item, entry)
        return None

    def _settle_earlier(self, item: Item, entry: Entry) -> None:
        if entry.note == "done":
            self._add([item], "skipped")
        elif entry.note == "failed":
            self._add([item], "failed", EARLIER)
        else:
            self._add([item], "unknown", INTERRUPTED)

    def begin(self, items: Iterable[Item]) -> None:
        """Note that items are sent now."""
        if self._ledger:
            self._ledger.note("sent", [item.identity for item in items])

    def withdraw(self, items: Iterable[Item]) -> None:
        """Note that items were not carried out after all, and are to be sent again."""
        if self._ledger:
            self._ledger.note("withdrawn", [item.identity for item in items])

    def settle(
        self, items: list[Item], state: ItemState, reason: Exception | str | None = None, result: Result | None = None
    ) -> None:
        """Note what became of items; what is unknown stays `sent` in the ledger."""
        if self._ledger and items and state != "unknown":
            self._ledger.note("failed" if state == "failed" else "done", [item.identity for item in items])
        self._add(items, state, reason, result)

    def _add(
        self, items: list[Item], state: ItemState, reason: Exception | str | None = None, result: Result | None = None
    ) -> None:
        self.result.items += [BulkItem(item.index, item.value, state, reason, result) for item in items]
