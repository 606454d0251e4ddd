"""What a platform says of itself: how to sign in, where it differs from its description, and what cannot be done."""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

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


class ControlError(ValueError):
    """What was asked of the sandbox itself, not of a platform, cannot be done; over HTTP a 400.

    `field` names the argument at fault, or is None if it is the action itself.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field
