"""Typed clients of RapidPro/TextIt, Botpress Cloud and Pantheon.

```python
from trilogue import RapidPro

with RapidPro(token="...") as client:
    for contact in client.contacts.list(group="Farmers"):
        print(contact.uuid, contact.name)
```

Importing this module loads neither a platform nor an HTTP library; the first use of a name does.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ._version import __version__

if TYPE_CHECKING:
    from trilogue_generated.runtime.client import AsyncPaginator, Page, Paginator, RawResponse
    from trilogue_generated.runtime.operation import FileContent, Upload
    from trilogue_generated.runtime.unset import UNSET, Unset

    from ._clock import Clock
    from ._http.messages import Timeout
    from ._waits import OnWait, Wait
    from .botpress import AsyncBotpress, Botpress
    from .errors import (
        ApiError,
        AuthenticationFailed,
        BadRequest,
        Conflict,
        ConnectionFailed,
        CredentialsRefused,
        DecodeError,
        Gone,
        InvalidArgument,
        LimitReached,
        MethodNotAllowed,
        NotFound,
        OutcomeUnknown,
        OutcomeUnknownAfterConnectionLoss,
        OutcomeUnknownAfterServerError,
        OutcomeUnknownAfterTimeout,
        PayloadTooLarge,
        PaymentRequired,
        PermissionDenied,
        RateLimited,
        RequestError,
        ServerError,
        TimedOut,
        TrilogueError,
        UnsupportedMediaType,
    )
    from .pantheon import AsyncPantheon, Pantheon
    from .rapidpro import AsyncRapidPro, RapidPro

_HOMES = {
    ".botpress": ("AsyncBotpress", "Botpress"),
    ".pantheon": ("AsyncPantheon", "Pantheon"),
    ".rapidpro": ("AsyncRapidPro", "RapidPro"),
    "._clock": ("Clock",),
    "._http.messages": ("Timeout",),
    "._waits": ("OnWait", "Wait"),
    ".errors": (
        "ApiError",
        "AuthenticationFailed",
        "BadRequest",
        "Conflict",
        "ConnectionFailed",
        "CredentialsRefused",
        "DecodeError",
        "Gone",
        "InvalidArgument",
        "LimitReached",
        "MethodNotAllowed",
        "NotFound",
        "OutcomeUnknown",
        "OutcomeUnknownAfterConnectionLoss",
        "OutcomeUnknownAfterServerError",
        "OutcomeUnknownAfterTimeout",
        "PayloadTooLarge",
        "PaymentRequired",
        "PermissionDenied",
        "RateLimited",
        "RequestError",
        "ServerError",
        "TimedOut",
        "TrilogueError",
        "UnsupportedMediaType",
    ),
    "trilogue_generated.runtime.client": ("AsyncPaginator", "Page", "Paginator", "RawResponse"),
    "trilogue_generated.runtime.operation": ("FileContent", "Upload"),
    "trilogue_generated.runtime.unset": ("UNSET", "Unset"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "UNSET",
    "ApiError",
    "AsyncBotpress",
    "AsyncPaginator",
    "AsyncPantheon",
    "AsyncRapidPro",
    "AuthenticationFailed",
    "BadRequest",
    "Botpress",
    "Clock",
    "Conflict",
    "ConnectionFailed",
    "CredentialsRefused",
    "DecodeError",
    "FileContent",
    "Gone",
    "InvalidArgument",
    "LimitReached",
    "MethodNotAllowed",
    "NotFound",
    "OnWait",
    "OutcomeUnknown",
    "OutcomeUnknownAfterConnectionLoss",
    "OutcomeUnknownAfterServerError",
    "OutcomeUnknownAfterTimeout",
    "Page",
    "Paginator",
    "Pantheon",
    "PayloadTooLarge",
    "PaymentRequired",
    "PermissionDenied",
    "RapidPro",
    "RateLimited",
    "RawResponse",
    "RequestError",
    "ServerError",
    "TimedOut",
    "Timeout",
    "TrilogueError",
    "Unset",
    "UnsupportedMediaType",
    "Upload",
    "Wait",
    "__version__",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'trilogue' has no attribute {name!r}")
    value: object = getattr(import_module(_HOME[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
