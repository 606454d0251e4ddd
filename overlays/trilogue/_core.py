"""What all copies of a client share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import field
from trilogue_generated.runtime.operation import Operation

from ._clock import Clock
from ._deadline import Deadline
from ._error_responses import ErrorDetails
from ._flow import Flow
from ._http.messages import HttpResponse
from ._options import Options
from ._pacing.pacer import Pacer
from ._quota import RetryQuota
from ._records import Record

if TYPE_CHECKING:
    from ._names import Names  # no more, because only programs that look up need its locks


class Platform(Record, frozen=True):
    """What sets one platform apart from the others.

    `label` is the name errors call it by; `read_error` reads an unsuccessful response. `keeps_origin`: links to further
    pages have the very origin that was called, no other scheme or port. `variables` are the environment variables that
    context headers come from. `credentials` says which arguments and variables hold the credentials, which are sent in
    the header `credentials_header`. `recover` returns what finds the events that a stream with given arguments missed.
    """

    name: str
    label: str
    read_error: Callable[[HttpResponse], ErrorDetails]
    keeps_origin: bool = False
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    credentials: str = ""
    credentials_header: str = "Authorization"
    recover: Callable[[Core, Mapping[str, Any]], Recovery] | None = None


class Recovery(Protocol):
    """Finds what a stream missed while it was not connected."""

    def begin(self) -> Flow[None]:
        """Note where the stream begins, before its first connection."""
        ...

    def catch_up(self) -> Flow[list[Any]]:
        """Return the data of the events missed until now, oldest first; called once connected again."""
        ...

    def is_new(self, item: Any) -> bool:
        """Return whether an item was not there before, and remember it."""
        ...


class Auth(Protocol):
    """The credentials of a client."""

    def authorize(self, operation: Operation[Any], core: Core, deadline: Deadline) -> Flow[str | None]:
        """Return the value of the header with the credentials, None for no header; may fetch credentials first."""
        ...

    def renew(self, refused: str | None, core: Core, deadline: Deadline) -> Flow[bool]:
        """Return whether there are other credentials to try after a 401; `refused` is the header that was sent."""
        ...


class Core(Record, frozen=True):
    """A client without its connections; immutable, but for what all its copies learn: `quota` and `names`."""

    platform: Platform
    base_url: str
    auth: Auth
    pacer: Pacer
    clock: Clock
    options: Options
    context: Mapping[str, str] = field(default_factory=dict[str, str])
    quota: RetryQuota = field(default_factory=RetryQuota)
    names: dict[str, Names] = field(default_factory=dict[str, "Names"])
