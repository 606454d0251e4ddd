"""Errors as the platform words them."""

from __future__ import annotations

from typing import Literal, TypeAlias

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.kernel.world import World

ErrorType: TypeAlias = Literal[
    "InvalidPayload",
    "InvalidQuery",
    "Unauthorized",
    "Forbidden",
    "ResourceNotFound",
    "MethodNotFound",
    "AlreadyExists",
    "PayloadTooLarge",
    "UnsupportedMediaType",
    "RateLimited",
    "Internal",
    "Unknown",
]

STATUSES: dict[ErrorType, int] = {
    "InvalidPayload": 400,
    "InvalidQuery": 400,
    "Unauthorized": 401,
    "Forbidden": 403,
    "ResourceNotFound": 404,
    "MethodNotFound": 405,
    "AlreadyExists": 409,
    "PayloadTooLarge": 413,
    "UnsupportedMediaType": 415,
    "RateLimited": 429,
    "Internal": 500,
    "Unknown": 500,
}


def of_status(status: int) -> ErrorType:
    """Return the first type of error with a status; Unknown for a status that none has."""
    for name, own in STATUSES.items():
        if own == status:
            return name
    return "Unknown"


class ApiError(Exception):
    """An error response; whatever the handler has written is undone."""

    def __init__(self, error_type: ErrorType, message: str) -> None:
        super().__init__(message)
        self.error_type: ErrorType = error_type


def respond(world: World, error_type: ErrorType, message: str, status: int | None = None) -> Response:
    """Return an error response, with the status of its type unless another is given."""
    code = status or STATUSES[error_type]
    timestamp = world.clock.now().strftime("%Y%m%d%H%M%S")
    occurrence = f"err_{timestamp}x{world.random.getrandbits(32):08X}"
    document: JsonObject = {"id": occurrence, "code": code, "type": error_type, "message": message}
    return Response.json(document, code)
