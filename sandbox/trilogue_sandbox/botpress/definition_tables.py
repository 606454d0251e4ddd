"""The tables of integrations, interfaces and plugins."""

from __future__ import annotations

from trilogue_sandbox.botpress.columns import NO_TAGS, NOTE, NUMBER, SECRETS, TIMES, UUID_KEY
from trilogue_sandbox.kernel.table import BOOLEAN, INTEGER, JSON, TEXT, Column, Table, prefixed_id

_DEFINITION: dict[str, Column] = {
    "workspace_id": TEXT.references("botpress_workspaces"),
    "name": TEXT,
    "version": TEXT,
    "title": NOTE,
    "description": TEXT.default(""),
    "visibility": TEXT.default("private"),
    "is_deprecated": BOOLEAN.default(False),
    **dict.fromkeys(("attributes", "events", "actions"), JSON.default({})),
    **TIMES,
}
"""The columns that integrations, interfaces and plugins have in common."""


INTEGRATIONS = Table(
    "botpress_integrations",
    {
        "id": prefixed_id("intver"),
        **_DEFINITION,
        **dict.fromkeys(("states", "entities", "channels"), JSON.default({})),
        "user": NO_TAGS,
        **dict.fromkeys(("interfaces", "identifier", "configuration", "configurations"), JSON.default({})),
        **SECRETS,
        "url": TEXT.default(""),
        "dev": BOOLEAN.default(False),
        "max_execution_time": NUMBER.nullable(),
        "verification_status": TEXT.default("unapproved"),
        "views": INTEGER.default(0),
    },
    unique_indexes=("name, version",),
)


INTERFACES = Table(
    "botpress_interfaces",
    {
        "id": UUID_KEY,
        **_DEFINITION,
        "entities": JSON.default({}),
        "channels": JSON.default({}),
        "name_template": JSON.nullable(),
    },
    unique_indexes=("name, version",),
)


PLUGINS = Table(
    "botpress_plugins",
    {
        "id": UUID_KEY,
        **_DEFINITION,
        "states": JSON.default({}),
        **dict.fromkeys(("user", "conversation", "message"), NO_TAGS),
        "configuration": JSON.default({}),
        "dependencies": JSON.default({"interfaces": {}, "integrations": {}}),
        "code": JSON.default({}),
    },
    unique_indexes=("name, version",),
)
