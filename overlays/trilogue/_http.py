"""Requests and answers over httpx; the only module that knows an HTTP library.

It calls httpx's transports and not its client: the client logs every address at INFO, query and all, and an address may
hold a phone number. Proxies and certificates of the environment work as they do in the client.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import IO, TYPE_CHECKING, Any, TypeVar
from urllib.request import getproxies, proxy_bypass

import httpx
from attrs import define, evolve, field, frozen

from .errors import InvalidArgument

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

CHUNK = 65536

SHORTEST = 0.001
"""Seconds that are the shortest time-out; 0 would mean to httpx not to wait at all, and fail in other ways."""

LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=100, keepalive_expiry=5.0)
"""As many may be kept as there may be: with fewer, httpcore 1.0 closes each one after use while more are open."""

SyncTransport = httpx.BaseTransport
AsyncTransport = httpx.AsyncBaseTransport


class NeverSent(Exception):
    """The request did not reach the platform."""


class MaybeSent(Exception):
    """The request may have reached the platform, and its answer did not come back. `timed_out`: it took too long."""

    def __init__(self, message: str, timed_out: bool = False) -> None:
        """Say what happened, in words that hold nothing of the request."""
        super().__init__(message)
        self.timed_out = timed_out


@frozen
class Timeout:
    """How long to wait, in seconds: to connect (a free connection of the pool included), and for each read or write."""

    connect: float = 10.0
    read: float = 60.0

    def within(self, seconds: float) -> Timeout:
        """Return it cut to the seconds that are left."""
        left = max(seconds, SHORTEST)
        return Timeout(min(self.connect, left), min(self.read, left))

    def extension(self) -> dict[str, float]:
        """Return it as httpx's transports take it."""
        return {"connect": self.connect, "pool": self.connect, "read": self.read, "write": self.read}


@frozen(repr=False, eq=False)
class FilePart:
    """A file within a multipart body; `open` gives its content anew for each attempt."""

    name: str
    filename: str
    content_type: str
    source: bytes | IO[bytes] | str
    start: int = 0

    @contextmanager
    def open(self) -> Generator[bytes | IO[bytes]]:
        """Give the content from its start."""
        if isinstance(self.source, str):
            with open(self.source, "rb") as file:
                yield file
            return
        if not isinstance(self.source, bytes) and is_seekable(self.source):
            self.source.seek(self.start)
        yield self.source

    @property
    def size(self) -> int:
        """The number of bytes."""
        if isinstance(self.source, bytes):
            return len(self.source)
        if isinstance(self.source, str):
            return os.path.getsize(self.source)
        end = self.source.seek(0, os.SEEK_END)
        self.source.seek(self.start)
        return end - self.start

    @property
    def repeatable(self) -> bool:
        """Whether the content can be sent a second time."""
        return isinstance(self.source, (bytes, str)) or is_seekable(self.source)

    def settled(self) -> FilePart:
        """Return it with its content read where httpx would not send it as it stands: a stream, a file in the middle.

        httpx takes the length of a stream to be 0, and sends a file from its start.
        """
        if isinstance(self.source, (bytes, str)) or (self.repeatable and self.start == 0):
            return self
        return evolve(self, source=self.source.read(), start=0)


def is_seekable(file: IO[bytes]) -> bool:
    """Whether a file can be read again; the least of files do not even say."""
    return hasattr(file, "seekable") and file.seekable()


