"""Errors of Botpress: 26 types, each with one status.

How each is caused in the sandbox (`tests/sandbox/botpress/test_errors.py` does all of it):

    AlreadyExists           make a table, or copy a file, under a name that is taken
    BreakingChanges         take something away from the definition of an integration that is public
    Forbidden               use a key for another bot or family; change what is frozen or another's
    Internal                action `refuse_next`; a fault of the type `status` with 500
    InvalidDataFormat       send a payload, input or event that does not fit the schema declared for it
    InvalidIdentifier       give an integration, an action or an event a name that begins with a capital letter
    InvalidJsonSchema       describe a column or a definition by a JSON schema that is none
    InvalidPayload          send a body that does not fit the description, or a tag that is not declared
    InvalidQuery            send a query that does not fit the description, or a `nextToken` that was made up
    LimitExceeded           make a table of 21 columns, a state of more than 128 KB
    MethodNotFound          use a method or a path there is not
    OperationTimeout        action `set_action` with `timeout`, then call the action; a fault with the status 504
    PayloadTooLarge         send a body of more bytes than the family takes (`set_limit` makes that less)
    PaymentRequired         make something while the workspace is blocked for unpaid invoices
    QuotaExceeded           use more than the plan gives (`set_quota` makes that less)
    RateLimited             call more often than `requests_per_second` (`set_limit`); a fault of the type `rate_limit`
    ReferenceConstraint     delete a user, conversation or workflow to which a workflow at work refers
    ReferenceNotFound       name in a body what there is not
    RelationConflict        make an event about a message and a conversation that do not belong together
    ResourceGone            read a state or a file that has expired
    ResourceLockedConflict  change a table that is being imported into; copy a file whose content has not come
    ResourceNotFound        name in the path what there is not
    Runtime                 action `set_action` with `error`, then call the action
    Unauthorized            send no token or an unknown one, or leave out a required header
    Unknown                 action `refuse_next`; a fault with a status of no other type
    UnsupportedMediaType    send a body that is not `application/json`

Besides, `refuse_next` makes the next calls fail with any of them, as long as the description of the operation has its
status.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import attrs

from trilogue_sandbox.kernel.http import JsonObject, Response
from trilogue_sandbox.kernel.world import World

ErrorType: TypeAlias = Literal[
    "Unknown",
    "Internal",
    "Unauthorized",
    "Forbidden",
    "PayloadTooLarge",
    "InvalidPayload",
    "UnsupportedMediaType",
    "MethodNotFound",
    "ResourceNotFound",
    "InvalidJsonSchema",
    "InvalidDataFormat",
    "InvalidIdentifier",
    "RelationConflict",
    "ReferenceConstraint",
    "ResourceLockedConflict",
    "ResourceGone",
    "ReferenceNotFound",
    "InvalidQuery",
    "Runtime",
    "AlreadyExists",
    "RateLimited",
    "PaymentRequired",
    "QuotaExceeded",
    "LimitExceeded",
    "BreakingChanges",
    "OperationTimeout",
]

ERROR_TYPES: tuple[ErrorType, ...] = get_args(ErrorType)


@attrs.frozen
class ErrorClass:
    """The status of a type of error, and what it means in the platform's own words."""

    status: int
    description: str


ERRORS: dict[ErrorType, ErrorClass] = {
    "Unknown": ErrorClass(500, "An unknown error occurred"),
    "Internal": ErrorClass(500, "An internal error occurred"),
    "Unauthorized": ErrorClass(401, "The request requires to be authenticated."),
    "Forbidden": ErrorClass(403, "The requested action can't be peform by this resource."),
    "PayloadTooLarge": ErrorClass(413, "The request payload is too large."),
    "InvalidPayload": ErrorClass(400, "The request payload is invalid."),
    "UnsupportedMediaType": ErrorClass(415, "The request is invalid because the content-type is not supported."),
    "MethodNotFound": ErrorClass(405, "The requested method does not exist."),
    "ResourceNotFound": ErrorClass(404, "The requested resource does not exist."),
    "InvalidJsonSchema": ErrorClass(400, "The provided JSON schema is invalid."),
    "InvalidDataFormat": ErrorClass(400, "The provided data doesn't respect the provided JSON schema."),
    "InvalidIdentifier": ErrorClass(
        400,
        "The provided identifier is not valid. An identifier must start with a lowercase letter, be between "
        "2 and 100 characters long and use only alphanumeric characters.",
    ),
    "RelationConflict": ErrorClass(
        409,
        "The resource is related with a different resource that the one referenced in the request. This is "
        "usually caused when providing two resource identifiers that aren't linked together.",
    ),
    "ReferenceConstraint": ErrorClass(
        409,
        "The resource cannot be deleted because it's referenced by another resource",
    ),
    "ResourceLockedConflict": ErrorClass(
        409,
        "The resource is current locked and cannot be operated on until the lock is released.",
    ),
    "ResourceGone": ErrorClass(410, "The requested resource is no longer available."),
    "ReferenceNotFound": ErrorClass(
        400,
        "The provided resource reference is missing. This is usually caused when providing an invalid id "
        "inside the payload of a request.",
    ),
    "InvalidQuery": ErrorClass(
        400,
        "The provided query is invalid. This is usually caused when providing an invalid parameter for "
        "querying a resource.",
    ),
    "Runtime": ErrorClass(400, "An error happened during the execution of a runtime (bot or integration)."),
    "AlreadyExists": ErrorClass(409, "The record attempted to be created already exists."),
    "RateLimited": ErrorClass(429, "The request has been rate limited."),
    "PaymentRequired": ErrorClass(402, "A payment is required to perform this request."),
    "QuotaExceeded": ErrorClass(
        403,
        "The request exceeds the allowed quota. Quotas are a soft limit that can be increased.",
    ),
    "LimitExceeded": ErrorClass(
        413,
        "The request exceeds the allowed limit. Limits are a hard limit that cannot be increased.",
    ),
    "BreakingChanges": ErrorClass(
        400,
        "Request payload contains breaking changes which is not allowed for this resource without a version increment.",
    ),
    "OperationTimeout": ErrorClass(504, "The operation timed out."),
}


BY_NAME: dict[str, ErrorType] = {str(name): name for name in ERROR_TYPES}
"""The types of error by their names."""


def of_status(status: int) -> ErrorType:
    """Return the first type of error with a status; Unknown for a status that none has."""
    for name, error in ERRORS.items():
        if error.status == status:
            return name
    return "Unknown"


class ApiError(Exception):
    """An error response; whatever the handler has written is undone."""

    def __init__(self, error_type: ErrorType, message: str, metadata: JsonObject | None = None) -> None:
        super().__init__(message)
        self.error_type: ErrorType = error_type
        self.message = message
        self.metadata = metadata


class PartialError(ApiError):
    """An error response to a part of a request; what the handler has written for the other part stays."""


def respond(
    world: World, error_type: ErrorType, message: str, metadata: JsonObject | None = None, status: int | None = None
) -> Response:
    """Return an error response, with the status of its type unless another is given.

    It has both published forms in one, so that clients of either find what they look for.
    """
    error = ERRORS[error_type]
    status = status or error.status
    more: JsonObject = {} if metadata is None else {"metadata": metadata}
    document: JsonObject = {
        "id": _new_id(world),
        "code": status,
        "type": error_type,
        "message": message,
        **more,
        "description": error.description,
        "status": status,
    }
    return Response.json(document, status)


def _new_id(world: World) -> str:
    timestamp = world.clock.now().strftime("%Y%m%d%H%M%S")
    return f"err_{timestamp}x{world.random.getrandbits(32):08X}"
