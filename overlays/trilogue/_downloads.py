"""Downloads what the result of another method points at."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import IO, Any, TypeVar, cast
from urllib.parse import urljoin

from trilogue_generated.runtime.model import Model
from trilogue_generated.runtime.operation import Download, DownloadTarget, Operation, nothing

from ._calls import MethodErrors, prepare
from ._core import Core
from ._flow import Flow
from ._http.destinations import Destination
from ._http.failures import MaybeSent
from ._presigned import is_secure, send_presigned
from ._sending import send
from .errors import ApiError, InvalidArgument

Item = TypeVar("Item")

MAX_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)


def download(core: Core, method: Download[Item], source: Item | Mapping[str, Any], to: DownloadTarget) -> Flow[Item]:
    """Write what an object points at to a file, and return the object, which is looked up unless it is the source.

    Raises:
        InvalidArgument: there is nothing to download, or nowhere to write it.
        ConnectionFailed: what arrived is not complete.
        RequestError: the look-up, or the download, failed in another way.
    """
    with MethodErrors(core, method.name):
        destination = _Checked(to)
    item = yield from _look_up(core, method, source)
    destination.expect(getattr(item, method.size, None), getattr(item, method.digest, None), method.algorithm)
    yield from _fetch(core, method.name, getattr(item, method.url), destination)
    return item


def _look_up(core: Core, method: Download[Item], source: Item | Mapping[str, Any]) -> Flow[Item]:
    if method.lookup is not None:
        arguments = cast("Mapping[str, Any]", source)
        return (yield from send(prepare(core, method.lookup, arguments), core)).parse()
    with MethodErrors(core, method.name):
        if not isinstance(source, Model):
            raise InvalidArgument(f"expected what the list returned, not {type(source).__name__}")
    return cast(Item, source)


def _fetch(core: Core, name: str, url: str | None, destination: Destination) -> Flow[None]:
    """Get the content, along redirects."""
    operation: Operation[None] = Operation(id="download", name=name, method="GET", path="", decode=nothing)
    for left in reversed(range(MAX_REDIRECTS + 1)):
        with MethodErrors(core, name):
            url = _require_secure(core, url)
        try:
            yield from send_presigned(
                core, operation, url, headers={"Accept": "*/*", "Accept-Encoding": "identity"}, destination=destination
            )
        except ApiError as error:
            if not left or error.status not in REDIRECTS or "location" not in error.headers:
                raise
            url = _redirected(url, error.headers["location"])
        else:
            return


def _require_secure(core: Core, url: str | None) -> str:
    if not url:
        raise InvalidArgument("there is no content to download")
    if not is_secure(core, url):
        raise InvalidArgument("the address of the content is not https, so it was not downloaded")
    return url


def _redirected(url: str, location: str) -> str:
    """Return the address that a redirect leads to; a location that is no URL stays as it is."""
    try:
        return urljoin(url, location)
    except ValueError:
        return location


class _Checked(Destination):
    """Writes the bytes that were stored, and fails where they are not as many, or not those, that are expected."""

    keeps_encoding = True
    _size: int | None = None
    _digest: str | None = None
    _algorithm = ""

    def expect(self, size: int | None, digest: str | None, algorithm: str) -> None:
        """Expect so many bytes with this digest, as far as they are known."""
        self._size, self._digest, self._algorithm = size, digest, algorithm

    @contextmanager
    def open(self) -> Generator[IO[bytes]]:
        """Return a file for one attempt, which is dropped where its content is not what is expected."""
        with super().open() as file:
            meter = _Meter(file, self._algorithm if self._digest else "")
            yield cast("IO[bytes]", meter)
            if self._size is not None and meter.size != self._size:
                raise MaybeSent(f"{meter.size} bytes arrived, and the platform says that there are {self._size}")
            if meter.digest is not None and meter.digest.hexdigest() != self._digest:
                raise MaybeSent(f"what arrived has not the {self._algorithm} digest that the platform says it has")


class _Meter:
    """Counts and digests what is written to a file."""

    def __init__(self, file: IO[bytes], algorithm: str) -> None:
        self._file = file
        self.size = 0
        self.digest = hashlib.new(algorithm, usedforsecurity=False) if algorithm else None

    def write(self, part: bytes) -> None:
        """Write a part."""
        self._file.write(part)
        self.size += len(part)
        if self.digest is not None:
            self.digest.update(part)
