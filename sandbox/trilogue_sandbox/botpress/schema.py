"""The tables that several modules share. A table of one module alone is declared there."""

from __future__ import annotations

from trilogue_sandbox.kernel.table import (
    BOOLEAN,
    CHANGED,
    CREATED,
    INTEGER,
    JSON,
    KEY,
    TEXT,
    TIMESTAMP,
    UUID,
    Column,
    Table,
    prefixed_id,
)

UUID_KEY = TEXT.key().filled(lambda world: world.ids.uuid4())
NOTE = TEXT.nullable()
TIMES = {"created_at": CREATED, "updated_at": CHANGED}
NUMBER = Column("NUMERIC")
"""An integer or a number with decimals, kept as it is."""


def of(table: str) -> Column:
    """Return a foreign key: a row is deleted together with the one it belongs to."""
    return TEXT.references(f"botpress_{table} ON DELETE CASCADE")


ACCOUNTS = Table(
    "botpress_accounts",
    {
        "id": UUID_KEY,
        "email": TEXT.unique(),
        "display_name": NOTE,
        "profile_picture": NOTE,
        "email_verified": BOOLEAN.default(True),
        "created_at": CREATED,
    },
)

WORKSPACES = Table(
    "botpress_workspaces",
    {
        "id": prefixed_id("wkspace"),
        "name": TEXT,
        "handle": NOTE,
        **dict.fromkeys(("about", "profile_picture", "contact_email", "website"), TEXT.default("")),
        "social_accounts": JSON.default([]),
        "is_public": BOOLEAN.default(False),
        "spending_limit": NUMBER.default(100),
        "billing_version": TEXT.default("v3"),
        "blocked": BOOLEAN.default(False),
        **TIMES,
    },
)

MEMBERS = Table(
    "botpress_members",
    {
        "id": prefixed_id("wkmem"),
        "workspace_id": of("workspaces"),
        "account_id": of("accounts").nullable(),
        "email": TEXT,
        "role": TEXT,
        "created_at": CREATED,
    },
    unique_indexes=("workspace_id, email",),
    indexes=("account_id",),
)
"""Members of workspaces; one without an account is invited."""

TOKENS = Table(
    "botpress_tokens",
    {
        "id": TEXT.key(),
        "token": TEXT.unique(),
        "type": TEXT,
        "account_id": of("accounts").nullable(),
        "bot_id": of("bots").nullable(),
        "integration_id": of("integrations").nullable(),
        "note": TEXT.default(""),
        "created_at": CREATED,
    },
)
"""Tokens of all three types. Exactly one of the owners is given."""

_NO_TAGS = JSON.default({"tags": {}})
_SECRETS: dict[str, Column] = {
    "secrets": JSON.default({}),
    "signing_secret": TEXT.default(""),
    "old_signing_secrets": JSON.default([]),
}

