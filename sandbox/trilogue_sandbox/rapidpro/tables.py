"""The tables of the platform."""

from __future__ import annotations

from collections.abc import Sequence

from trilogue_sandbox.kernel.table import (
    BLOB,
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
)
from trilogue_sandbox.rapidpro.counts import counted


def _table(
    name: str,
    /,
    *,
    indexes: Sequence[str] = (),
    unique: Sequence[str] = (),
    primary_key: str = "",
    triggers: Sequence[str] = (),
    **columns: Column,
) -> Table:
    return Table(
        f"rapidpro_{name}",
        columns,
        indexes=indexes,
        unique_indexes=unique,
        primary_key=primary_key,
        triggers=triggers,
    )


def _objects(name: str, /, *, indexes: Sequence[str] = (), unique: Sequence[str] = (), **columns: Column) -> Table:
    """Return a table of objects that are listed newest first and only marked as deleted."""
    common = {"id": KEY, "uuid": UUID, "workspace_id": _WORKSPACE, "is_active": _YES, "created_on": CREATED}
    return _table(name, indexes=[_NEWEST, *indexes], unique=unique, **{**common, **columns})


def _pairs(name: str, /, **columns: str) -> Table:
    """Return a table of pairs of rows, each of them once; `columns` name the tables of the rows."""
    return _table(name, primary_key=", ".join(columns), **{column: _ref(table) for column, table in columns.items()})


def _ref(table: str) -> Column:
    return INTEGER.references(f"rapidpro_{table}")


_WORKSPACE = _ref("workspaces")
_YES, _NO = BOOLEAN.default(True), BOOLEAN.default(False)
_UUID7 = TEXT.filled(lambda world: world.ids.uuid7()).unique()
_NEWEST = "workspace_id, is_active, created_on, id"
_MODIFIED = "workspace_id, is_active, modified_on, id"
_NAMED = "workspace_id, lowercase(name)"

WORKSPACES = _table(
    "workspaces",
    id=KEY,
    uuid=UUID,
    name=TEXT,
    country=TEXT.default(""),
    languages=JSON.default(["eng"]),
    timezone=TEXT.default("UTC"),
    date_style=TEXT.default("day_first"),
    is_anonymous=_NO,
    is_suspended=_NO,
    is_flagged=_NO,
    created_on=CREATED,
)
LIMITS = _table("limits", workspace_id=_WORKSPACE, name=TEXT, value=INTEGER, primary_key="workspace_id, name")
USERS = _table(
    "users",
    id=KEY,
    uuid=UUID,
    email=TEXT.unique(),
    first_name=TEXT,
    last_name=TEXT,
    avatar=TEXT.nullable(),
    is_active=_YES,
    created_on=CREATED,
)
TEAMS = _table("teams", id=KEY, uuid=UUID, workspace_id=_WORKSPACE, name=TEXT)
MEMBERS = _table(
    "members",
    workspace_id=_WORKSPACE,
    user_id=_ref("users"),
    role=TEXT,
    team_id=_ref("teams").nullable(),
    primary_key="workspace_id, user_id",
)
TOKENS = _table("tokens", key=TEXT, workspace_id=_WORKSPACE, user_id=_ref("users"), primary_key="key")

CHANNELS = _objects(
    "channels",
    name=TEXT.nullable(),
    address=TEXT.nullable(),
    type=TEXT,
    country=TEXT.nullable(),
    schemes=JSON.default(["tel"]),
    device=JSON.nullable(),
    last_seen=TIMESTAMP.nullable(),
)
CHANNEL_EVENTS = _table(
    "channel_events",
    id=KEY,
    uuid=UUID,
    workspace_id=_WORKSPACE,
    type=TEXT,
    contact_id=_ref("contacts"),
    channel_id=_ref("channels"),
    extra=JSON.nullable(),
    occurred_on=CREATED,
    created_on=CREATED,
    indexes=["workspace_id, created_on, id", "contact_id, created_on, id"],
)

