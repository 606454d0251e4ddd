"""A request and a response as values."""

from __future__ import annotations

import math
from collections.abc import Mapping

from msgspec import Struct

from .._records import Record
from .destinations import Destination
from .file_parts import FilePart

SHORTEST_TIMEOUT = 0.001
"""Seconds; 0 would mean not to wait at all, and fails in other ways."""

SENDS_LENGTH = ("POST", "PUT", "PATCH")
"""The methods whose requests have a content-length even without a body."""


class Timeout(Struct, frozen=True):
    """How long to wait, in seconds: to connect (a free connection of the pool included), and for each read or write."""

    connect: float = 10.0
    read: float = 60.0

    def within(self, seconds: float) -> Timeout:
        """Return it cut to the seconds that are left."""
        if seconds >= self.connect and seconds >= self.read:
            return self
        left = max(seconds, SHORTEST_TIMEOUT)
        return Timeout(min(self.connect, left), min(self.read, left))

    def as_extension(self) -> dict[str, float]:
        """Return it as httpx and httpcore have it."""
        return {"connect": self.connect, "pool": self.connect, "read": self.read, "write": self.read}


class Multipart(Record, frozen=True):
    """A `multipart/form-data` body: a file, and fields beside it."""

    fields: Mapping[str, str]
    file: FilePart


Body = bytes | FilePart | Multipart | None


class HttpRequest(Record, frozen=True):
    """A request to send. Its repr shows nothing: address, headers and body may hold secrets or personal data.

    `time_left`: the seconds it may take in all, the wait for a connection included. `expects_body`: the response has
    one, so that it is no 204. `destination`: where the body of a successful response goes, if not into the response.
    """

    method: str
    url: str
    headers: dict[str, str]
    timeout: Timeout
    body: Body = None
    time_left: float = math.inf
    is_retryable: bool = True
    expects_body: bool = True
    destination: Destination | None = None

    def headers_with(self, netloc: str, body: bytes) -> dict[str, str]:
        """Return all headers of the request, sent to this host with this body."""
        length = {"content-length": str(len(body))} if body or self.method in SENDS_LENGTH else {}
        return {"host": netloc, **length, **self.headers}


class HttpResponse(Record, frozen=True):
    """A response as received; `headers` are found by name in any case.

    `fault`: what is wrong with the body, if it could not be decompressed; it is empty then.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    fault: str = ""


def has_stray_body(status: int, headers: Mapping[str, str]) -> bool:
    """Return whether a 204 carries a body, which would be read as the start of the next response on its connection.

    RapidPro's bulk actions do this when no proxy in front of them strips the body.
    """
    return status == 204 and (headers.get("content-length", "0") != "0" or "transfer-encoding" in headers)