BOTS = Table(
    "botpress_bots",
    {
        "id": UUID_KEY,
        "workspace_id": TEXT.references("botpress_workspaces"),
        "name": TEXT,
        "tags": JSON.default({}),
        **dict.fromkeys(("user", "conversation", "message"), _NO_TAGS),
        **dict.fromkeys(("states", "events", "actions", "configuration"), JSON.default({})),
        "subscriptions": JSON.default({"events": None}),
        **_SECRETS,
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
        "user": _NO_TAGS,
        **dict.fromkeys(("interfaces", "identifier", "configuration", "configurations"), JSON.default({})),
        **_SECRETS,
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
        **dict.fromkeys(("user", "conversation", "message"), _NO_TAGS),
        "configuration": JSON.default({}),
        "dependencies": JSON.default({"interfaces": {}, "integrations": {}}),
        "code": JSON.default({}),
    },
    unique_indexes=("name, version",),
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

USERS = Table(
    "botpress_users",
    {
        "id": prefixed_id("user"),
        "bot_id": of("bots"),
        "tags": JSON,
        "name": NOTE,
        "picture_url": NOTE,
        "properties": JSON.default({}),
        **TIMES,
    },
    indexes=("bot_id, created_at", "bot_id, updated_at"),
)

CONVERSATIONS = Table(
    "botpress_conversations",
    {
        "id": prefixed_id("conv"),
        "bot_id": of("bots"),
        **dict.fromkeys(("integration", "alias", "channel"), TEXT),
        "tags": JSON,
        "properties": JSON.default({}),
        "message_count": INTEGER.default(0),
        **TIMES,
    },
    indexes=("bot_id, created_at", "bot_id, updated_at"),
)

PARTICIPANTS = Table(
    "botpress_participants",
    {"conversation_id": of("conversations"), "user_id": of("users")},
    primary_key="conversation_id, user_id",
    indexes=("user_id",),
)

MESSAGES = Table(
    "botpress_messages",
    {
        "id": prefixed_id("msg"),
        "bot_id": of("bots"),
        "conversation_id": of("conversations"),
        "user_id": TEXT,
        "type": TEXT,
        "payload": JSON,
        "direction": TEXT,
        "tags": JSON,
        "origin": NOTE,
        "is_sent": BOOLEAN.default(True),
        **TIMES,
    },
    indexes=("bot_id, created_at", "conversation_id, created_at"),
)

EVENTS = Table(
    "botpress_events",
    {
        "id": prefixed_id("evt"),
        "bot_id": of("bots"),
        "type": TEXT,
        "payload": JSON,
        **dict.fromkeys(("conversation_id", "user_id", "message_id", "workflow_id"), NOTE),
        "status": TEXT,
        "failure_reason": NOTE,
        "created_at": CREATED,
    },
    indexes=("bot_id, created_at", "conversation_id, created_at"),
)

WORKFLOWS = Table(
    "botpress_workflows",
    {
        "id": prefixed_id("wkflow"),
        "bot_id": of("bots"),
        "name": TEXT,
        "status": TEXT,
        "input": JSON,
        "output": JSON.default({}),
        **dict.fromkeys(("parent_workflow_id", "conversation_id", "user_id", "event_id"), NOTE),
        "tags": JSON,
        "failure_reason": NOTE,
        "timeout_at": TIMESTAMP,
        "completed_at": TIMESTAMP.nullable(),
        **TIMES,
        "is_active": BOOLEAN.computed("status IN ('pending', 'in_progress', 'listening', 'paused')"),
    },
    indexes=("bot_id, created_at", "conversation_id, is_active", "user_id, is_active", "parent_workflow_id, is_active"),
)

STATES = Table(
    "botpress_states",
    {
        "id": prefixed_id("state"),
        "bot_id": of("bots"),
        **dict.fromkeys(("type", "owner_id", "name"), TEXT),
        "payload": JSON,
        "expiry": INTEGER.nullable(),
        "expires_at": TIMESTAMP.nullable(),
        "is_expired": BOOLEAN.default(False),
        "is_cached": BOOLEAN.default(False),
        "created_at": CREATED,
        "updated_at": TIMESTAMP.filled(lambda world: world.now),
    },
    unique_indexes=("bot_id, type, owner_id, name",),
)

FILES = Table(
    "botpress_files",
    {
        "id": prefixed_id("file"),
        "bot_id": of("bots"),
        "owner_type": TEXT,
        "owner_id": NOTE,
        "owner_name": NOTE,
        "namespace": TEXT.default(""),
        "key": TEXT,
        "content_type": TEXT,
        "declared_size": INTEGER,
        "size": INTEGER.nullable(),
        **dict.fromkeys(("tags", "metadata", "access_policies"), JSON),
        "is_indexed": BOOLEAN,
        "indexing": JSON,
        "indexing_stack": NOTE,
        "status": TEXT,
        "failed_status_reason": NOTE,
        "is_public_at_once": BOOLEAN,
        "upload_token": TEXT,
        "expires_at": TIMESTAMP.nullable(),
        "is_expired": BOOLEAN.default(False),
        **TIMES,
    },
    unique_indexes=("bot_id, namespace, key",),
    indexes=("bot_id, created_at",),
)
"""Files. Those of an integration are kept in the namespace of its alias, within which keys are unique."""

TABLES = Table(
    "botpress_tables",
    {
        "id": prefixed_id("table"),
        "bot_id": of("bots"),
        "name": TEXT,
        "factor": INTEGER,
        "frozen": BOOLEAN,
        "key_column": NOTE,
        "schema": JSON,
        "tags": JSON,
        "is_compute_enabled": BOOLEAN,
        "last_row_id": INTEGER.default(0),
        **TIMES,
    },
    unique_indexes=("bot_id, name",),
)

TABLE_ROWS = Table(
    "botpress_table_rows",
    {
        "table_id": of("tables"),
        "id": INTEGER,
        "cells": JSON,
        "computed": JSON.default({}),
        "stale": JSON.default([]),
        "created_at": CREATED,
        "updated_at": TIMESTAMP.filled(lambda world: world.now),
    },
    primary_key="table_id, id",
)

TABLE_JOBS = Table(
    "botpress_table_jobs",
    {
        "id": prefixed_id("job"),
        "bot_id": TEXT,
        "table_id": of("tables"),
        "type": TEXT,
        "status": TEXT.default("pending"),
        "progress": INTEGER.default(0),
        "input_file_id": NOTE,
        "output_file_id": NOTE,
        "details": JSON,
        **TIMES,
    },
    indexes=("table_id",),
)