FLOWS = _objects(
    "flows",
    name=TEXT,
    type=TEXT.default("message"),
    expires=INTEGER.default(4320),
    results=JSON.default([]),
    parent_refs=JSON.default([]),
    definition=JSON,
    is_archived=_NO,
    modified_on=CHANGED,
    indexes=[_NAMED],
)
FLOW_LABELS = _table("flow_labels", id=KEY, uuid=UUID, workspace_id=_WORKSPACE, name=TEXT)
LABELLED_FLOWS = _pairs("labelled_flows", flow_id="flows", label_id="flow_labels")
FLOW_FIELDS = _pairs("flow_fields", flow_id="flows", field_id="fields")
RUNS = _table(
    "runs",
    id=KEY,
    uuid=_UUID7,
    workspace_id=_WORKSPACE,
    flow_id=_ref("flows"),
    contact_id=_ref("contacts"),
    start_id=_ref("flow_starts").nullable(),
    status=TEXT,
    responded=_NO,
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
FLOW_STARTS = _table(
    "flow_starts",
    id=KEY,
    uuid=UUID,
    workspace_id=_WORKSPACE,
    flow_id=_ref("flows"),
    status=TEXT.default("pending"),
    total=INTEGER.default(-1),
    started=INTEGER.default(0),
    urns=JSON.default([]),
    params=JSON.default({}),
    restart_participants=_YES,
    exclude_active=_NO,
    created_on=CREATED,
    modified_on=CHANGED,
    indexes=["workspace_id, modified_on, id"],
)
STARTED_CONTACTS = _pairs("started_contacts", start_id="flow_starts", contact_id="contacts")
STARTED_GROUPS = _pairs("started_groups", start_id="flow_starts", group_id="groups")
TRIGGERS = _table(
    "triggers",
    id=KEY,
    workspace_id=_WORKSPACE,
    type=TEXT,
    flow_id=_ref("flows"),
    keywords=JSON.default([]),
    is_archived=_NO,
    is_active=_YES,
    created_on=CREATED,
)
TRIGGER_GROUPS = _pairs("trigger_groups", trigger_id="triggers", group_id="groups")

CONTACTS = _table(
    "contacts",
    id=KEY,
    uuid=UUID,
    workspace_id=_WORKSPACE,
    name=TEXT.nullable(),
    language=TEXT.nullable(),
    status=TEXT.default("active"),
    fields=JSON.default({}),
    notes=JSON.default([]),
    flow_id=_ref("flows").nullable(),
    last_seen_on=TIMESTAMP.nullable(),
    is_active=_YES,
    created_on=CREATED,
    modified_on=CHANGED,
    indexes=[_MODIFIED, "flow_id WHERE flow_id IS NOT NULL"],
    triggers=[
        "CREATE TRIGGER rapidpro_contacts_modified AFTER UPDATE OF modified_on ON rapidpro_contacts BEGIN"
        " UPDATE rapidpro_memberships SET modified_on = new.modified_on WHERE contact_id = new.id; END"
    ],
)
URNS = _table(
    "urns",
    id=KEY,
    workspace_id=_WORKSPACE,
    contact_id=_ref("contacts").nullable(),
    scheme=TEXT,
    path=TEXT,
    display=TEXT.nullable(),
    channel_id=_ref("channels").nullable(),
    priority=INTEGER.default(0),
    indexes=["contact_id, priority"],
    unique=["workspace_id, scheme, path"],
)
FIELDS = _objects(
    "fields",
    key=TEXT,
    name=TEXT,
    type=TEXT,
    is_featured=_NO,
    priority=INTEGER.default(0),
    agent_access=TEXT.default("view"),
    indexes=[_NAMED],
    unique=["workspace_id, key"],
)
GROUPS = _objects(
    "groups",
    name=TEXT,
    query=TEXT.nullable(),
    status=TEXT.default("ready"),
    is_system=_NO,
    indexes=[_NAMED],
)
MEMBERSHIPS = _table(
    "memberships",
    group_id=_ref("groups"),
    contact_id=_ref("contacts"),
    modified_on=TIMESTAMP,
    primary_key="group_id, contact_id",
    indexes=["contact_id, group_id", "group_id, modified_on, contact_id"],
    triggers=counted("memberships", by="group_id", owner="groups"),
)
"""Who is in which group; `modified_on` is that of the contact, so that members are found in its order."""

GLOBALS = _table(
    "globals",
    id=KEY,
    workspace_id=_WORKSPACE,
    key=TEXT,
    name=TEXT,
    value=TEXT,
    is_active=_YES,
    created_on=CREATED,
    modified_on=CHANGED,
    indexes=[_MODIFIED, _NAMED],
    unique=["workspace_id, key"],
)

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
MESSAGES = _table(
    "messages",
    id=KEY,
    uuid=_UUID7,
    workspace_id=_WORKSPACE,
    contact_id=_ref("contacts"),
    urn_id=_ref("urns").nullable(),
    channel_id=_ref("channels").nullable(),
    flow_id=_ref("flows").nullable(),
    broadcast_id=_ref("broadcasts").nullable(),
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
LABELS = _objects(
    "labels",
    name=TEXT,
    indexes=[_NAMED],
)
LABELLED_MESSAGES = _table(
    "labelled_messages",
    label_id=_ref("labels"),
    message_id=_ref("messages"),
    created_on=TIMESTAMP,
    visibility=TEXT,
    primary_key="label_id, message_id",
    indexes=["message_id, label_id", "label_id, created_on, message_id"],
    triggers=counted(
        "labelled_messages", by="label_id", owner="labels", name="{row}.visibility", changing="visibility"
    ),
)
"""Which messages have which labels; `created_on` and `visibility` are those of the message."""

MEDIA = _table(
    "media",
    id=KEY,
    uuid=UUID,
    workspace_id=_WORKSPACE,
    content_type=TEXT,
    filename=TEXT,
    url=TEXT,
    data=BLOB,
    created_on=CREATED,
)
BROADCASTS = _objects(
    "broadcasts",
    uuid=_UUID7,
    status=TEXT.default("pending"),
    total=INTEGER.default(-1),
    started=INTEGER.default(0),
    urns=JSON.default([]),
    translations=JSON,
    base_language=TEXT,
    modified_on=CHANGED,
)
BROADCAST_CONTACTS = _pairs("broadcast_contacts", broadcast_id="broadcasts", contact_id="contacts")
BROADCAST_GROUPS = _pairs("broadcast_groups", broadcast_id="broadcasts", group_id="groups")

CAMPAIGNS = _objects(
    "campaigns",
    name=TEXT,
    group_id=_ref("groups"),
    is_archived=_NO,
    modified_on=CHANGED,
    indexes=[_NAMED],
)
CAMPAIGN_EVENTS = _objects(
    "campaign_events",
    campaign_id=_ref("campaigns"),
    relative_to=TEXT,
    offset=INTEGER,
    unit=TEXT,
    delivery_hour=INTEGER,
    flow_id=_ref("flows").nullable(),
    message=JSON.nullable(),
    status=TEXT.default("scheduling"),
    wakes_at=TIMESTAMP.nullable(),
    indexes=["campaign_id, is_active, created_on, id"],
)
CAMPAIGN_FIRES = _table(
    "campaign_fires",
    event_id=_ref("campaign_events"),
    contact_id=_ref("contacts"),
    due_on=TIMESTAMP,
    primary_key="event_id, contact_id",
    indexes=["event_id, due_on", "contact_id, due_on"],
)

CLASSIFIERS = _objects("classifiers", name=TEXT, type=TEXT, intents=JSON.default([]))
OPTINS = _objects(
    "optins",
    name=TEXT,
    indexes=[_NAMED],
)
TEMPLATES = _table(
    "templates", id=KEY, uuid=UUID, workspace_id=_WORKSPACE, name=TEXT, created_on=CREATED, modified_on=CHANGED
)
TEMPLATE_TRANSLATIONS = _table(
    "template_translations",
    id=KEY,
    template_id=_ref("templates"),
    channel_id=_ref("channels"),
    language=TEXT,
    locale=TEXT,
    content=TEXT,
    namespace=TEXT.default(""),
    variable_count=INTEGER.default(0),
    status=TEXT,
    indexes=["template_id"],
)

RESTHOOKS = _table(
    "resthooks",
    id=KEY,
    workspace_id=_WORKSPACE,
    slug=TEXT,
    is_active=_YES,
    created_on=CREATED,
    modified_on=CHANGED,
    indexes=[_MODIFIED, "workspace_id, slug"],
)
RESTHOOK_SUBSCRIBERS = _table(
    "resthook_subscribers",
    id=KEY,
    workspace_id=_WORKSPACE,
    resthook_id=_ref("resthooks"),
    target_url=TEXT,
    is_active=_YES,
    created_on=CREATED,
    indexes=[_NEWEST, "resthook_id, is_active, created_on, id"],
)
RESTHOOK_EVENTS = _table(
    "resthook_events",
    id=KEY,
    workspace_id=_WORKSPACE,
    resthook_id=_ref("resthooks"),
    data=JSON,
    created_on=CREATED,
    indexes=["workspace_id, created_on, id", "resthook_id, created_on, id"],
)

TOPICS = _objects(
    "topics",
    name=TEXT,
    is_system=_NO,
    indexes=[_NAMED],
)
TICKETS = _table(
    "tickets",
    id=KEY,
    uuid=_UUID7,
    workspace_id=_WORKSPACE,
    contact_id=_ref("contacts"),
    topic_id=_ref("topics"),
    status=TEXT.default("open"),
    assignee_id=_ref("users").nullable(),
    opened_on=CREATED,
    opened_by_id=_ref("users").nullable(),
    opened_in_id=_ref("flows").nullable(),
    modified_on=CHANGED,
    closed_on=TIMESTAMP.nullable(),
    indexes=["workspace_id, modified_on, id", "contact_id, modified_on, id"],
    triggers=counted("tickets", by="topic_id", owner="topics", name="{row}.status", changing="topic_id, status"),
)
TICKET_EVENTS = _table(
    "ticket_events",
    id=KEY,
    ticket_id=_ref("tickets"),
    type=TEXT,
    note=TEXT.nullable(),
    user_id=_ref("users").nullable(),
    created_on=CREATED,
)

ARCHIVES = _table(
    "archives",
    id=KEY,
    workspace_id=_WORKSPACE,
    type=TEXT,
    period=TEXT,
    start_date=TEXT,
    record_count=INTEGER,
    size=INTEGER,
    hash=TEXT.nullable(),
    data=BLOB.nullable(),
    secret=TEXT.filled(lambda world: world.ids.token()),
    rollup_id=_ref("archives").nullable(),
    created_on=CREATED,
    indexes=["workspace_id, start_date, id"],
)
BOUNDARIES = _table(
    "boundaries",
    id=KEY,
    osm_id=TEXT.unique(),
    name=TEXT,
    country=TEXT,
    parent_id=_ref("boundaries").nullable(),
    level=INTEGER,
    path=TEXT,
    geometry=JSON.nullable(),
)
BOUNDARY_ALIASES = _table(
    "boundary_aliases",
    boundary_id=_ref("boundaries"),
    workspace_id=_WORKSPACE,
    name=TEXT,
    primary_key="boundary_id, workspace_id, name",
)
