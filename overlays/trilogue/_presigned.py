"""Requests to addresses that permit what they are for, such as those of a storage; no credentials are sent there."""

from __future__ import annotations

import re
from typing import TypeVar
from urllib.parse import urlsplit

from msgspec.structs import replace
from trilogue_generated.runtime.operation import Operation

from ._auth import StaticAuth
from ._calls import BASE_HEADERS, PreparedCall
from ._core import Core
from ._error_responses import ErrorDetails, read_body
from ._flow import Flow
from ._http.destinations import Destination
from ._http.messages import Body, HttpResponse
from ._pacing.pacer import Pacer
from ._responses import Response
from ._sending import send
from .errors import error_class

Result = TypeVar("Result")

_CODE = re.compile(rb"<Code>(\w{1,60})</Code>")
"""The name of an error of a storage; its message may quote the address, and so its signature."""


def is_secure(core: Core, url: object) -> bool:
    """Return whether an address may be used: by https, or by http where the API itself is reached by http."""
    try:
        return isinstance(url, str) and urlsplit(url).scheme in ("https", urlsplit(core.base_url).scheme)
    except ValueError:
        return False


def send_presigned(
    core: Core,
    operation: Operation[Result],
    url: str,
    *,
    headers: dict[str, str],
    body: Body = None,
    destination: Destination | None = None,
) -> Flow[Response[Result]]:
    """Send a request that can be repeated, without credentials, and outside the rate limit; raises as `send` does.

    `headers`, under lower-case names, are added to, and read for each attempt.
    """
    options = core.options
    headers |= {name: value for name, value in BASE_HEADERS.items() if name not in headers}
    call = PreparedCall(
        operation,
        url,
        headers,
        body,
        options.timeout,
        options.deadline_or(None),
        is_retryable=True,
        destination=destination,
    )
    platform = replace(core.platform, read_error=_read_error, credentials="")
    return (yield from send(call, replace(core, platform=platform, auth=StaticAuth(None), pacer=Pacer())))


def _read_error(response: HttpResponse) -> ErrorDetails:
    found = _CODE.search(response.content)
    code = found[1].decode() if found else ""
    what = "there is nothing at this address, or not yet" if response.status == 404 else "the address may have expired"
    return ErrorDetails(
        error_class(response.status), f"{code}{': ' if code else ''}{what}", read_body(response), type=code or None
    )
