"""Reads the bodies of responses."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable, Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from .._records import Record
from .destinations import Destination
from .failures import Undecodable
from .headers import Headers
from .messages import HttpResponse

MAX_DECOMPRESSED = 256 * 1024 * 1024
"""Bytes that a compressed body may have when it is decompressed: a few hundred kilobytes can become gigabytes."""

BROKEN = "the body cannot be decompressed"
TOO_LARGE = f"the body is larger than {MAX_DECOMPRESSED // 1024**2} MB when it is decompressed"

GZIP = zlib.MAX_WBITS | 16
MEMBER = b"\x1f"
"""How a member of a gzip file begins."""

NO_ENCODINGS = ("", "identity", "none", "utf-8", "aws-chunked")
"""What servers name although it changes nothing of a body."""

Parts = TypeVar("Parts", bound=Iterable[bytes] | AsyncIterable[bytes])
Parts_co = TypeVar("Parts_co", bound=Iterable[bytes] | AsyncIterable[bytes], covariant=True)


class Incoming(Record, Generic[Parts_co], frozen=True):
    """A response whose body is being received. Its repr shows nothing: its headers may hold a cookie.

    `is_decoded`: the parts are decompressed already. `network` is its connection as httpcore has it, None if unknown.
    """

    status: int
    headers: Headers
    parts: Parts_co
    network: Any = None
    is_decoded: bool = False

    @property
    def is_success(self) -> bool:
        """Whether the server has carried out the request."""
        return 200 <= self.status < 300

    def decoder(self) -> Decoder | None:
        """Return what decompresses the parts, None where nothing has to."""
        if self.is_decoded or "content-encoding" not in self.headers:
            return None
        named = (name.strip().lower() for name in self.headers["content-encoding"].split(","))
        encodings = [name for name in named if name not in NO_ENCODINGS]
        return Decoder(encodings) if encodings else None


class Decoder:
    """Decompresses the parts of a body: by gzip, the one way that requests accept."""

    def __init__(self, encodings: list[str]) -> None:
        """Begin a body that is encoded so."""
        self._is_gzip = encodings in (["gzip"], ["x-gzip"])
        self._member = zlib.decompressobj(GZIP)
        self._is_empty, self._is_over = True, False

    def decode(self, part: bytes) -> bytes:
        """Return what a part adds, which may be nothing yet; what follows the last member and is none is left out."""
        if not self._is_gzip:
            raise Undecodable(f"{BROKEN}: it is encoded in another way than gzip")
        decoded = b""
        try:
            while part and not self._is_over:
                decoded += self._decompress(part)
                part = self._member.unused_data
        except zlib.error:
            raise Undecodable(BROKEN) from None
        return decoded

    def _decompress(self, part: bytes) -> bytes:
        self._is_empty = False
        if self._member.eof:
            self._is_over = not part.startswith(MEMBER)
            self._member = self._member if self._is_over else zlib.decompressobj(GZIP)
        return b"" if self._is_over else self._member.decompress(part)

    def finish(self) -> None:
        """End a body; raises Undecodable where something is missing."""
        if not (self._is_empty or self._member.eof):
            raise Undecodable(BROKEN)


class _Body:
    """A body as its parts arrive, in memory or in a file."""

    def __init__(self, response: Incoming[Any]) -> None:
        self.fault = ""
        self._response = response
        self._is_compressed = "content-encoding" in response.headers
        self._parts: list[bytes] = []
        self._size = 0

    def keep(self, part: bytes) -> None:
        """Keep a part in memory."""
        self._parts.append(part)
        self._size += len(part)
        if self._is_compressed and self._size > MAX_DECOMPRESSED:
            raise Undecodable(TOO_LARGE)

    def complete(self) -> HttpResponse:
        """Return the response; with a fault, its body is left out."""
        content = b"" if self.fault else b"".join(self._parts)
        return HttpResponse(self._response.status, self._response.headers, content, self.fault)


def read(response: Incoming[Iterable[bytes]], destination: Destination | None = None) -> HttpResponse:
    """Read the body of a response, or write that of a successful one to its destination."""
    body = _Body(response)
    with _receiving(body, response, destination) as add:
        for part in response.parts:
            add(part)
    return body.complete()


async def read_async(response: Incoming[AsyncIterable[bytes]], destination: Destination | None = None) -> HttpResponse:
    """Read the body of a response; see `read`."""
    body = _Body(response)
    with _receiving(body, response, destination) as add:
        async for part in response.parts:
            add(part)
    return body.complete()


@contextmanager
def _receiving(
    body: _Body, response: Incoming[Any], destination: Destination | None
) -> Generator[Callable[[bytes], object]]:
    """Give a function for the parts of a body; note what is wrong with them, for which no file is left behind."""
    try:
        if destination is None or not response.is_success:
            with _decoding(response.decoder(), body.keep) as add:
                yield add
        else:
            decoder = None if destination.keeps_encoding else response.decoder()
            with destination.open(response.status, response.headers) as file, _decoding(decoder, file.write) as add:
                yield add
    except Undecodable as error:
        body.fault = str(error)


@contextmanager
def _decoding(decoder: Decoder | None, write: Callable[[bytes], object]) -> Generator[Callable[[bytes], object]]:
    if decoder is None:
        yield write
        return
    yield lambda part: write(decoder.decode(part))
    decoder.finish()
