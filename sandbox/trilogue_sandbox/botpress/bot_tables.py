"""The tables of bots and of what is installed in them."""

from __future__ import annotations

from trilogue_sandbox.botpress.columns import NO_TAGS, NOTE, NUMBER, SECRETS, TIMES, UUID_KEY, of
from trilogue_sandbox.kernel.table import BOOLEAN, JSON, KEY, TEXT, TIMESTAMP, UUID, Table

BOTS = Table(
    "botpress_bots",
    {
        "id": UUID_KEY,
        "workspace_id": TEXT.references("botpress_workspaces"),
        "name": TEXT,
        "tags": JSON.default({}),
        **dict.fromkeys(("user", "conversation", "message"), NO_TAGS),
        **dict.fromkeys(("states", "events", "actions", "configuration"), JSON.default({})),
        "subscriptions": JSON.default({"events": None}),
        **SECRETS,
        "description": NOTE,
        "medias": JSON.default([]),
        "code": NOTE,
        "type": TEXT.default("studio"),
        **dict.fromkeys(("dev", "blocked", "always_alive"), BOOLEAN.default(False)),
        "max_execution_time": NUMBER.nullable(),
        "created_by": NOTE,
        "deployed_at": TIMESTAMP.nullable(),
        **TIMES,
    },
    indexes=("workspace_id, created_at", "workspace_id, updated_at"),
)


INSTALLATIONS = Table(
    "botpress_installations",
    {
        "id": KEY,
        "bot_id": of("bots"),
        "alias": TEXT,
        "integration_id": TEXT.references("botpress_integrations"),
        "enabled": BOOLEAN.default(True),
        "webhook_id": UUID,
        "identifier": NOTE,
        "configuration_type": NOTE,
        "configuration": JSON.default({}),
        "disabled_channels": JSON.default([]),
        "status": TEXT.default("registered"),
        "status_reason": NOTE,
        **TIMES,
    },
    unique_indexes=("bot_id, alias",),
    indexes=("integration_id",),
)


BOT_PLUGINS = Table(
    "botpress_bot_plugins",
    {
        "id": KEY,
        "bot_id": of("bots"),
        "alias": TEXT,
        "plugin_id": TEXT.references("botpress_plugins"),
        "enabled": BOOLEAN.default(True),
        **dict.fromkeys(("configuration", "interfaces", "integrations"), JSON.default({})),
    },
    unique_indexes=("bot_id, alias",),
)
