"""The errors of methods that wait for a final state; `errors` has the tree."""

from __future__ import annotations

from typing import Any, Unpack

from ._base_errors import ErrorContext, RequestError
from ._redaction import Hidden


class WaitError(RequestError):
    """A wait ended without success.

    `key`: what was waited for; calling the method again with it continues the wait. `state`: the last state that was
    seen, None if none was. `last`: the object as last seen, None in a pickle.
    """

    def __init__(self, message: str, *, key: Any, last: Any, state: Any, **context: Unpack[ErrorContext]) -> None:
        """Keep what was waited for, and what was seen."""
        super().__init__(message, **context)
        self.key, self.state = key, state
        self._hidden = Hidden(last=last)

    @property
    def last(self) -> Any:
        """The object as last seen."""
        return self._hidden.get("last", None)


class WaitFailed(WaitError):
    """The final state is a failure."""


class WaitTimedOut(WaitError, TimeoutError):
    """The state was not final before the deadline; waiting again with `key` continues."""
