"""The tables. Times are microseconds since 1970, truth values 0 or 1, lists and maps JSON texts."""

from __future__ import annotations

from trilogue_sandbox.kernel.store import Store
from trilogue_sandbox.rapidpro import counts

SCHEMA = """
CREATE TABLE rapidpro_workspaces (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, name TEXT NOT NULL, country TEXT NOT NULL DEFAULT '',
    languages TEXT NOT NULL DEFAULT '["eng"]', timezone TEXT NOT NULL DEFAULT 'UTC',
    date_style TEXT NOT NULL DEFAULT 'day_first', is_anonymous INTEGER NOT NULL DEFAULT 0,
    is_suspended INTEGER NOT NULL DEFAULT 0, is_flagged INTEGER NOT NULL DEFAULT 0, created_on INTEGER NOT NULL);
CREATE TABLE rapidpro_limits (
    workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces, name TEXT NOT NULL, value INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, name)) WITHOUT ROWID;
CREATE TABLE rapidpro_calls (
    workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces, scope TEXT NOT NULL, number INTEGER NOT NULL,
    at INTEGER NOT NULL, PRIMARY KEY (workspace_id, scope, number)) WITHOUT ROWID;
CREATE INDEX rapidpro_calls_by_time ON rapidpro_calls (workspace_id, scope, at);

CREATE TABLE rapidpro_users (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, email TEXT NOT NULL UNIQUE, first_name TEXT NOT NULL,
    last_name TEXT NOT NULL, avatar TEXT, is_active INTEGER NOT NULL DEFAULT 1, created_on INTEGER NOT NULL);
CREATE TABLE rapidpro_teams (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    name TEXT NOT NULL);
CREATE TABLE rapidpro_members (
    workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces, user_id INTEGER NOT NULL REFERENCES rapidpro_users,
    role TEXT NOT NULL, team_id INTEGER REFERENCES rapidpro_teams, PRIMARY KEY (workspace_id, user_id)) WITHOUT ROWID;
CREATE TABLE rapidpro_tokens (
    key TEXT PRIMARY KEY, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    user_id INTEGER NOT NULL REFERENCES rapidpro_users) WITHOUT ROWID;

CREATE TABLE rapidpro_channels (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    name TEXT, address TEXT, type TEXT NOT NULL, country TEXT, schemes TEXT NOT NULL DEFAULT '["tel"]', device TEXT,
    last_seen INTEGER, is_active INTEGER NOT NULL DEFAULT 1, created_on INTEGER NOT NULL);
CREATE INDEX rapidpro_channels_newest ON rapidpro_channels (workspace_id, is_active, created_on, id);

CREATE TABLE rapidpro_flows (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    name TEXT NOT NULL, type TEXT NOT NULL DEFAULT 'message', expires INTEGER NOT NULL DEFAULT 4320,
    results TEXT NOT NULL DEFAULT '[]', parent_refs TEXT NOT NULL DEFAULT '[]', definition TEXT NOT NULL DEFAULT '{}',
    is_archived INTEGER NOT NULL DEFAULT 0, is_active INTEGER NOT NULL DEFAULT 1, created_on INTEGER NOT NULL,
    modified_on INTEGER NOT NULL);
CREATE INDEX rapidpro_flows_newest ON rapidpro_flows (workspace_id, is_active, created_on, id);
CREATE TABLE rapidpro_flow_labels (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    name TEXT NOT NULL);
CREATE TABLE rapidpro_flow_labelings (
    flow_id INTEGER NOT NULL REFERENCES rapidpro_flows, label_id INTEGER NOT NULL REFERENCES rapidpro_flow_labels,
    PRIMARY KEY (flow_id, label_id)) WITHOUT ROWID;
CREATE TABLE rapidpro_flow_fields (
    flow_id INTEGER NOT NULL REFERENCES rapidpro_flows, field_id INTEGER NOT NULL REFERENCES rapidpro_fields,
    PRIMARY KEY (flow_id, field_id)) WITHOUT ROWID;

CREATE TABLE rapidpro_contacts (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    name TEXT, language TEXT, status TEXT NOT NULL DEFAULT 'active', fields TEXT NOT NULL DEFAULT '{}',
    flow_id INTEGER REFERENCES rapidpro_flows, last_seen_on INTEGER, is_active INTEGER NOT NULL DEFAULT 1,
    created_on INTEGER NOT NULL, modified_on INTEGER NOT NULL);
CREATE INDEX rapidpro_contacts_modified ON rapidpro_contacts (workspace_id, is_active, modified_on, id);
CREATE TABLE rapidpro_urns (
    id INTEGER PRIMARY KEY, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    contact_id INTEGER REFERENCES rapidpro_contacts, scheme TEXT NOT NULL, path TEXT NOT NULL, display TEXT,
    channel_id INTEGER REFERENCES rapidpro_channels, priority INTEGER NOT NULL DEFAULT 0,
    UNIQUE (workspace_id, scheme, path));
CREATE INDEX rapidpro_urns_by_contact ON rapidpro_urns (contact_id, priority);
CREATE TABLE rapidpro_notes (
    id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL REFERENCES rapidpro_contacts, text TEXT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES rapidpro_users, created_on INTEGER NOT NULL);
CREATE INDEX rapidpro_notes_by_contact ON rapidpro_notes (contact_id, id);

CREATE TABLE rapidpro_fields (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    key TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, is_featured INTEGER NOT NULL DEFAULT 0,
    priority INTEGER NOT NULL DEFAULT 0, agent_access TEXT NOT NULL DEFAULT 'view', created_on INTEGER NOT NULL,
    is_active INTEGER NOT NULL DEFAULT 1, UNIQUE (workspace_id, key));
CREATE INDEX rapidpro_fields_newest ON rapidpro_fields (workspace_id, is_active, created_on, id);

CREATE TABLE rapidpro_groups (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    name TEXT NOT NULL, query TEXT, status TEXT NOT NULL DEFAULT 'ready', is_system INTEGER NOT NULL DEFAULT 0,
    is_active INTEGER NOT NULL DEFAULT 1, created_on INTEGER NOT NULL);
CREATE INDEX rapidpro_groups_newest ON rapidpro_groups (workspace_id, is_active, created_on, id);
CREATE TABLE rapidpro_memberships (
    group_id INTEGER NOT NULL REFERENCES rapidpro_groups, contact_id INTEGER NOT NULL REFERENCES rapidpro_contacts,
    modified_on INTEGER NOT NULL, PRIMARY KEY (group_id, contact_id)) WITHOUT ROWID;
CREATE INDEX rapidpro_memberships_by_contact ON rapidpro_memberships (contact_id, group_id);
CREATE INDEX rapidpro_memberships_modified ON rapidpro_memberships (group_id, modified_on, contact_id);
CREATE TRIGGER rapidpro_memberships_follow AFTER UPDATE OF modified_on ON rapidpro_contacts
    BEGIN UPDATE rapidpro_memberships SET modified_on = new.modified_on WHERE contact_id = new.id; END;

CREATE TABLE rapidpro_labels (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    name TEXT NOT NULL, is_active INTEGER NOT NULL DEFAULT 1, created_on INTEGER NOT NULL);
CREATE INDEX rapidpro_labels_newest ON rapidpro_labels (workspace_id, is_active, created_on, id);

CREATE TABLE rapidpro_media (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    content_type TEXT NOT NULL, filename TEXT NOT NULL, url TEXT NOT NULL, data BLOB NOT NULL,
    created_on INTEGER NOT NULL);

CREATE TABLE rapidpro_globals (
    id INTEGER PRIMARY KEY, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces, key TEXT NOT NULL,
    name TEXT NOT NULL, value TEXT NOT NULL, is_active INTEGER NOT NULL DEFAULT 1, created_on INTEGER NOT NULL,
    modified_on INTEGER NOT NULL, UNIQUE (workspace_id, key));
CREATE INDEX rapidpro_globals_modified ON rapidpro_globals (workspace_id, is_active, modified_on, id);

CREATE TABLE rapidpro_broadcasts (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    status TEXT NOT NULL DEFAULT 'pending', total INTEGER NOT NULL DEFAULT -1, started INTEGER NOT NULL DEFAULT 0,
    urns TEXT NOT NULL DEFAULT '[]', translations TEXT NOT NULL, base_language TEXT NOT NULL,
    is_active INTEGER NOT NULL DEFAULT 1, created_on INTEGER NOT NULL, modified_on INTEGER NOT NULL);
CREATE INDEX rapidpro_broadcasts_newest ON rapidpro_broadcasts (workspace_id, is_active, created_on, id);
CREATE TABLE rapidpro_broadcast_contacts (
    broadcast_id INTEGER NOT NULL REFERENCES rapidpro_broadcasts,
    contact_id INTEGER NOT NULL REFERENCES rapidpro_contacts, PRIMARY KEY (broadcast_id, contact_id)) WITHOUT ROWID;
CREATE TABLE rapidpro_broadcast_groups (
    broadcast_id INTEGER NOT NULL REFERENCES rapidpro_broadcasts,
    group_id INTEGER NOT NULL REFERENCES rapidpro_groups, PRIMARY KEY (broadcast_id, group_id)) WITHOUT ROWID;

CREATE TABLE rapidpro_messages (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    contact_id INTEGER NOT NULL REFERENCES rapidpro_contacts, urn_id INTEGER REFERENCES rapidpro_urns,
    channel_id INTEGER REFERENCES rapidpro_channels, flow_id INTEGER REFERENCES rapidpro_flows,
    broadcast_id INTEGER REFERENCES rapidpro_broadcasts, direction TEXT NOT NULL, type TEXT NOT NULL DEFAULT 'text',
    status TEXT NOT NULL, visibility TEXT NOT NULL DEFAULT 'visible', text TEXT NOT NULL,
    attachments TEXT NOT NULL DEFAULT '[]', quick_replies TEXT NOT NULL DEFAULT '[]', created_on INTEGER NOT NULL,
    sent_on INTEGER, modified_on INTEGER NOT NULL,
    folder TEXT AS (CASE
        WHEN visibility = 'deleted' THEN NULL
        WHEN direction = 'in' AND status <> 'handled' THEN NULL
        WHEN direction = 'in' AND visibility = 'archived' THEN 'archived'
        WHEN direction = 'in' AND flow_id IS NULL THEN 'inbox'
        WHEN direction = 'in' THEN 'flows'
        WHEN status IN ('queued', 'errored') THEN 'outbox'
        WHEN status = 'failed' THEN 'failed'
        ELSE 'sent' END) VIRTUAL);
CREATE INDEX rapidpro_messages_newest ON rapidpro_messages (workspace_id, created_on, id) WHERE folder IS NOT NULL;
CREATE INDEX rapidpro_messages_by_folder ON rapidpro_messages (workspace_id, folder, created_on, id);
CREATE INDEX rapidpro_messages_sent ON rapidpro_messages (workspace_id, folder, sent_on, id);
CREATE INDEX rapidpro_messages_by_contact ON rapidpro_messages (contact_id, created_on, id);
CREATE INDEX rapidpro_messages_by_channel ON rapidpro_messages (channel_id, created_on);
CREATE INDEX rapidpro_messages_by_broadcast ON rapidpro_messages (broadcast_id, created_on, id)
    WHERE broadcast_id IS NOT NULL;
CREATE TABLE rapidpro_message_labels (
    label_id INTEGER NOT NULL REFERENCES rapidpro_labels, message_id INTEGER NOT NULL REFERENCES rapidpro_messages,
    created_on INTEGER NOT NULL, visibility TEXT NOT NULL, PRIMARY KEY (label_id, message_id)) WITHOUT ROWID;
CREATE INDEX rapidpro_message_labels_by_message ON rapidpro_message_labels (message_id, label_id);
CREATE INDEX rapidpro_message_labels_newest ON rapidpro_message_labels (label_id, created_on, message_id);
CREATE TRIGGER rapidpro_message_labels_follow AFTER UPDATE OF visibility ON rapidpro_messages
    BEGIN UPDATE rapidpro_message_labels SET visibility = new.visibility WHERE message_id = new.id; END;

CREATE TABLE rapidpro_flow_starts (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    flow_id INTEGER NOT NULL REFERENCES rapidpro_flows, status TEXT NOT NULL DEFAULT 'pending',
    total INTEGER NOT NULL DEFAULT -1, started INTEGER NOT NULL DEFAULT 0, urns TEXT NOT NULL DEFAULT '[]',
    params TEXT NOT NULL DEFAULT '{}', restart_participants INTEGER NOT NULL DEFAULT 1,
    exclude_active INTEGER NOT NULL DEFAULT 0, created_on INTEGER NOT NULL, modified_on INTEGER NOT NULL);
CREATE INDEX rapidpro_flow_starts_modified ON rapidpro_flow_starts (workspace_id, modified_on, id);
CREATE TABLE rapidpro_flow_start_contacts (
    start_id INTEGER NOT NULL REFERENCES rapidpro_flow_starts,
    contact_id INTEGER NOT NULL REFERENCES rapidpro_contacts, PRIMARY KEY (start_id, contact_id)) WITHOUT ROWID;
CREATE TABLE rapidpro_flow_start_groups (
    start_id INTEGER NOT NULL REFERENCES rapidpro_flow_starts,
    group_id INTEGER NOT NULL REFERENCES rapidpro_groups, PRIMARY KEY (start_id, group_id)) WITHOUT ROWID;

CREATE TABLE rapidpro_runs (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    flow_id INTEGER NOT NULL REFERENCES rapidpro_flows, contact_id INTEGER NOT NULL REFERENCES rapidpro_contacts,
    start_id INTEGER REFERENCES rapidpro_flow_starts, status TEXT NOT NULL, responded INTEGER NOT NULL DEFAULT 0,
    path TEXT NOT NULL DEFAULT '[]', results TEXT NOT NULL DEFAULT '{}', created_on INTEGER NOT NULL,
    modified_on INTEGER NOT NULL, exited_on INTEGER);
CREATE INDEX rapidpro_runs_modified ON rapidpro_runs (workspace_id, modified_on, id);
CREATE INDEX rapidpro_runs_by_flow ON rapidpro_runs (flow_id, modified_on, id);
CREATE INDEX rapidpro_runs_by_contact ON rapidpro_runs (contact_id, modified_on, id);
CREATE INDEX rapidpro_runs_responded ON rapidpro_runs (workspace_id, modified_on, id) WHERE responded;
CREATE INDEX rapidpro_runs_responded_by_flow ON rapidpro_runs (flow_id, modified_on, id) WHERE responded;

CREATE TABLE rapidpro_campaigns (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    name TEXT NOT NULL, group_id INTEGER NOT NULL REFERENCES rapidpro_groups, is_archived INTEGER NOT NULL DEFAULT 0,
    is_active INTEGER NOT NULL DEFAULT 1, created_on INTEGER NOT NULL, modified_on INTEGER NOT NULL);
CREATE INDEX rapidpro_campaigns_newest ON rapidpro_campaigns (workspace_id, is_active, created_on, id);
CREATE TABLE rapidpro_campaign_events (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    campaign_id INTEGER NOT NULL REFERENCES rapidpro_campaigns, relative_to TEXT NOT NULL, "offset" INTEGER NOT NULL,
    unit TEXT NOT NULL, delivery_hour INTEGER NOT NULL, flow_id INTEGER REFERENCES rapidpro_flows, message TEXT,
    status TEXT NOT NULL DEFAULT 'scheduling', wakes_at INTEGER, is_active INTEGER NOT NULL DEFAULT 1,
    created_on INTEGER NOT NULL);
CREATE INDEX rapidpro_campaign_events_newest ON rapidpro_campaign_events (workspace_id, is_active, created_on, id);
CREATE TABLE rapidpro_campaign_fires (
    event_id INTEGER NOT NULL REFERENCES rapidpro_campaign_events,
    contact_id INTEGER NOT NULL REFERENCES rapidpro_contacts, due_on INTEGER NOT NULL,
    PRIMARY KEY (event_id, contact_id)) WITHOUT ROWID;
CREATE INDEX rapidpro_campaign_fires_due ON rapidpro_campaign_fires (event_id, due_on);
CREATE TABLE rapidpro_triggers (
    id INTEGER PRIMARY KEY, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces, type TEXT NOT NULL,
    flow_id INTEGER NOT NULL REFERENCES rapidpro_flows, keywords TEXT NOT NULL DEFAULT '[]',
    is_archived INTEGER NOT NULL DEFAULT 0, is_active INTEGER NOT NULL DEFAULT 1, created_on INTEGER NOT NULL);
CREATE TABLE rapidpro_trigger_groups (
    trigger_id INTEGER NOT NULL REFERENCES rapidpro_triggers, group_id INTEGER NOT NULL REFERENCES rapidpro_groups,
    PRIMARY KEY (trigger_id, group_id)) WITHOUT ROWID;

CREATE TABLE rapidpro_channel_events (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    type TEXT NOT NULL, contact_id INTEGER NOT NULL REFERENCES rapidpro_contacts,
    channel_id INTEGER NOT NULL REFERENCES rapidpro_channels, extra TEXT, occurred_on INTEGER NOT NULL,
    created_on INTEGER NOT NULL);
CREATE INDEX rapidpro_channel_events_newest ON rapidpro_channel_events (workspace_id, created_on, id);
CREATE INDEX rapidpro_channel_events_by_contact ON rapidpro_channel_events (contact_id, created_on, id);

CREATE TABLE rapidpro_classifiers (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    name TEXT NOT NULL, type TEXT NOT NULL, intents TEXT NOT NULL DEFAULT '[]',
    is_active INTEGER NOT NULL DEFAULT 1, created_on INTEGER NOT NULL);
CREATE TABLE rapidpro_optins (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    name TEXT NOT NULL, is_active INTEGER NOT NULL DEFAULT 1, created_on INTEGER NOT NULL);
CREATE TABLE rapidpro_templates (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    name TEXT NOT NULL, created_on INTEGER NOT NULL, modified_on INTEGER NOT NULL);
CREATE TABLE rapidpro_template_translations (
    id INTEGER PRIMARY KEY, template_id INTEGER NOT NULL REFERENCES rapidpro_templates,
    channel_id INTEGER NOT NULL REFERENCES rapidpro_channels, language TEXT NOT NULL, locale TEXT NOT NULL,
    content TEXT NOT NULL, namespace TEXT NOT NULL DEFAULT '', variable_count INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL);

CREATE TABLE rapidpro_resthooks (
    id INTEGER PRIMARY KEY, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces, slug TEXT NOT NULL,
    is_active INTEGER NOT NULL DEFAULT 1, created_on INTEGER NOT NULL, modified_on INTEGER NOT NULL);
CREATE TABLE rapidpro_resthook_subscribers (
    id INTEGER PRIMARY KEY, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    resthook_id INTEGER NOT NULL REFERENCES rapidpro_resthooks, target_url TEXT NOT NULL,
    is_active INTEGER NOT NULL DEFAULT 1, created_on INTEGER NOT NULL);
CREATE TABLE rapidpro_resthook_events (
    id INTEGER PRIMARY KEY, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    resthook_id INTEGER NOT NULL REFERENCES rapidpro_resthooks, data TEXT NOT NULL, created_on INTEGER NOT NULL);
CREATE INDEX rapidpro_resthook_events_newest ON rapidpro_resthook_events (workspace_id, created_on, id);
CREATE INDEX rapidpro_resthook_events_by_resthook ON rapidpro_resthook_events (resthook_id, created_on, id);

CREATE TABLE rapidpro_topics (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    name TEXT NOT NULL, is_system INTEGER NOT NULL DEFAULT 0, is_active INTEGER NOT NULL DEFAULT 1,
    created_on INTEGER NOT NULL);
CREATE TABLE rapidpro_tickets (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces,
    contact_id INTEGER NOT NULL REFERENCES rapidpro_contacts, topic_id INTEGER NOT NULL REFERENCES rapidpro_topics,
    status TEXT NOT NULL DEFAULT 'open', assignee_id INTEGER REFERENCES rapidpro_users, opened_on INTEGER NOT NULL,
    opened_by_id INTEGER REFERENCES rapidpro_users, opened_in_id INTEGER REFERENCES rapidpro_flows,
    modified_on INTEGER NOT NULL, closed_on INTEGER);
CREATE INDEX rapidpro_tickets_modified ON rapidpro_tickets (workspace_id, modified_on, id);
CREATE INDEX rapidpro_tickets_by_contact ON rapidpro_tickets (contact_id, modified_on, id);
CREATE TABLE rapidpro_ticket_events (
    id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL REFERENCES rapidpro_tickets, type TEXT NOT NULL, note TEXT,
    user_id INTEGER REFERENCES rapidpro_users, created_on INTEGER NOT NULL);

CREATE TABLE rapidpro_archives (
    id INTEGER PRIMARY KEY, workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces, type TEXT NOT NULL,
    period TEXT NOT NULL, start_date TEXT NOT NULL, record_count INTEGER NOT NULL, size INTEGER NOT NULL, hash TEXT,
    data BLOB, secret TEXT NOT NULL, rollup_id INTEGER REFERENCES rapidpro_archives, created_on INTEGER NOT NULL);
CREATE INDEX rapidpro_archives_latest ON rapidpro_archives (workspace_id, start_date, id);
CREATE TABLE rapidpro_boundaries (
    id INTEGER PRIMARY KEY, osm_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, country TEXT NOT NULL,
    parent_id INTEGER REFERENCES rapidpro_boundaries, level INTEGER NOT NULL, path TEXT NOT NULL, geometry TEXT);
CREATE TABLE rapidpro_boundary_aliases (
    boundary_id INTEGER NOT NULL REFERENCES rapidpro_boundaries,
    workspace_id INTEGER NOT NULL REFERENCES rapidpro_workspaces, name TEXT NOT NULL,
    PRIMARY KEY (boundary_id, workspace_id, name)) WITHOUT ROWID;
"""


def make_tables(store: Store) -> None:
    """Make all tables anew, empty, whatever was there before."""
    store.run("PRAGMA defer_foreign_keys = ON")
    youngest_first = (
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'rapidpro_*' ORDER BY rowid DESC"
    )
    for row in store.all(youngest_first):
        store.run(f"DROP TABLE {row['name']}")
    statements = [statement for statement in SCHEMA.split(";\n") if statement.strip()]
    triggers = [trigger for counter in counts.COUNTERS for trigger in counter.triggers()]
    for statement in (*statements, counts.TABLE, *triggers):
        store.run(statement)
