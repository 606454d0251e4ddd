"""The error of a method that takes any number of items; `errors` has the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from ._base_errors import ErrorContext, RequestError
from ._redaction import Hidden

if TYPE_CHECKING:
    from trilogue_generated.runtime.bulk import BulkResult


class BulkStopped(RequestError):
    """The calls for many items ended before the last item; what raised it is the `__cause__`, if anything did.

    `result`: what became of the items before, empty in a pickle. With a ledger, calling the method again goes on.
    """

    def __init__(self, message: str, *, result: BulkResult[Any], **context: Unpack[ErrorContext]) -> None:
        """Keep what was done."""
        super().__init__(message, **context)
        self._hidden = Hidden(result=result)

    @property
    def result(self) -> BulkResult[Any]:
        """What became of the items before."""
        from trilogue_generated.runtime.bulk import BulkResult  # here, because importing an error loads nothing else

        return self._hidden.get("result", BulkResult())
