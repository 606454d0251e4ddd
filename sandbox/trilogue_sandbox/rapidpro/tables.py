"""The tables that several resources share."""

from __future__ import annotations

from trilogue_sandbox.kernel.table import BOOLEAN, CHANGED, CREATED, INTEGER, JSON, KEY, TEXT, TIMESTAMP, UUID
from trilogue_sandbox.rapidpro.counts import counted
from trilogue_sandbox.rapidpro.table_types import (
    MODIFIED,
    NAMED,
    NO,
    UUID7,
    WORKSPACE,
    YES,
    object_table,
    pair_table,
    plain_table,
    ref,
)

USERS = plain_table(
    "users",
    id=KEY,
    uuid=UUID,
    email=TEXT.unique(),
    first_name=TEXT,
    last_name=TEXT,
    avatar=TEXT.nullable(),
    is_active=YES,
    created_on=CREATED,
)

CHANNELS = object_table(
    "channels",
    name=TEXT.nullable(),
    address=TEXT.nullable(),
    type=TEXT,
    country=TEXT.nullable(),
    schemes=JSON.default(["tel"]),
    device=JSON.nullable(),
    last_seen=TIMESTAMP.nullable(),
)

FLOWS = object_table(
    "flows",
    name=TEXT,
    type=TEXT.default("message"),
    expires=INTEGER.default(4320),
    results=JSON.default([]),
    parent_refs=JSON.default([]),
    definition=JSON,
    is_archived=NO,
    modified_on=CHANGED,
    indexes=[NAMED],
)
RUNS = plain_table(
    "runs",
    id=KEY,
    uuid=UUID7,
    workspace_id=WORKSPACE,
    flow_id=ref("flows"),
    contact_id=ref("contacts"),
    start_id=ref("flow_starts").nullable(),
    status=TEXT,
    responded=NO,
    path=JSON.default([]),
    results=JSON.default({}),
    created_on=CREATED,
    modified_on=CHANGED,
    exited_on=TIMESTAMP.nullable(),
    indexes=[
        "workspace_id, modified_on, id",
        "workspace_id, modified_on, id WHERE responded",
        "flow_id, modified_on, id",
        "flow_id, modified_on, id WHERE responded",
        "contact_id, modified_on, id",
        "contact_id WHERE exited_on IS NULL",
    ],
    triggers=counted("runs", by="flow_id", owner="flows", name="{row}.status", changing="status"),
)
FLOW_STARTS = plain_table(
    "flow_starts",
    id=KEY,
    uuid=UUID,
    workspace_id=WORKSPACE,
    flow_id=ref("flows"),
    status=TEXT.default("pending"),
    total=INTEGER.default(-1),
    started=INTEGER.default(0),
    urns=JSON.default([]),
    params=JSON.default({}),
    restart_participants=YES,
    exclude_active=BOOLEAN.nullable(),
    created_on=CREATED,
    modified_on=CHANGED,
    indexes=["workspace_id, modified_on, id"],
)
STARTED_CONTACTS = pair_table("started_contacts", start_id="flow_starts", contact_id="contacts")
STARTED_GROUPS = pair_table("started_groups", start_id="flow_starts", group_id="groups")

CONTACTS = plain_table(
    "contacts",
    id=KEY,
    uuid=UUID,
    workspace_id=WORKSPACE,
    name=TEXT.nullable(),
    language=TEXT.nullable(),
    status=TEXT.default("active"),
    fields=JSON.default({}),
    notes=JSON.default([]),
    flow_id=ref("flows").nullable(),
    last_seen_on=TIMESTAMP.nullable(),
    is_active=YES,
    created_on=CREATED,
    modified_on=CHANGED,
    indexes=[MODIFIED, "flow_id WHERE flow_id IS NOT NULL"],
    triggers=[
        "CREATE TRIGGER rapidpro_contacts_modified AFTER UPDATE OF modified_on ON rapidpro_contacts BEGIN"
        " UPDATE rapidpro_memberships SET modified_on = new.modified_on WHERE contact_id = new.id; END"
    ],
)
URNS = plain_table(
    "urns",
    id=KEY,
    workspace_id=WORKSPACE,
    contact_id=ref("contacts").nullable(),
    scheme=TEXT,
    path=TEXT,
    display=TEXT.nullable(),
    channel_id=ref("channels").nullable(),
    priority=INTEGER.default(0),
    indexes=["contact_id, priority"],
    unique=["workspace_id, scheme, path"],
)
FIELDS = object_table(
    "fields",
    key=TEXT,
    name=TEXT,
    type=TEXT,
    is_featured=NO,
    priority=INTEGER.default(0),
    agent_access=TEXT.default("view"),
    indexes=[NAMED],
    unique=["workspace_id, key"],
)
GROUPS = object_table(
    "groups", name=TEXT, query=TEXT.nullable(), status=TEXT.default("ready"), is_system=NO, indexes=[NAMED]
)
MEMBERSHIPS = plain_table(
    "memberships",
    group_id=ref("groups"),
    contact_id=ref("contacts"),
    modified_on=TIMESTAMP,
    primary_key="group_id, contact_id",
    indexes=["contact_id, group_id", "group_id, modified_on, contact_id"],
    triggers=counted("memberships", by="group_id", owner="groups"),
)
"""Who is in which group; `modified_on` is that of the contact, so that members are found in its order."""


