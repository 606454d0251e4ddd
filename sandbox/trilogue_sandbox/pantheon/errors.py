"""Error responses of Pantheon."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Self

from trilogue_sandbox.kernel.http import Response

CONTENT_TYPE = "application/json; charset=utf-8"
"""The content type of every response."""

_MESSAGES: Mapping[int, str] = {
    400: "Your request data was invalid.",
    401: "The access token is not valid.",
    404: "There is no such method.",
    429: "Too many calls, try again later.",
    501: "This is not implemented.",
    503: "The service is unavailable.",
    504: "The service did not answer in time.",
}
_SERVER_ERROR = "An error occurred on our end."


class ApiError(Exception):
    """An exchange that ends in an error response; whatever its handler has written is undone."""

    def __init__(self, response: Response) -> None:
        super().__init__(str(response.status))
        self.response = response


class ValidationErrors:
    """Everything that is wrong with a request, so that one response says all of it.

    Use it as a context manager: it raises a 400 at the end of the block if anything was added.
    """

    def __init__(self) -> None:
        self._found: list[tuple[str, str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_class: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and self._found:
            raise invalid(self._found)

    def add(self, field: str, *messages: str) -> None:
        """Add what is wrong with a field; without a message, nothing is."""
        self._found += [(field, message) for message in messages]

    def require(self, condition: bool, field: str, message: str) -> None:
        """Add an error of a field unless a condition holds."""
        if not condition:
            self.add(field, message)


def error_response(status: int, message: str | None = None, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error response; without a message, with the usual one of the status."""
    return Response.json({"message": message or _MESSAGES.get(status, _SERVER_ERROR)}, status, headers)


def invalid(errors: Iterable[tuple[str, str]]) -> ApiError:
    """Return the error for fields that are wrong, each with a message."""
    document = {"message": _MESSAGES[400], "errors": [{field: message} for field, message in errors]}
    return ApiError(Response.json(document, 400))


def not_found(label: str) -> ApiError:
    """Return the error for an id that names nothing; `label` says what it should have named: `conversation`."""
    return ApiError(error_response(404, f"The {label} was not found."))


def require(condition: bool, field: str, message: str) -> None:
    """Raise a 400 about one field unless a condition holds."""
    if not condition:
        raise invalid([(field, message)])
