"""What is known of the server of the Chat API that its description cannot say, each with the fact it rests on."""

from __future__ import annotations

from collections.abc import Iterator

from trilogue_generated.platforms import BOTPRESS_CHAT
from trilogue_sandbox.kernel.http import Json

from tests.contract.known import ApiError, accept

_LISTS = ("listConversations", "listMessages", "listParticipants")


def _said(error: Json) -> Iterator[str]:
    if isinstance(error, dict):
        yield f"{error['type']}: {error['message']}"


accept(
    BOTPRESS_CHAT.name,
    BOTPRESS_CHAT.prefix,
    (),
    (
        ApiError(
            _LISTS, "InvalidQuery: nextToken was not made by this list; .*", "a token is one that the list has given"
        ),
        ApiError(
            ("removeParticipant",),
            "InvalidPayload: You cannot remove yourself .* you are its owner",
            "who the owner is, no schema says",
        ),
    ),
    _said,
)
