"""The errors of the Chat API: one class for each type it names, each a subclass of one that all platforms share."""

from __future__ import annotations

from .. import errors


class BotpressChatError(errors.ApiError):
    """An error of a known type; `type` is its name, `request_id` the id of this occurrence.

    An error of an unknown type is raised as the class of its status (`trilogue.NotFound` ...), with its `type`.
    """


class InvalidPayload(BotpressChatError, errors.BadRequest):
    """The body is invalid, or an id is none that can be chosen."""


class InvalidQuery(BotpressChatError, errors.BadRequest):
    """A query parameter is invalid."""


class Unauthorized(BotpressChatError, errors.AuthenticationFailed):
    """The key of the user is missing or invalid."""


class Forbidden(BotpressChatError, errors.PermissionDenied):
    """The user is no participant of the conversation, or not its owner, or not the sender of the message."""


class ResourceNotFound(BotpressChatError, errors.NotFound):
    """The resource does not exist."""


class MethodNotFound(BotpressChatError, errors.MethodNotAllowed):
    """The route or method does not exist."""


class AlreadyExists(BotpressChatError, errors.Conflict):
    """The id is taken."""


class PayloadTooLarge(BotpressChatError, errors.PayloadTooLarge):
    """The body is larger than the server accepts."""


class UnsupportedMediaType(BotpressChatError, errors.UnsupportedMediaType):
    """The API does not accept the content type."""


class RateLimited(BotpressChatError, errors.RateLimited):
    """Too many requests."""


class Internal(BotpressChatError, errors.ServerError):
    """An internal error of the service."""


class Unknown(BotpressChatError, errors.ServerError):
    """An unexpected error."""


TYPES: dict[str, type[BotpressChatError]] = {each.__name__: each for each in BotpressChatError.__subclasses__()}