_FOLDER = (
    "CASE WHEN visibility = 'deleted' THEN NULL"
    " WHEN direction = 'in' AND status <> 'handled' THEN NULL"
    " WHEN direction = 'in' AND visibility = 'archived' THEN 'archived'"
    " WHEN direction = 'in' AND flow_id IS NULL THEN 'inbox'"
    " WHEN direction = 'in' THEN 'flows'"
    " WHEN status IN ('queued', 'errored') THEN 'outbox'"
    " WHEN status = 'failed' THEN 'failed' ELSE 'sent' END"
)
_DAY_AND_DIRECTION = (
    "date({row}.created_on / 1000000, 'unixepoch') || ' '"
    " || CASE {row}.type WHEN 'voice' THEN 'voice' ELSE 'text' END || ':' || {row}.direction"
)
MESSAGES = plain_table(
    "messages",
    id=KEY,
    uuid=UUID7,
    workspace_id=WORKSPACE,
    contact_id=ref("contacts"),
    urn_id=ref("urns").nullable(),
    channel_id=ref("channels").nullable(),
    flow_id=ref("flows").nullable(),
    broadcast_id=ref("broadcasts").nullable(),
    direction=TEXT,
    type=TEXT.default("text"),
    status=TEXT,
    visibility=TEXT.default("visible"),
    text=TEXT,
    attachments=JSON.default([]),
    quick_replies=JSON.default([]),
    created_on=CREATED,
    sent_on=TIMESTAMP.nullable(),
    modified_on=CHANGED,
    folder=TEXT.computed(_FOLDER),
    indexes=[
        "workspace_id, created_on, id WHERE folder IS NOT NULL",
        "workspace_id, folder, created_on, id",
        "workspace_id, folder, sent_on, id",
        "contact_id, created_on, id",
        "broadcast_id, created_on, id WHERE broadcast_id IS NOT NULL",
    ],
    triggers=[
        *counted("messages", by="channel_id", owner="channels", name=_DAY_AND_DIRECTION),
        "CREATE TRIGGER rapidpro_messages_shown AFTER UPDATE OF visibility ON rapidpro_messages BEGIN"
        " UPDATE rapidpro_labelled_messages SET visibility = new.visibility WHERE message_id = new.id; END",
    ],
)
LABELS = object_table("labels", name=TEXT, indexes=[NAMED])
LABELLED_MESSAGES = plain_table(
    "labelled_messages",
    label_id=ref("labels"),
    message_id=ref("messages"),
    created_on=TIMESTAMP,
    visibility=TEXT,
    primary_key="label_id, message_id",
    indexes=["message_id, label_id", "label_id, created_on, message_id"],
    triggers=counted(
        "labelled_messages", by="label_id", owner="labels", name="{row}.visibility", changing="visibility"
    ),
)
"""Which messages have which labels; `created_on` and `visibility` are those of the message."""


BOUNDARIES = plain_table(
    "boundaries",
    id=KEY,
    osm_id=TEXT.unique(),
    name=TEXT,
    country=TEXT,
    parent_id=ref("boundaries").nullable(),
    level=INTEGER,
    path=TEXT,
    geometry=JSON.nullable(),
)
BOUNDARY_ALIASES = plain_table(
    "boundary_aliases",
    boundary_id=ref("boundaries"),
    workspace_id=WORKSPACE,
    name=TEXT,
    primary_key="boundary_id, workspace_id, name",
)
