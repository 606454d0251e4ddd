"""A successful response, and the error for one that cannot be decoded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from attrs import define
from trilogue_generated.runtime.client import RawResponse
from trilogue_generated.runtime.model import UNEXPECTED
from trilogue_generated.runtime.operation import Operation

from ._json import parse_json
from .errors import DecodeError

Result = TypeVar("Result")
Part = TypeVar("Part")


@define(repr=False, eq=False)
class Response(RawResponse[Result]):
    """The response to a call; `platform` is the name errors call it by."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    operation: Operation[Result]
    platform: str
    attempts: int

    def parse(self) -> Result:
        """Return what the method returns without `with_raw_response`."""
        return self.decode(self.operation.decode, self._value())

    def json(self) -> Any:
        """Return the body as plain JSON values; None for an empty one."""
        if self.status == 204 or not self.content:
            return None
        try:
            return parse_json(self.content)
        except ValueError:
            media_type = self.headers.get("content-type", "no content type")
            message = f"expected JSON, got {media_type}; check `host`, and whether a proxy responded"
            raise self.decode_error(message) from None

    def decode(self, decoder: Callable[[Any], Part], value: Any) -> Part:
        """Decode a part of the body.

        Raises:
            DecodeError: the part is not what the decoder expects.
        """
        try:
            return decoder(value)
        except UNEXPECTED as error:
            message = f"the response is not what the description promises ({type(error).__name__})"
            raise self.decode_error(message) from None

    def decode_error(self, message: str) -> DecodeError:
        """Return the error for a response with this fault."""
        return DecodeError(
            message,
            status=self.status,
            headers=self.headers,
            content=self.content,
            platform=self.platform,
            operation=self.operation.name,
            attempts=self.attempts,
        )

    def _value(self) -> Any:
        if self.operation.response_type == "bytes":
            return self.content
        if self.operation.response_type == "text":
            return self.content.decode("utf-8", "replace")
        return self.json()

    def __repr__(self) -> str:
        """Show the status alone: headers and body may hold personal data."""
        return f"RawResponse(status={self.status})"
