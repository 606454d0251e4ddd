"""The ways in which the API says no. Raised anywhere below the router, which turns them into the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from trilogue_sandbox.messages import Response

Errors: TypeAlias = "Sequence[str] | Mapping[str, Errors]"
"""What is wrong with a value: messages, or for lists and maps the same by index or key."""


class Refusal(Exception):
    """An answer that ends a request; nothing the request did until then is kept."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def refusal(detail: str, status: int = 400) -> Refusal:
    """Refuse with `{"detail": ...}`."""
    return Refusal(Response.json({"detail": detail}, status))


def invalid(errors: Mapping[str, Errors]) -> Refusal:
    """Refuse a body, field by field."""
    return Refusal(Response.json(errors, 400))


def invalid_together(message: str) -> Refusal:
    """Refuse a body for what several of its fields say together."""
    return invalid({"non_field_errors": [message]})


def unknown(model: str) -> Refusal:
    """Refuse because the query names an object that is not there."""
    return refusal(f"No {model} matches the given query.", 404)
