"""Who calls, and what is found on the caller's behalf."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from trilogue_sandbox.botpress_chat.errors import ApiError
from trilogue_sandbox.botpress_chat.schema import CONVERSATIONS, PARTICIPANTS, USERS
from trilogue_sandbox.kernel import resource
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.kernel.views import Context


@attrs.frozen
class Caller(Context):
    """The user whose key a request carries; `user_id` is empty for a request that takes none."""

    user_id: str = ""

    def find(self, table: Table, key: str) -> Row:
        """Return the row with a key.

        Raises:
            ApiError: there is none (ResourceNotFound).
        """
        row = self.records.find(table, id=key)
        if row is None:
            raise ApiError("ResourceNotFound", f"{noun(table)} {key} does not exist")
        return row

    def user(self) -> Row:
        """Return the user; raises as `find`."""
        return self.find(USERS, self.user_id)

    def require_participant(self, conversation_id: str, message: str) -> None:
        """Let only participants of a conversation pass.

        Raises:
            ApiError: the caller is none, or there is no such conversation (Forbidden).
        """
        if not is_participant(self, conversation_id, self.user_id):
            raise ApiError("Forbidden", message)

    def owned(self, conversation_id: str) -> Row:
        """Return a conversation.

        Raises:
            ApiError: there is none (ResourceNotFound), or the caller does not own it (Forbidden).
        """
        conversation = self.find(CONVERSATIONS, conversation_id)
        if conversation["owner_id"] != self.user_id:
            raise ApiError("Forbidden", "You are not the owner of this conversation")
        return conversation


Exchange: TypeAlias = resource.Exchange[Caller]
Resource: TypeAlias = resource.Resource[Exchange]


def is_participant(context: Context, conversation_id: str, user_id: str) -> bool:
    """Whether a user takes part in a conversation."""
    return context.records.find(PARTICIPANTS, conversation_id=conversation_id, user_id=user_id) is not None


def noun(table: Table) -> str:
    """Return what a row of a table is called: `Conversation`."""
    return table.name.removeprefix("chat_").removesuffix("s").capitalize()
