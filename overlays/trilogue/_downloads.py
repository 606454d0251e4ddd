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
        destination = Destination(to)
    item = yield from _look_up(core, method, source)
    with destination.open(200, {}) as file:
        digest = getattr(item, method.digest, None)
        content = _Content(file, getattr(item, method.size, None), digest, method.algorithm)
        yield from _fetch(core, method.name, getattr(item, method.url), content)
    return item


def _look_up(core: Core, method: Download[Item], source: Item | Mapping[str, Any]) -> Flow[Item]:
    if method.lookup is not None:
        arguments = cast("Mapping[str, Any]", source)
        return (yield from send(prepare(core, method.lookup, arguments), core)).parse()
    with MethodErrors(core, method.name):
        if not isinstance(source, Model):
            raise InvalidArgument(f"expected what the list returned, not {type(source).__name__}")
    return cast(Item, source)


def _fetch(core: Core, name: str, url: str | None, content: _Content) -> Flow[None]:
    """Get the content, along redirects."""
    operation: Operation[None] = Operation(id="download", name=name, method="GET", path="", decode=nothing)
    for left in reversed(range(MAX_REDIRECTS + 1)):
        with MethodErrors(core, name):
            url = _require_secure(core, url)
        try:
            yield from send_presigned(core, operation, url, headers=content.headers, destination=content)
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


class _Content(Destination):
    """The bytes stored at an address, in a file that several attempts may fill; fails where others are expected.

    Where an attempt breaks off, the next one asks for the rest, if the server names the version that it sends by an
    `ETag`. Of another version the server sends everything (`If-Range`), which then replaces what has arrived.
    """

    keeps_encoding = True

    def __init__(self, file: IO[bytes], size: int | None, digest: str | None, algorithm: str) -> None:
        """Write to a file from where it stands; size and digest are those expected, as far as they are known."""
        super().__init__(file)
        self.headers = {"accept": "*/*", "accept-encoding": "identity"}
        self._file, self._expected_size, self._expected_digest = file, size, digest
        self._algorithm = algorithm if digest else ""
        self._restart()

    def _restart(self, version: str = "", length: str = "") -> None:
        """Begin with nothing, of a version that has a length; both are empty where they are not known."""
        self._version, self._length, self._size = version, length, 0
        self._digest = hashlib.new(self._algorithm, usedforsecurity=False) if self._algorithm else None
        self.headers.pop("range", None)
        self.headers.pop("if-range", None)

    @contextmanager
    def open(self, status: int, headers: Mapping[str, str]) -> Generator[IO[bytes]]:
        """Return a file for the body of a response; what an earlier one has written stays if this is its rest."""
        if status != 206:
            self._restart(_version_of(headers), headers.get("content-length", ""))
        elif not self._is_continued_by(headers):
            self._restart()
            raise MaybeSent("the server sent a part of the content that was not asked for")
        self._file.seek(self._start + self._size)
        self._file.truncate()
        try:
            yield cast("IO[bytes]", self)
        finally:
            if self._size and self._version and self._length.isdecimal() and self._size < int(self._length):
                self.headers |= {"range": f"bytes={self._size}-", "if-range": self._version}
        self._check()

    def _is_continued_by(self, headers: Mapping[str, str]) -> bool:
        rest = f"bytes {self._size}-{int(self._length) - 1}/{self._length}" if "range" in self.headers else ""
        return headers.get("content-range") == rest and headers.get("etag", self._version) == self._version

    def _check(self) -> None:
        size, digest = self._size, self._digest and self._digest.hexdigest()
        self._restart()
        if self._expected_size not in (None, size):
            raise MaybeSent(f"{size} bytes arrived, and the platform says that there are {self._expected_size}")
        if digest is not None and digest != self._expected_digest:
            raise MaybeSent(f"what arrived has not the {self._algorithm} digest that the platform says it has")

    def write(self, part: bytes) -> None:
        """Write a part."""
        self._file.write(part)
        self._size += len(part)
        if self._digest is not None:
            self._digest.update(part)


def _version_of(headers: Mapping[str, str]) -> str:
    """Return the `ETag` of a response if equal ones mean equal bytes, and its server sends parts; else nothing."""
    tag = headers.get("etag", "")
    return tag if tag.startswith('"') and headers.get("accept-ranges") != "none" else ""
