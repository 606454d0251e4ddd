"""The tables that everything else stands on: who there is, which bot is whose, and what opens the API.

Times are microseconds since 1970, truth values 0 or 1. A `document` is a JSON object with everything the columns beside
it do not say, under the names of the API; those of bots and integrations hold their definitions (`user.tags`,
`conversation.tags`, `message.tags`, `channels`, `states`, `actions`, `events`), which the runtime reads.
"""

from __future__ import annotations

from collections.abc import Iterable

from trilogue_sandbox.kernel.store import Store

SCHEMA = """
CREATE TABLE botpress_secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE botpress_limits (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE botpress_requests (caller TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX botpress_requests_latest ON botpress_requests (caller, at);
CREATE TABLE botpress_refusals (
    id INTEGER PRIMARY KEY, operation_id TEXT NOT NULL, type TEXT NOT NULL, message TEXT NOT NULL,
    times INTEGER NOT NULL);

CREATE TABLE botpress_accounts (
    id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, document TEXT NOT NULL, created_at INTEGER NOT NULL);
CREATE TABLE botpress_workspaces (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, document TEXT NOT NULL, created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL);
CREATE TABLE botpress_members (
    id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES botpress_workspaces ON DELETE CASCADE,
    account_id TEXT REFERENCES botpress_accounts ON DELETE CASCADE, email TEXT NOT NULL, role TEXT NOT NULL,
    created_at INTEGER NOT NULL, UNIQUE (workspace_id, email));
CREATE TABLE botpress_bots (
    id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES botpress_workspaces, name TEXT NOT NULL,
    tags TEXT NOT NULL DEFAULT '{}', document TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE TABLE botpress_integrations (
    id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES botpress_workspaces, name TEXT NOT NULL,
    version TEXT NOT NULL, document TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    UNIQUE (name, version));
CREATE TABLE botpress_installations (
    bot_id TEXT NOT NULL REFERENCES botpress_bots ON DELETE CASCADE, alias TEXT NOT NULL,
    integration_id TEXT NOT NULL REFERENCES botpress_integrations, document TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, UNIQUE (bot_id, alias));
CREATE TABLE botpress_tokens (
    id TEXT PRIMARY KEY, token TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    account_id TEXT REFERENCES botpress_accounts ON DELETE CASCADE,
    bot_id TEXT REFERENCES botpress_bots ON DELETE CASCADE,
    integration_id TEXT REFERENCES botpress_integrations ON DELETE CASCADE, note TEXT, created_at INTEGER NOT NULL);
"""


def make_tables(store: Store, schemas: Iterable[str]) -> None:
    """Make all tables anew, empty, whatever was there before."""
    found = store.all(
        "SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'view') AND name GLOB 'botpress_*'"
        " ORDER BY rowid DESC"  # what refers to others was made after them
    )
    for row in found:
        store.run(f"DROP {row['type']} {row['name']}")
    for schema in (SCHEMA, *schemas):
        for statement in schema.split(";\n"):
            if statement.strip():
                store.run(statement)
