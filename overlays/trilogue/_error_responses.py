"""What the unsuccessful responses of all platforms have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from msgspec import field

from ._http.messages import HttpResponse
from ._json import parse_json
from ._records import Record
from .errors import ApiError


class ErrorDetails(Record, frozen=True):
    """The content of an unsuccessful response: the class to raise and its arguments."""

    error_class: type[ApiError]
    message: str
    body: Any
    type: str | None = None
    request_id: str | None = None
    field_errors: Mapping[str, list[str]] = field(default_factory=dict[str, list[str]])


def read_redirect(response: HttpResponse) -> ErrorDetails | None:
    """Return the details of a redirect, None for another response; credentials are not sent to another address."""
    if not 300 <= response.status < 400:
        return None
    try:
        target = urlsplit(response.headers.get("location", ""))
        where = f" to {target.scheme}://{target.hostname}" if target.hostname else ""
    except ValueError:
        where = ""
    return ErrorDetails(
        ApiError,
        f"redirect{where}, which is not followed; if the platform is there, set host= to it",
        read_body(response),
    )


def read_body(response: HttpResponse) -> Any:
    """Return the body of an error: parsed if it is JSON, else as a string."""
    try:
        return parse_json(response.content) if response.content else None
    except ValueError:
        return response.content.decode("utf-8", "replace")


def describe_unexpected_body(response: HttpResponse, platform: str) -> str:
    """Return a message for a response without one of the platform's, such as the page of a proxy."""
    media_type = response.headers.get("content-type", "").partition(";")[0]
    size = f"{len(response.content)}-byte" if response.content else "empty"
    what = f"unexpected {' '.join(filter(None, (size, media_type)))} response"
    if response.status >= 500 or response.status == 413:
        return f"{what}, perhaps of a proxy in front of the server"
    return f"{what}; is `host` a {platform} server?"