class _Chunks(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A file as the whole body, read in chunks while it is sent."""

    def __init__(self, content: bytes | IO[bytes]) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        if isinstance(self._content, bytes):
            yield self._content
            return
        while chunk := self._content.read(CHUNK):
            yield chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


@define(repr=False, eq=False)
class HttpRequest:
    """What to send: `content`, or a `file` that is the whole body, or `files` with `fields` beside them.

    Its repr shows nothing, since its address, headers and body may hold secrets or personal data.
    """

    method: str
    url: str
    headers: dict[str, str]
    timeout: Timeout
    content: bytes | None = None
    fields: Mapping[str, str] = field(factory=dict[str, str])
    files: tuple[FilePart, ...] = ()
    file: FilePart | None = None

    @contextmanager
    def rendered(self) -> Generator[httpx.Request]:
        """Give it as httpx has it."""
        extensions = {"timeout": self.timeout.extension()}
        if self.file is not None:
            with self.file.open() as content:
                stream = _Chunks(content)
                yield httpx.Request(self.method, self.url, headers=self.headers, stream=stream, extensions=extensions)
            return
        if not self.files:
            yield httpx.Request(
                self.method, self.url, headers=self.headers, content=self.content, extensions=extensions
            )
            return
        (part,) = self.files
        with part.open() as content:
            files = {part.name: (part.filename, content, part.content_type)}
            yield httpx.Request(
                self.method,
                self.url,
                headers=self.headers,
                data=dict(self.fields),
                files=files,
                extensions=extensions,
            )


@define(repr=False, eq=False)
class HttpResponse:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@frozen
class HttpSettings:
    """How to reach a platform: an own transport in place of the network's, own certificates in place of the usual."""

    transport: Any = None
    verify: ssl.SSLContext | None = None

    def certificates(self, url: httpx.URL) -> ssl.SSLContext | bool:
        """Return what to check a server against; for plain http nothing, and reading certificates takes a while."""
        return self.verify or url.scheme == "https"


Transport = TypeVar("Transport", httpx.HTTPTransport, httpx.AsyncHTTPTransport)

PROXIES = "the environment's HTTP_PROXY, HTTPS_PROXY or ALL_PROXY"


class SyncHttp:
    """Sends requests, one connection pool for each origin.

    A process that was forked opens its own, or it would read the answers to the other's requests.
    """

    def __init__(self, settings: HttpSettings) -> None:
        """Open nothing yet: the first request does."""
        self._settings = settings
        self._transports: dict[tuple[int, str], httpx.BaseTransport] = {}
        self._lock = Lock()

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request and read its answer whole.

        Raises:
            NeverSent: it did not reach the platform.
            MaybeSent: it may have, but no whole answer came back.
        """
        with _translated_errors(), request.rendered() as prepared:
            response = self._transport(prepared.url).handle_request(prepared)
            try:
                if _breaks_the_connection(response):
                    response.extensions["network_stream"].close()
                return _finish(response, response.read())
            finally:
                response.close()

    def _transport(self, url: httpx.URL) -> httpx.BaseTransport:
        if self._settings.transport is not None:
            _require(self._settings.transport, httpx.BaseTransport)
            return self._settings.transport  # type: ignore[no-any-return]  # checked a line above
        key = (os.getpid(), _origin(url))
        with self._lock:
            if key not in self._transports:
                self._transports[key] = _network(httpx.HTTPTransport, self._settings, url)
            return self._transports[key]

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            transports, self._transports = list(self._transports.values()), {}
        for transport in transports:
            transport.close()


class AsyncHttp:
    """`SyncHttp` for asyncio; each event loop has pools of its own, for a connection ends with its loop."""

    def __init__(self, settings: HttpSettings) -> None:
        """Open nothing yet: the first request does."""
        self._settings = settings
        self._pools: dict[AbstractEventLoop, dict[str, httpx.AsyncBaseTransport]] = {}
        self._lock = Lock()

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request and read its answer whole; raises as `SyncHttp.send` does."""
        with _translated_errors(), request.rendered() as prepared:
            response = await self._transport(prepared.url).handle_async_request(prepared)
            try:
                if _breaks_the_connection(response):
                    await response.extensions["network_stream"].aclose()
                return _finish(response, await response.aread())
            finally:
                await response.aclose()

    def _transport(self, url: httpx.URL) -> httpx.AsyncBaseTransport:
        if self._settings.transport is not None:
            _require(self._settings.transport, httpx.AsyncBaseTransport)
            return self._settings.transport  # type: ignore[no-any-return]  # checked a line above
        origin, pools = _origin(url), self._pools_of_this_loop()
        if origin not in pools:
            pools[origin] = _network(httpx.AsyncHTTPTransport, self._settings, url)
        return pools[origin]

    def _pools_of_this_loop(self) -> dict[str, httpx.AsyncBaseTransport]:
        loop = _running_loop()
        with self._lock:
            if loop not in self._pools:
                self._pools = {**self._pools_in_use(), loop: {}}
            return self._pools[loop]

    def _pools_in_use(self) -> dict[AbstractEventLoop, dict[str, httpx.AsyncBaseTransport]]:
        return {loop: pools for loop, pools in self._pools.items() if not loop.is_closed()}

    async def close(self) -> None:
        """Close all connections of this event loop, and let go of those whose loop has ended."""
        with self._lock:
            pools = self._pools.pop(_running_loop(), {})
            self._pools = self._pools_in_use()
        for transport in pools.values():
            await transport.aclose()


def _running_loop() -> AbstractEventLoop:
    from asyncio import get_running_loop  # here, because programs without an event loop need not load it

    return get_running_loop()


def _origin(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode()}"


def _network(kind: type[Transport], settings: HttpSettings, url: httpx.URL) -> Transport:
    """Return a transport over the network; raises InvalidArgument where the environment's proxy cannot be used."""
    try:
        return kind(verify=settings.certificates(url), proxy=_proxy(url), limits=LIMITS)
    except ImportError:
        raise InvalidArgument(f"{PROXIES}: a SOCKS proxy needs one more package: pip install 'httpx[socks]'") from None
    except (ValueError, httpx.InvalidURL):
        raise InvalidArgument(f"{PROXIES}: expected an address such as http://proxy.example.org:3128") from None


def _proxy(url: httpx.URL) -> str | None:
    """Return the environment's proxy for an address (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, but not for NO_PROXY)."""
    if proxy_bypass(url.netloc.decode()):
        return None
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


def _breaks_the_connection(response: httpx.Response) -> bool:
    """Whether a 204 carries a body, which would be read as the start of the next answer on this connection.

    RapidPro's bulk actions do this when no proxy in front of them strips the body.
    """
    has_body = response.headers.get("content-length", "0") != "0" or "transfer-encoding" in response.headers
    return response.status_code == 204 and has_body and "network_stream" in response.extensions


def _finish(response: httpx.Response, content: bytes) -> HttpResponse:
    return HttpResponse(response.status_code, response.headers, content)


def _require(transport: object, kind: type) -> None:
    if not isinstance(transport, kind):
        raise InvalidArgument(f"transport: this client needs an httpx.{kind.__name__}, not {type(transport).__name__}")


@contextmanager
def _translated_errors() -> Generator[None]:
    """Turn httpx's errors into the two that matter: can it have reached the platform or not."""
    try:
        yield
    except (httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise NeverSent(f"no connection in time ({type(error).__name__})") from None
    except (httpx.ConnectError, httpx.ProxyError, httpx.UnsupportedProtocol) as error:
        raise NeverSent(f"no connection: {error}") from None
    except httpx.InvalidURL as error:
        raise InvalidArgument(f"the request cannot be written as HTTP: {error}") from None
    except (httpx.LocalProtocolError, UnicodeError):  # their words may quote a header, and so a secret
        raise InvalidArgument("the request cannot be written as HTTP") from None
    except httpx.TimeoutException as error:
        raise MaybeSent(f"no answer in time ({type(error).__name__})", timed_out=True) from None
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise MaybeSent(f"the connection broke: {str(error) or type(error).__name__}") from None
    except Exception as error:  # an error of h11's, which is not loaded before it is needed; all others go on
        if _is_wrong_length(error):
            raise InvalidArgument("the body is not as long as it said; did the file change meanwhile?") from None
        raise


def _is_wrong_length(error: Exception) -> bool:
    """Whether a body turned out to be longer or shorter than announced, so that the platform never had it whole."""
    from h11 import LocalProtocolError  # here, because httpx loads it no earlier than it connects

    return isinstance(error, LocalProtocolError)


_HOST = re.compile(r"\[[0-9a-f:.]+\]|[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")


def written_host(host: str) -> str | None:
    """Return a host as it travels, without the port and in ASCII; None for what can be none."""
    try:
        url = httpx.URL(scheme="https", host=host)
        written = url.netloc.decode() if url.host else ""  # .host reads back what stands for other letters
    except (httpx.InvalidURL, UnicodeError):
        return None
    return written if _HOST.fullmatch(written) else None
