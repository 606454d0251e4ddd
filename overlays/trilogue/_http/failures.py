"""Failures of the connection, told apart by whether the request can have reached the platform."""

from __future__ import annotations

import ssl
from functools import cache
from types import TracebackType

from .._records import Record
from ..errors import InvalidArgument
from .urls import parse_url

CERTIFICATE_PROBLEM = "CERTIFICATE_VERIFY_FAILED"
CERTIFICATE_ADVICE = (
    "if you trust its certificate authority, set SSL_CERT_FILE to a file with its certificates, or pass"
    " verify=ssl.create_default_context(cafile=...)"
)


class NeverSent(Exception):
    """The request did not reach the platform."""

    def __init__(self, message: str, is_lasting: bool = False) -> None:
        """`message` holds nothing of the request; `is_lasting` if the next attempt would fail alike."""
        super().__init__(message)
        self.is_lasting = is_lasting


class MaybeSent(Exception):
    """The request may have reached the platform, but no complete response arrived."""

    def __init__(self, message: str, timed_out: bool = False) -> None:
        """`message` holds nothing of the request; `timed_out` if it took too long."""
        super().__init__(message)
        self.timed_out = timed_out


class Undecodable(Exception):
    """A body cannot be decompressed; the message says why."""


class LibraryErrors(Record, frozen=True):
    """The errors of an HTTP library, by what they say of a request; the message of a `local` one may quote a header."""

    no_connection_in_time: tuple[type[Exception], ...]
    no_connection: tuple[type[Exception], ...]
    local: type[Exception]
    timed_out: type[Exception]
    broken: tuple[type[Exception], ...]


@cache
def errors_of_httpcore() -> LibraryErrors:
    """Return the errors of the network; those of aiohttp are raised as httpcore's."""
    import httpcore as of  # here, because it takes a while to load

    return LibraryErrors(
        (of.ConnectTimeout, of.PoolTimeout),
        (of.ConnectError, of.ProxyError, of.UnsupportedProtocol),
        of.LocalProtocolError,
        of.TimeoutException,
        (of.NetworkError, of.ProtocolError, ssl.SSLError),
    )


@cache
def errors_of_httpx() -> LibraryErrors:
    """Return the errors of a transport of the caller; those of httpx2 are raised as httpx's."""
    import httpx as of  # here, because it takes a while to load

    return LibraryErrors(
        (of.ConnectTimeout, of.PoolTimeout),
        (of.ConnectError, of.ProxyError, of.UnsupportedProtocol),
        of.LocalProtocolError,
        of.TimeoutException,
        (of.RequestError, ssl.SSLError),
    )


class ErrorTranslation:
    """Raise `NeverSent`, `MaybeSent` or `InvalidArgument` in place of an HTTP library's errors.

    `is_direct`: sent over the network, not through a transport of the caller, whose route is unknown.
    """

    def __init__(self, url: str, is_direct: bool) -> None:
        """Name the host of this address."""
        self._url, self._is_direct = url, is_direct

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Raise another error in place of one of the library."""
        if isinstance(error, Exception):
            translated = _translate(error, self._url, self._is_direct)
            if translated is not None:
                raise translated from None


def _translate(error: Exception, url: str, is_direct: bool) -> NeverSent | MaybeSent | InvalidArgument | None:
    """Return the error to raise in place of another; None for one that passes through."""
    known = errors_of_httpcore() if is_direct else errors_of_httpx()
    if isinstance(error, known.no_connection_in_time):
        return NeverSent(f"no connection to {_target(url, is_direct)} in time ({type(error).__name__})")
    if isinstance(error, known.no_connection):
        return _no_connection(error, _target(url, is_direct))
    if is_direct and isinstance(error, (known.local, UnicodeError)):
        return InvalidArgument("the request is not valid HTTP")
    if isinstance(error, known.local):  # over HTTP/2 also what the server does on an open connection
        return MaybeSent(f"the connection broke: {type(error).__name__}")
    if isinstance(error, known.timed_out):
        return MaybeSent(f"no response in time ({type(error).__name__})", timed_out=True)
    if isinstance(error, (*known.broken, Undecodable)):
        return MaybeSent(f"the connection broke: {str(error) or type(error).__name__}")
    if _is_wrong_length(error):
        return InvalidArgument("the body is not as long as announced; did the file change meanwhile?")
    return None


def _no_connection(error: Exception, target: str) -> NeverSent:
    if CERTIFICATE_PROBLEM not in str(error):
        return NeverSent(f"no connection to {target}: {error}")
    return NeverSent(f"no connection to {target}: {error}; {CERTIFICATE_ADVICE}", is_lasting=True)


def _target(address: str, is_direct: bool) -> str:
    """Return what was connected to: the host of the address, or the environment's proxy in between."""
    url = parse_url(address)
    if not is_direct:
        return url.netloc
    from .routes import proxy_of  # here, because httpcore takes a while to load

    proxy = proxy_of(url)
    if proxy is None:
        return url.netloc
    return f"{url.netloc} through the proxy {proxy.url.netloc.decode()}, which HTTPS_PROXY or the like names"


def _is_wrong_length(error: Exception) -> bool:
    """Return whether a body was longer or shorter than announced, so that the platform never had all of it."""
    from h11 import LocalProtocolError  # here, because httpcore loads it no earlier than it connects

    return isinstance(error, LocalProtocolError)
