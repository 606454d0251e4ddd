"""What a message carries besides its text: attachments and quick replies."""

from __future__ import annotations

import re
from typing import TypeAlias

import attrs

from trilogue_sandbox.kernel.http import Json
from trilogue_sandbox.kernel.table import BLOB, CREATED, KEY, TEXT, UUID
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.serializers import (
    Choice,
    Field,
    InvalidValue,
    Items,
    References,
    Serializer,
    String,
    optional,
    read_object,
)
from trilogue_sandbox.rapidpro.tables import WORKSPACE, plain_table

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

MAX_TEXT = 4096
_MAX_ITEMS = 10
_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_QUICK_REPLY_TYPES = ("text", "form", "url", "location")


QuickReply: TypeAlias = "dict[str, str]"
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
    text: str = optional(String(64, may_be_blank=True), "")
    extra: str = optional(String(1000, may_be_blank=True), "")


@attrs.frozen
class _QuickReplyField(Field[QuickReply]):
    def read(self, value: Json, serializer: Serializer) -> QuickReply:
        if not isinstance(value, dict):
            message = f"Invalid data. Expected a dictionary, but got {type(value).__name__}."
            raise InvalidValue(errors={"non_field_errors": [message]})
        given = read_object(_QuickReplyBody, value, serializer)
        if error := _error(given):
            raise InvalidValue(error)
        said = {"text": given.text, "extra": given.extra}
        return {"type": given.type, **{name: value for name, value in said.items() if value}}


def _error(given: _QuickReplyBody) -> str | None:
    if given.type == "text" and not given.text:
        return "Quick replies of type 'text' require a 'text' value."
    if given.type in ("form", "url") and not (given.text and given.extra):
        return f"Quick replies of type '{given.type}' require 'text' and 'extra' values."
    if given.type == "location" and given.extra:
        return "Quick replies of type 'location' cannot have an 'extra' value."
    return None


QUICK_REPLIES = Items(_QuickReplyField(), _MAX_ITEMS)
