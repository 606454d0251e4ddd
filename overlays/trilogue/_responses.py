"""Reads answers: JSON into results, errors into exceptions."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

import orjson
from attrs import frozen
from trilogue_generated.runtime.client import RawResponse
from trilogue_generated.runtime.model import UNEXPECTED
from trilogue_generated.runtime.operation import Operation

from ._http import HttpResponse
from .errors import ApiError, DecodeError

Answer = TypeVar("Answer")


def parse_json(content: bytes) -> Any:
    """Parse JSON quickly, and what only Python's own parser takes (NaN, lone surrogates) with that.

    Raises:
        ValueError: it is not JSON.
    """
    try:
        return orjson.loads(content)
    except ValueError:
        return _parse_patiently(content)


def _parse_patiently(content: bytes) -> Any:
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def parse_body(response: HttpResponse) -> Any:
    """Return the JSON of an answer, None for an empty one.

    Raises:
        DecodeError: it is not JSON.
    """
    if response.status == 204 or not response.content:
        return None
    try:
        return parse_json(response.content)
    except ValueError:
        kind = response.headers.get("content-type", "no content type")
        raise _broken(response, f"expected JSON, got {kind}; is the host right, and no proxy in between?") from None


def decode(operation: Operation[Answer], response: HttpResponse, platform: str) -> Answer:
    """Return the result of an operation; `platform` is the name errors call it by.

    Raises:
        DecodeError: the answer is not what was promised.
    """
    with answering(operation, platform):
        return decode_with(response, operation.decode, _value(operation, response))  # type: ignore[no-any-return]  # decode makes it


@contextmanager
def answering(operation: Operation[Any], platform: str) -> Generator[None]:
    """Let a DecodeError say which operation it is about."""
    try:
        yield
    except DecodeError as error:
        error.in_context(platform, operation.name, error.attempts)
        raise


def decode_with(response: HttpResponse, make: Any, value: Any) -> Any:
    """Return what `make` makes of a part of an answer; raises DecodeError as `decode` does."""
    try:
        return make(value)
    except UNEXPECTED as error:
        raise _broken(response, f"the answer is not what was promised ({type(error).__name__})") from None


def _value(operation: Operation[Any], response: HttpResponse) -> Any:
    if operation.response_type == "bytes":
        return response.content
    if operation.response_type == "text":
        return response.content.decode("utf-8", "replace")
    return parse_body(response)


def _broken(response: HttpResponse, message: str) -> DecodeError:
    return DecodeError(
        f"{response.status} {message}", status=response.status, headers=response.headers, content=response.content
    )


def redirection(response: HttpResponse) -> ApiError | None:
    """Return the error for a redirect, None for another answer; the credentials are not for another address."""
    if not 300 <= response.status < 400:
        return None
    try:
        target = urlsplit(response.headers.get("location", ""))
        where = f" to {target.scheme}://{target.hostname}" if target.hostname else ""
    except ValueError:
        where = ""
    return ApiError(
        f"a redirect{where}, which is not followed; if the platform is there, set host= to it",
        status=response.status,
        headers=response.headers,
        body=error_body(response),
    )


def error_body(response: HttpResponse) -> Any:
    """Return the body of an error: parsed if it is JSON, else its text."""
    try:
        return parse_json(response.content) if response.content else None
    except ValueError:
        return response.content.decode("utf-8", "replace")


def wordless(response: HttpResponse, platform: str) -> str:
    """Say of an error that the platform did not put into words what it is instead, such as the page of a proxy."""
    kind = response.headers.get("content-type", "").partition(";")[0]
    return f"an answer of {len(response.content)} bytes of {kind or 'no type'}; is the host a {platform} server?"


@frozen(repr=False, eq=False)
class Raw(RawResponse[Answer]):
    """An answer as it came."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    operation: Operation[Answer]
    platform: str

    def parse(self) -> Answer:
        """Return what the method returns without `with_raw_response`."""
        return decode(self.operation, self._response(), self.platform)

    def json(self) -> Any:
        """Return the body as plain JSON values."""
        with answering(self.operation, self.platform):
            return parse_body(self._response())

    def _response(self) -> HttpResponse:
        return HttpResponse(self.status, self.headers, self.content)

    def __repr__(self) -> str:
        """Show the status alone: headers and body may hold personal data."""
        return f"RawResponse(status={self.status})"
