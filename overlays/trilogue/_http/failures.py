"""Failures of the connection, told apart by whether the request can have reached the platform."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import httpx

from ..errors import InvalidArgument

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


@contextmanager
def translated_errors(url: str, is_direct: bool) -> Generator[None]:
    """Raise `NeverSent`, `MaybeSent` or `InvalidArgument` in place of httpx's errors.

    `is_direct`: sent over the network, not through a transport of the caller, whose route is unknown.
    """
    try:
        yield
    except (httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise NeverSent(f"no connection to {_target(url, is_direct)} in time ({type(error).__name__})") from None
    except (httpx.ConnectError, httpx.ProxyError, httpx.UnsupportedProtocol) as error:
        raise _no_connection(error, _target(url, is_direct)) from None
    except httpx.InvalidURL as error:
        raise InvalidArgument(f"the request is not valid HTTP: {error}") from None
    except (httpx.LocalProtocolError, UnicodeError):  # their messages may quote a header, and so a secret
        raise InvalidArgument("the request is not valid HTTP") from None
    except httpx.TimeoutException as error:
        raise MaybeSent(f"no response in time ({type(error).__name__})", timed_out=True) from None
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise MaybeSent(f"the connection broke: {str(error) or type(error).__name__}") from None
    except Exception as error:  # h11 is not loaded before it is needed; all other errors pass through
        if _is_wrong_length(error):
            raise InvalidArgument("the body is not as long as announced; did the file change meanwhile?") from None
        raise


def _no_connection(error: httpx.TransportError, target: str) -> NeverSent:
    if CERTIFICATE_PROBLEM not in str(error):
        return NeverSent(f"no connection to {target}: {error}")
    return NeverSent(f"no connection to {target}: {error}; {CERTIFICATE_ADVICE}", is_lasting=True)


def _target(address: str, is_direct: bool) -> str:
    """Return what was connected to: the host of the address, or the environment's proxy in between."""
    url = httpx.URL(address)
    host = url.netloc.decode()
    if not is_direct:
        return host
    from .routes import proxy_of  # here, because httpcore takes a while to load

    proxy = proxy_of(url)
    if proxy is None:
        return host
    return f"{host} through the proxy {proxy.url.netloc.decode()}, which HTTPS_PROXY or the like names"


def _is_wrong_length(error: Exception) -> bool:
    """Return whether a body was longer or shorter than announced, so that the platform never had all of it."""
    from h11 import LocalProtocolError  # here, because httpx loads it no earlier than it connects

    return isinstance(error, LocalProtocolError)
