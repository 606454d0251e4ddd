"""Reads the error responses of Botpress."""

from __future__ import annotations

from .._error_responses import ErrorDetails
from .._http.messages import HttpResponse
from .._typed_error_responses import read_typed_error
from .errors import TYPES


def read_error(response: HttpResponse) -> ErrorDetails:
    """Read an unsuccessful response."""
    return read_typed_error(response, TYPES)
