"""What a platform implements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

import attrs

from trilogue_sandbox.kernel.http import JsonObject, Request, Response

ErrorReason: TypeAlias = Literal["expired_token", "rate_limit", "failure"]


@attrs.frozen
class Account:
    """A way to sign in that the sandbox knows from the start, printed for people and offered to tests.

    `credentials` holds whatever the platform asks for, by the name its clients use (`token`, `client_id`...). They are
    valid in this sandbox only.
    """

    name: str
    credentials: dict[str, str] = attrs.field(repr=False)
    note: str = ""


@attrs.frozen
class Leniency:
    """A violation of the description that the real platform accepts or sends, and the reason this is right.

    `operation_id`, `location` and `keyword` (see `Violation`) are shell patterns; a location reads `query/limit`,
    `body/fields/age` or `response/body/results/0/urns`.
    """

    operation_id: str
    location: str
    keyword: str
    reason: str


class ControlError(Exception):
    """An action of the control plane that cannot be done; becomes a 400.

    `field` names the argument at fault, or is None if it is the action itself.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Platform(Protocol):
    """One of the servers. Everything it knows is in `world.store`, so it holds no state of its own."""

    @property
    def name(self) -> str:
        """The name of the description and of the first segment of every path: `rapidpro`."""
        ...

    @property
    def prefix(self) -> str:
        """Where the paths of the description begin: `/rapidpro/api/v2`."""
        ...

    @property
    def leniencies(self) -> Sequence[Leniency]:
        """Where this platform is known to differ from its description."""
        ...

    def relabel(self, request: Request) -> Request:
        """Return a request with the content type it is read by, where this platform does not go by the given one."""
        ...

    def respond(self, request: Request) -> Response:
        """Respond to a request under `/<name>/`.

        Runs in a transaction that is rolled back if an exception leaves it. Under the prefix, `request.path` is the
        path as the description has it; elsewhere it is the whole path. Methods and paths the description does not know
        come here too: each platform has error responses of its own for them.
        """
        ...

    def reset(self) -> None:
        """Make the tables, or empty them, and add the default data."""
        ...

    def seed(self, data: JsonObject) -> object:
        """Add what a test or a person wants to find; return what was made (its ids), to be encoded as JSON.

        Raises:
            ControlError: the data does not say what to make.
        """
        ...

    def control(self, action: str, arguments: JsonObject) -> object:
        """Do what a person, a channel or the passing of time would do; return what came of it, to be encoded as JSON.

        Called for `POST /__sandbox__/<name>/<action>` and for each timer that is due.

        Raises:
            ControlError: there is no such action, or an argument is missing or wrong.
        """
        ...

    def accounts(self) -> Sequence[Account]:
        """Return the ways to sign in that `reset` made."""
        ...

    def error_response(self, reason: ErrorReason, status: int | None) -> Response:
        """Return an error response in the platform's own shape, for an injected fault.

        `status` is the one asked for, or None for the platform's own (an expired token, a rate limit). `Retry-After` is
        added by the engine where the fault asks for it.
        """
        ...
