"""The errors of Botpress: one class for each type it names, each a subclass of one that all platforms share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import errors

if TYPE_CHECKING:
    from trilogue_generated.botpress.models import File, UpsertedFile


class BotpressError(errors.ApiError):
    """An error of a type that is known here; `type` is its name, `request_id` the id of this occurrence.

    One of a type that is not known is raised as the class of its status (`trilogue.NotFound` ...), with its `type`.
    """


class Unknown(BotpressError, errors.ServerError):
    """Nothing more precise is known."""


class Internal(BotpressError, errors.ServerError):
    """A failure inside the service."""


class Unauthorized(BotpressError, errors.AuthenticationFailed):
    """There are no valid credentials."""


class Forbidden(BotpressError, errors.PermissionDenied):
    """The credentials are fine, the action is not allowed."""


class PayloadTooLarge(BotpressError, errors.PayloadTooLarge):
    """The body exceeds what this part of the API takes."""


class InvalidPayload(BotpressError, errors.BadRequest):
    """The body is not valid."""


class UnsupportedMediaType(BotpressError, errors.UnsupportedMediaType):
    """The content type is not one the API reads."""


class MethodNotFound(BotpressError, errors.MethodNotAllowed):
    """There is no such route or method."""


class ResourceNotFound(BotpressError, errors.NotFound):
    """What was addressed does not exist."""


class InvalidJsonSchema(BotpressError, errors.BadRequest):
    """A JSON schema that was given is itself invalid."""


class InvalidDataFormat(BotpressError, errors.BadRequest):
    """Data does not fit the JSON schema declared for it."""


class InvalidIdentifier(BotpressError, errors.BadRequest):
    """A name is not of the form that names have."""


class RelationConflict(BotpressError, errors.Conflict):
    """Two ids were given that do not belong together."""


class ReferenceConstraint(BotpressError, errors.Conflict):
    """It cannot be deleted, because something still refers to it."""


class ResourceLockedConflict(BotpressError, errors.Conflict):
    """It is locked for the moment."""


class ResourceGone(BotpressError, errors.Gone):
    """It existed and is no longer available."""


class ReferenceNotFound(BotpressError, errors.BadRequest):
    """An id inside the body leads to nothing."""


class InvalidQuery(BotpressError, errors.BadRequest):
    """A parameter of the query is not valid."""


class Runtime(BotpressError, errors.BadRequest):
    """The code of a bot or an integration failed."""


class AlreadyExists(BotpressError, errors.Conflict):
    """There is one already."""


class RateLimited(BotpressError, errors.RateLimited):
    """Too many requests."""


class PaymentRequired(BotpressError, errors.PaymentRequired):
    """Billing blocks the call."""


class QuotaExceeded(BotpressError, errors.LimitReached):
    """A soft limit is reached, which can be raised."""


class LimitExceeded(BotpressError, errors.LimitReached):
    """A hard limit is reached."""


class BreakingChanges(BotpressError, errors.BadRequest):
    """The change of a definition needs a new version."""


class OperationTimeout(BotpressError, errors.ServerError):
    """The operation took too long."""


TYPES: dict[str, type[BotpressError]] = {each.__name__: each for each in BotpressError.__subclasses__()}


class UploadFailed(errors.RequestError):
    """The content of a file was refused, or could not be indexed; `file` is the file as it is then."""

    def __init__(
        self, file: File | UpsertedFile, reason: str, *, platform: str = "", operation: str = "", attempts: int = 1
    ) -> None:
        """Say which file and why."""
        super().__init__(f"{file.id}: {reason}", platform=platform, operation=operation, attempts=attempts)
        self.file = file
