"""Methods that take any number of items, and what they return."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Literal, TypeVar

from attrs import define, field
from msgspec import Struct

from .operation import Operation

Result = TypeVar("Result")

ItemState = Literal["done", "failed", "unknown", "skipped"]


class Bulk(Struct, Generic[Result], kw_only=True, frozen=True, eq=False):
    """A method that makes as many calls of an operation as its items need.

    `items` are the array arguments, of which one is cut to `size`; without them each item is the arguments of one call.
    `returns_failed`: the result lists the items that failed. `errors` is the field of the result that has a message for
    each item that failed, and `position` the pattern that finds in one the number of the item, from 1.
    """

    name: str
    operation: Operation[Result]
    items: tuple[str, ...] = ()
    size: int = 1
    returns_failed: bool = False
    errors: str = ""
    position: str = ""


@define(eq=False)
class BulkItem(Generic[Result]):
    """What became of one item.

    `index`: its place among all items, from 0. `state`: `done`; `failed`, it was certainly not carried out; `unknown`,
    it may have been; `skipped`, it was done in an earlier run of the ledger. `reason`: the error, or what the platform
    said, where it failed or is unknown. `result`: that of its call.
    """

    index: int
    item: Any = field(repr=False)
    state: ItemState
    reason: Exception | str | None = field(default=None, repr=False)
    result: Result | None = field(default=None, repr=False)


@define(eq=False, repr=False)
class BulkResult(Generic[Result]):
    """What became of all items so far; of a dry run, the plan.

    `items`: one entry for each, in the order in which they came to an end; empty for a dry run. `total`: how many were
    read. `calls`: how many calls were made; of a dry run, how many would be. `seconds`: how long the rate limit would
    make a dry run wait, as far as it is known now; otherwise None.
    """

    items: list[BulkItem[Result]] = field(factory=list[BulkItem[Result]])
    total: int = 0
    calls: int = 0
    seconds: float | None = None

    def __repr__(self) -> str:
        """Show the counts, and no item."""
        states = ("done", "failed", "unknown", "skipped")
        counts = {"total": self.total, **{state: getattr(self, state) for state in states}, "calls": self.calls}
        return f"BulkResult({', '.join(f'{name}={count}' for name, count in counts.items())})"

    @property
    def done(self) -> int:
        """How many were carried out."""
        return self._count("done")

    @property
    def failed(self) -> int:
        """How many were certainly not carried out."""
        return self._count("failed")

    @property
    def unknown(self) -> int:
        """How many may have been carried out."""
        return self._count("unknown")

    @property
    def skipped(self) -> int:
        """How many were done in an earlier run."""
        return self._count("skipped")

    @property
    def failures(self) -> list[BulkItem[Result]]:
        """The items that failed or are unknown."""
        return [each for each in self.items if each.state in ("failed", "unknown")]

    @property
    def results(self) -> list[Result]:
        """The results of the calls that succeeded, each once."""
        found = {id(each.result): each.result for each in self.items if each.result is not None}
        return list(found.values())

    def _count(self, state: ItemState) -> int:
        return sum(each.state == state for each in self.items)


OnBulkProgress = Callable[[BulkResult[Any]], object]
"""Called after each call."""
