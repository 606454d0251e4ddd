"""What the sync and the async paginator share: the arguments of a list, and the bounds of what is collected of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, Self, TypeVar

from trilogue_generated.runtime.lists import Page
from trilogue_generated.runtime.operation import ListOperation

from .._calls import MethodErrors
from .._core import Core
from .._numbers import is_integer
from .._serialization.arguments import serialize
from ..errors import InvalidArgument, TooManyRows
from .iteration import Iteration

Item = TypeVar("Item")


class Listing(Generic[Item]):
    """A list with its arguments, over which any number of iterations can begin."""

    def __init__(self, core: Core, operation: ListOperation[Any, Item], arguments: Mapping[str, Any]) -> None:
        """Check the arguments; raises InvalidArgument where one is wrong."""
        self._core, self._operation = core, operation
        with MethodErrors(core, operation.name):
            self._arguments = serialize(operation, arguments)
        self._prefetches = False

    def prefetch(self) -> Self:
        """Let iterators fetch the next page while you work on the current one; never more than one page ahead."""
        self._prefetches = True
        return self

    def begin(self) -> Iteration[Item]:
        """Return an iteration from the beginning."""
        return Iteration(self._core, self._operation, self._arguments)

    def begin_at(self, position: str) -> Iteration[Item]:
        """Return an iteration from a position; raises InvalidArgument for one of another list."""
        iteration = self.begin()
        iteration.resume(position)
        return iteration

    def _require_count(self, count: int, name: str) -> None:
        if not is_integer(count, 0):
            raise InvalidArgument(f"{name}: expected a number of rows")

    def _require_bounded(self, rows: Sequence[Item], page: Page[Item], max_rows: int) -> None:
        """Raise TooManyRows as soon as it is known that there are."""
        if max(len(rows), page.total or 0) > max_rows:
            raise TooManyRows(
                f"{self._core.platform.label} {self._operation.name}: there are more than {max_rows:,} rows; iterate,"
                " take some with collect(), or pass another max_rows= if time and memory allow"
            )

    def __getstate__(self) -> Any:
        raise TypeError(
            f"a {type(self).__name__} holds connections and credentials; resume at a position in the other process"
        )

    def __repr__(self) -> str:
        """Show which list this is, nothing of its filters."""
        return f"{type(self).__name__}({self._operation.name})"
