"""What lists and installations show of integrations, interfaces and plugins."""

from __future__ import annotations

import sqlite3

from trilogue_sandbox.botpress import documents, media, timestamps
from trilogue_sandbox.botpress.definition_access import Kind
from trilogue_sandbox.botpress.exchanges import Call
from trilogue_sandbox.botpress.fields import Fields
from trilogue_sandbox.kernel.http import JsonObject

_LONGEST_TITLE = 64


def show(call: Call, kind: Kind, row: sqlite3.Row) -> JsonObject:
    """Return a definition in short."""
    document = Fields(documents.decode_object(row["document"]))
    visibility = document.text("visibility", "private")
    return {
        "id": row["id"],
        "name": row["name"],
        "version": row["version"],
        "createdAt": timestamps.show(row["created_at"]),
        "updatedAt": timestamps.show(row["updated_at"]),
        "title": document.text("title", row["name"][:_LONGEST_TITLE]),
        "description": document.text("description", ""),
        "iconUrl": media.icon_url(call, kind, row["name"]),
        "public": visibility == "public",
        **_rest(call, kind, row["id"], document, visibility),
    }


def _rest(call: Call, kind: Kind, version_id: str, document: Fields, visibility: str) -> JsonObject:
    readme: JsonObject = {"readmeUrl": media.readme_url(call, kind, version_id)}
    if kind == "interface":
        return readme
    status: JsonObject = {
        "visibility": visibility,
        "lifecycleStatus": "deprecated" if document.flag("isDeprecated") else "published",
    }
    if kind == "plugin":
        return {**readme, **status}
    return {**status, "verificationStatus": document.text("verificationStatus", "unapproved")}
