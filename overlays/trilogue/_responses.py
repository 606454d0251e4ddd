"""A successful response, and the error for one that cannot be decoded."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from msgspec.json import Decoder
from trilogue_generated.runtime.client import RawResponse
from trilogue_generated.runtime.model import UNEXPECTED
from trilogue_generated.runtime.operation import Operation

from ._http.messages import HttpResponse
from ._json import parse_json
from ._outcomes import Attempt, error_for_unreadable
from .errors import DecodeError, NotFound

Result = TypeVar("Result")
Part = TypeVar("Part")

JSON_TYPES: dict[type[Any], str] = {dict: "an object", list: "a list", str: "a string", type(None): "nothing"}


class Response(RawResponse[Result]):
    """The response to a call."""

    def __init__(self, response: HttpResponse, operation: Operation[Result], attempt: Attempt) -> None:
        """Decode nothing yet."""
        self.status, self.headers, self.content = response.status, response.headers, response.content
        self.operation, self.attempt, self._fault = operation, attempt, response.fault

    @property
    def attempts(self) -> int:
        """How often the request was sent."""
        return self.attempt.attempts.sent

    def parse(self) -> Result:
        """Return what the method returns without `with_raw_response`."""
        result = self.decode(self.operation.decode, self._value())
        if result is None and self.operation.finds_one:
            raise self._not_found()
        return result

    def json(self) -> Any:
        """Return the body as plain JSON values; None for an empty one."""
        self._require_whole()
        if self.status == 204 or not self.content:
            return None
        try:
            return parse_json(self.content)
        except ValueError:
            raise self.decode_error(self._not_json()) from None

    def json_by(self, decoder: Decoder[Any]) -> Any:
        """Return the body as a decoder of msgspec has it, or as plain JSON values where that expects another."""
        self._require_whole()
        with suppress(ValueError, RecursionError):
            return decoder.decode(self.content)
        return self.json()

    def decode(self, decoder: Callable[[Any], Part], value: Any) -> Part:
        """Decode a part of the body.

        Raises:
            DecodeError: the part is not what the decoder expects.
        """
        try:
            return decoder(value)
        except (*UNEXPECTED, RecursionError):
            got = next((name for type_, name in JSON_TYPES.items() if isinstance(value, type_)), "a number")
            raise self.decode_error(f"the response ({got}) is not what the description promises") from None

    def decode_error(self, message: str) -> DecodeError:
        """Return the error for a response with this fault."""
        return error_for_unreadable(message, self.status, self.headers, self.content, self.attempt)

    def _not_found(self) -> NotFound:
        message = "there is none; the response is an empty list"
        return NotFound(message, status=self.status, headers=self.headers, body=self.json(), **self.attempt.context())

    def _require_whole(self) -> None:
        if self._fault:
            raise self.decode_error(self._fault)

    def _not_json(self) -> str:
        media_type = self.headers.get("content-type", "no content type")
        if "json" in media_type:
            return f"the JSON is invalid or ends too early, after {len(self.content):,} bytes"
        return f"expected JSON, got {media_type}; check `host`, and whether a proxy responded"

    def _value(self) -> Any:
        if self.operation.response_type == "json":
            return self.json()
        self._require_whole()
        is_text = self.operation.response_type == "text"
        return self.content.decode("utf-8", "replace") if is_text else self.content

    def __repr__(self) -> str:
        """Show the status alone: headers and body may hold personal data."""
        return f"RawResponse(status={self.status})"
