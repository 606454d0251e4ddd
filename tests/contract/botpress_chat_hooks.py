"""What is known of the BotpressChat server that its description cannot say, each with the fact it rests on."""

from __future__ import annotations

from trilogue_generated.platforms import BOTPRESS_CHAT

from tests.contract.known import ApiError, accept, leaves

accept(
    BOTPRESS_CHAT.name,
    BOTPRESS_CHAT.prefix,
    (),
    (ApiError(("things_list",), r"There is nothing with this id\.", "a cursor is an id that exists"),),
    leaves,
)
