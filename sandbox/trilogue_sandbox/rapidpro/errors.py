"""Error responses of the API. Raised anywhere below the router, which turns them into the response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from trilogue_sandbox.kernel.http import Response

Errors: TypeAlias = "Sequence[str] | Mapping[str, Errors]"
"""What is wrong with a value: messages, or for lists and maps the same by index or key."""


class ApiError(Exception):
    """An error response that ends a request; nothing the request did until then is kept."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def api_error(detail: str, status: int = 400) -> ApiError:
    """Return the error `{"detail": ...}`."""
    return ApiError(Response.json({"detail": detail}, status))


def invalid(errors: Mapping[str, Errors]) -> ApiError:
    """Return the error of a body, field by field."""
    return ApiError(Response.json(errors, 400))


def invalid_together(message: str) -> ApiError:
    """Return the error of a body for what several of its fields say together."""
    return invalid({"non_field_errors": [message]})


def not_found(model: str) -> ApiError:
    """Return the error of a query that names an object that does not exist."""
    return api_error(f"No {model} matches the given query.", 404)
