"""Messages as the API shows them."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.pantheon import documents, downloads, timestamps
from trilogue_sandbox.pantheon.accounts import Account
from trilogue_sandbox.pantheon.resource_types import MESSAGE

MEDIA = ("image", "audio", "video", "document")


def show(account: Account, row: sqlite3.Row) -> JsonObject:
    """Return a message as the API shows it."""
    return {
        "id": row["id"],
        "conversation_id": row["conversation_id"],
        "contact_id": row["contact_id"],
        "channel_id": row["channel_id"],
        "direction": row["direction"],
        "type": row["type"],
        "content": _show_content(account, documents.decode_object(row["content"])),
        "status": row["status"],
        "failure": documents.decode_optional(row["failure"]),
        "reply_to_id": row["reply_to_id"],
        "reactions": documents.decode(row["reactions"]),
        "metadata": documents.decode(row["metadata"]),
        "created_at": timestamps.show(row["created_at"]),
        "sent_at": timestamps.show_optional(row["sent_at"]),
        "delivered_at": timestamps.show_optional(row["delivered_at"]),
        "read_at": timestamps.show_optional(row["read_at"]),
        "failed_at": timestamps.show_optional(row["failed_at"]),
    }


def show_current(account: Account, message_id: str) -> JsonObject:
    """Return a message as it is now."""
    return show(account, account.find(MESSAGE, message_id))


def _show_content(account: Account, content: JsonObject) -> JsonObject:
    if content["type"] not in MEDIA:
        return content
    return {**content, "url": downloads.link(account.world, str(content["file_id"])).url}
