"""What a message carries besides its text: attachments and quick replies."""

from __future__ import annotations

import re
from typing import TypeAlias

import attrs

from trilogue_sandbox.kernel.http import Json, JsonObject
from trilogue_sandbox.kernel.table import BLOB, CREATED, KEY, TEXT, UUID
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.references import References
from trilogue_sandbox.rapidpro.serializer_fields import Choice, Items, ServerString, String
from trilogue_sandbox.rapidpro.serializers import (
    UNSET,
    Field,
    InvalidValue,
    Nullable,
    ReadsNull,
    Serializer,
    Unset,
    optional,
    read_object,
)
from trilogue_sandbox.rapidpro.table_types import WORKSPACE, plain_table

MEDIA = plain_table(
    "media",
    id=KEY,
    uuid=UUID,
    workspace_id=WORKSPACE,
    content_type=TEXT,
    filename=TEXT,
    url=TEXT,
    data=BLOB,
    created_on=CREATED,
)

TEXT_OF_MESSAGE = ServerString(lambda server: server.text_length)
_MAX_ITEMS = 10
_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_QUICK_REPLY_TYPES = ("text", "form", "url", "location")


QuickReply: TypeAlias = "dict[str, str | None]"
"""A quick reply as it is kept and shown: its `type`, and `text` and `extra` where they were given."""


def find_attachment(context: WorkspaceContext, value: str) -> str | None:
    """Return the type and address of an uploaded file, named by its UUID or by an address that contains it."""
    for found in _UUID.findall(value):
        if row := context.find(MEDIA, uuid=found.lower()):
            return f"{row['content_type']}:{row['url']}"
    return None


ATTACHMENTS = References(find_attachment, _MAX_ITEMS)


@attrs.frozen
class _QuickReplyBody:
    type: str = optional(Choice(_QUICK_REPLY_TYPES), "text")
    text: str | Unset | None = optional(Nullable(String(64)))
    extra: str | Unset | None = optional(Nullable(String(1000)))


@attrs.frozen
class _QuickReplyField(ReadsNull, Field[QuickReply]):
    def read(self, value: Json, serializer: Serializer) -> QuickReply:
        if not isinstance(value, dict):
            serializer.fail_as("quick-reply-type", "quick_replies")
            message = f"Invalid data. Expected a dictionary, but got {type(value).__name__}."
            raise InvalidValue(errors={"non_field_errors": [message]})
        if error := _error(value):
            raise InvalidValue(error)
        given = read_object(_QuickReplyBody, value, serializer)
        said = {"text": given.text, "extra": given.extra}
        return {"type": given.type, **{name: text for name, text in said.items() if text not in (UNSET, None)}}


def _error(given: JsonObject) -> str | None:
    """Return what a quick reply of its type lacks or has too much."""
    reply_type = given.get("type", "text")
    if reply_type == "text" and not given.get("text"):
        return "Quick replies of type 'text' require a 'text' value."
    if reply_type in ("form", "url") and not (given.get("text") and given.get("extra")):
        return f"Quick replies of type '{reply_type}' require 'text' and 'extra' values."
    if reply_type == "location" and given.get("extra"):
        return "Quick replies of type 'location' cannot have an 'extra' value."
    return None


QUICK_REPLIES = Items(_QuickReplyField(), _MAX_ITEMS)
