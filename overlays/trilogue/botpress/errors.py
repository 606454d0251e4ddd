"""The errors of Botpress: one class for each type it names, each a subclass of one that all platforms share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from .. import errors

if TYPE_CHECKING:
    from trilogue_generated.botpress.models import File, UpsertedFile


class BotpressError(errors.ApiError):
    """An error of a known type; `type` is its name, `request_id` the id of this occurrence.

    An error of an unknown type is raised as the class of its status (`trilogue.NotFound` ...), with its `type`.
    """


class Unknown(BotpressError, errors.ServerError):
    """An unexpected error."""


class Internal(BotpressError, errors.ServerError):
    """An internal error of the service."""


class Unauthorized(BotpressError, errors.AuthenticationFailed):
    """The credentials are missing or invalid."""


class Forbidden(BotpressError, errors.PermissionDenied):
    """The credentials are valid, the action is not allowed."""


class PayloadTooLarge(BotpressError, errors.PayloadTooLarge):
    """The body is larger than the endpoint accepts."""


class InvalidPayload(BotpressError, errors.BadRequest):
    """The body is invalid."""


class UnsupportedMediaType(BotpressError, errors.UnsupportedMediaType):
    """The API does not accept the content type."""


class MethodNotFound(BotpressError, errors.MethodNotAllowed):
    """The route or method does not exist."""


class ResourceNotFound(BotpressError, errors.NotFound):
    """The resource does not exist."""


class InvalidJsonSchema(BotpressError, errors.BadRequest):
    """A JSON schema in the request is itself invalid."""


class InvalidDataFormat(BotpressError, errors.BadRequest):
    """Data does not match the JSON schema declared for it."""


class InvalidIdentifier(BotpressError, errors.BadRequest):
    """An identifier or name is malformed."""


class RelationConflict(BotpressError, errors.Conflict):
    """Two ids do not belong together."""


class ReferenceConstraint(BotpressError, errors.Conflict):
    """The resource cannot be deleted, because another one refers to it."""


class ResourceLockedConflict(BotpressError, errors.Conflict):
    """The resource is locked; try again later."""


class ResourceGone(BotpressError, errors.Gone):
    """The resource existed and is no longer available."""


class ReferenceNotFound(BotpressError, errors.BadRequest):
    """An id in the body refers to nothing."""


class InvalidQuery(BotpressError, errors.BadRequest):
    """A query parameter is invalid."""


class Runtime(BotpressError, errors.BadRequest):
    """The code of a bot or an integration failed."""


class AlreadyExists(BotpressError, errors.Conflict):
    """The resource already exists."""


class RateLimited(BotpressError, errors.RateLimited):
    """Too many requests."""


class PaymentRequired(BotpressError, errors.PaymentRequired):
    """Billing blocks the request."""


class QuotaExceeded(BotpressError, errors.LimitReached):
    """A quota is used up; it can be raised."""


class LimitExceeded(BotpressError, errors.LimitReached):
    """A hard limit is reached."""


class BreakingChanges(BotpressError, errors.BadRequest):
    """The change of a definition requires a new version."""


class OperationTimeout(BotpressError, errors.ServerError):
    """The operation took too long."""


TYPES: dict[str, type[BotpressError]] = {each.__name__: each for each in BotpressError.__subclasses__()}


class UploadFailed(errors.RequestError):
    """The content of a file was refused, or could not be indexed; the file exists, as `file`."""

    def __init__(self, file: File | UpsertedFile, reason: str, **context: Unpack[errors.ErrorContext]) -> None:
        """Say which file and why."""
        super().__init__(f"{file.id}: {reason}", **context)
        self.file = file
