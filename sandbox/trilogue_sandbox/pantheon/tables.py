"""The tables. Times are microseconds since 1970, lists and maps JSON texts.

What was deleted has no row any more, so nothing but rows of the same deletion may refer to it: an id that stays behind,
as that of a deleted contact in its conversations, is only a text.
"""

from __future__ import annotations

from trilogue_sandbox.kernel.store import Store

SCHEMA = """
CREATE TABLE pantheon_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE pantheon_counter (value INTEGER NOT NULL);

CREATE TABLE pantheon_accounts (id TEXT PRIMARY KEY, plan TEXT NOT NULL);
CREATE TABLE pantheon_apps (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES pantheon_accounts, name TEXT NOT NULL,
    client_id TEXT NOT NULL UNIQUE, client_secret TEXT NOT NULL, created_at INTEGER NOT NULL);
CREATE TABLE pantheon_tokens (
    token TEXT PRIMARY KEY, kind TEXT NOT NULL, pair INTEGER NOT NULL, app_id TEXT NOT NULL REFERENCES pantheon_apps,
    expires_at INTEGER NOT NULL);
CREATE INDEX pantheon_tokens_by_pair ON pantheon_tokens (pair);
CREATE TABLE pantheon_usage (
    account_id TEXT NOT NULL, endpoint TEXT NOT NULL, minute INTEGER NOT NULL, calls INTEGER NOT NULL,
    refused INTEGER NOT NULL, PRIMARY KEY (account_id, endpoint, minute)) WITHOUT ROWID;
CREATE TABLE pantheon_answers (
    account_id TEXT NOT NULL, endpoint TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, body BLOB NOT NULL,
    answered_at INTEGER NOT NULL, PRIMARY KEY (account_id, endpoint, key)) WITHOUT ROWID;
CREATE TABLE pantheon_cursors (
    token TEXT PRIMARY KEY, account_id TEXT NOT NULL, endpoint TEXT NOT NULL, position TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE pantheon_channels (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL, address TEXT NOT NULL,
    status TEXT NOT NULL, status_reason TEXT, credentials TEXT NOT NULL, trial INTEGER NOT NULL DEFAULT 0,
    metadata TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, connected_at INTEGER);
CREATE INDEX pantheon_channels_listed ON pantheon_channels (account_id, created_at, id);
CREATE UNIQUE INDEX pantheon_channels_in_use ON pantheon_channels (account_id, type, address)
    WHERE status <> 'disconnected';
CREATE TABLE pantheon_templates (
    account_id TEXT NOT NULL, name TEXT NOT NULL, language TEXT NOT NULL, PRIMARY KEY (account_id, name, language))
    WITHOUT ROWID;

CREATE TABLE pantheon_contacts (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, name TEXT, language TEXT, metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX pantheon_contacts_listed ON pantheon_contacts (account_id, created_at, id);
CREATE TABLE pantheon_identities (
    account_id TEXT NOT NULL, contact_id TEXT NOT NULL REFERENCES pantheon_contacts ON DELETE CASCADE,
    channel_type TEXT NOT NULL, address TEXT NOT NULL, linked_at INTEGER NOT NULL, verified_at INTEGER,
    reach TEXT NOT NULL DEFAULT 'reachable', UNIQUE (account_id, channel_type, address),
    UNIQUE (contact_id, channel_type));

CREATE TABLE pantheon_conversations (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, contact_id TEXT NOT NULL, status TEXT NOT NULL,
    active_channel_id TEXT NOT NULL, channel_ids TEXT NOT NULL, subject TEXT, started_by TEXT NOT NULL,
    metadata TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, last_message_at INTEGER,
    closed_at INTEGER, close_reason TEXT);
CREATE INDEX pantheon_conversations_listed ON pantheon_conversations (account_id, created_at, id);
CREATE INDEX pantheon_conversations_by_contact ON pantheon_conversations (contact_id);

CREATE TABLE pantheon_messages (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, conversation_id TEXT NOT NULL, contact_id TEXT NOT NULL,
    channel_id TEXT NOT NULL, direction TEXT NOT NULL, type TEXT NOT NULL, content TEXT NOT NULL, status TEXT NOT NULL,
    failure TEXT, reply_to_id TEXT, reactions TEXT NOT NULL DEFAULT '[]', metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL, sent_at INTEGER, delivered_at INTEGER, read_at INTEGER, failed_at INTEGER);
CREATE INDEX pantheon_messages_listed ON pantheon_messages (account_id, created_at, id);
CREATE INDEX pantheon_messages_said ON pantheon_messages (conversation_id, created_at, id);
CREATE INDEX pantheon_messages_under_way ON pantheon_messages (channel_id) WHERE status IN ('queued', 'sent');

CREATE TABLE pantheon_files (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, name TEXT NOT NULL, content_type TEXT NOT NULL,
    size INTEGER NOT NULL, sha256 TEXT NOT NULL, data BLOB NOT NULL, created_at INTEGER NOT NULL);
CREATE INDEX pantheon_files_listed ON pantheon_files (account_id, created_at, id);

CREATE TABLE pantheon_payments (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, conversation_id TEXT NOT NULL, contact_id TEXT NOT NULL,
    message_id TEXT NOT NULL, status TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL, amount_refunded INTEGER NOT NULL DEFAULT 0
    CHECK (amount_refunded BETWEEN 0 AND amount), description TEXT NOT NULL, reference TEXT, url TEXT NOT NULL,
    failure TEXT, metadata TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, paid_at INTEGER);
CREATE INDEX pantheon_payments_listed ON pantheon_payments (account_id, created_at, id);
CREATE INDEX pantheon_payments_by_contact ON pantheon_payments (contact_id);
CREATE TABLE pantheon_refunds (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, payment_id TEXT NOT NULL REFERENCES pantheon_payments,
    amount INTEGER NOT NULL CHECK (amount > 0), currency TEXT NOT NULL, reason TEXT, created_at INTEGER NOT NULL);
CREATE INDEX pantheon_refunds_listed ON pantheon_refunds (account_id, created_at, id);

CREATE TABLE pantheon_logins (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, conversation_id TEXT NOT NULL, contact_id TEXT NOT NULL,
    message_id TEXT NOT NULL, channel_type TEXT NOT NULL, address TEXT NOT NULL, status TEXT NOT NULL,
    scopes TEXT NOT NULL, text TEXT NOT NULL, redirect_url TEXT, identity TEXT, metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, decided_at INTEGER,
    revoked_at INTEGER);
CREATE INDEX pantheon_logins_listed ON pantheon_logins (account_id, created_at, id);
CREATE INDEX pantheon_logins_by_contact ON pantheon_logins (contact_id);

CREATE TABLE pantheon_otps (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, conversation_id TEXT NOT NULL, contact_id TEXT NOT NULL,
    channel_id TEXT NOT NULL, address TEXT NOT NULL, message_id TEXT NOT NULL, status TEXT NOT NULL,
    code TEXT NOT NULL, text TEXT NOT NULL,
    length INTEGER NOT NULL, ttl INTEGER NOT NULL, attempts_left INTEGER NOT NULL CHECK (attempts_left BETWEEN 0 AND 5),
    resends_left INTEGER NOT NULL CHECK (resends_left BETWEEN 0 AND 3), resend_after INTEGER NOT NULL,
    metadata TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    verified_at INTEGER);
CREATE INDEX pantheon_otps_by_contact ON pantheon_otps (contact_id);

CREATE TABLE pantheon_webhooks (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, url TEXT NOT NULL, events TEXT NOT NULL, description TEXT,
    status TEXT NOT NULL, secret TEXT NOT NULL, old_secret TEXT, old_secret_until INTEGER,
    failures_in_a_row INTEGER NOT NULL DEFAULT 0, metadata TEXT NOT NULL, created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL);
CREATE INDEX pantheon_webhooks_listed ON pantheon_webhooks (account_id, created_at, id);
CREATE TABLE pantheon_events (id TEXT PRIMARY KEY, type TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE pantheon_deliveries (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, webhook_id TEXT NOT NULL,
    event_id TEXT NOT NULL REFERENCES pantheon_events, event_type TEXT NOT NULL, status TEXT NOT NULL,
    attempts TEXT NOT NULL DEFAULT '[]', next_attempt_at INTEGER, redelivery_of TEXT, created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL);
CREATE INDEX pantheon_deliveries_listed ON pantheon_deliveries (account_id, created_at, id);
CREATE INDEX pantheon_deliveries_due ON pantheon_deliveries (next_attempt_at, id) WHERE status = 'pending';
"""


def make_tables(store: Store) -> None:
    """Make all tables anew, empty, whatever was there before."""
    store.run("PRAGMA defer_foreign_keys = ON")
    for row in store.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'pantheon_*'"):
        store.run(f"DROP TABLE {row['name']}")
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            store.run(statement)
