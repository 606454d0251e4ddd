"""What the workspaces hold from the beginning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.table import Row
from trilogue_sandbox.kernel.timestamps import DAY
from trilogue_sandbox.kernel.world import World
from trilogue_sandbox.rapidpro import (
    activity,
    archives,
    boundaries,
    campaign_schedule,
    catalogue,
    contact_fields,
    flow_history,
    flows,
    global_values,
    groups,
    memberships,
    population,
)
from trilogue_sandbox.rapidpro.access import MEMBERS, TEAMS, TOKENS
from trilogue_sandbox.rapidpro.campaign_schedule import CAMPAIGN_EVENTS, CAMPAIGNS
from trilogue_sandbox.rapidpro.context import WORKSPACES, WorkspaceContext
from trilogue_sandbox.rapidpro.exchange import Resource
from trilogue_sandbox.rapidpro.flow_definitions import EXPIRES, Plan, Question
from trilogue_sandbox.rapidpro.flow_sessions import KEYWORD, MISSED_CALL, TRIGGERS
from trilogue_sandbox.rapidpro.flows import FLOW_LABELS, LABELLED_FLOWS
from trilogue_sandbox.rapidpro.older_server import CLASSIFIERS, OPTINS, TEMPLATE_TRANSLATIONS, TEMPLATES
from trilogue_sandbox.rapidpro.population import next_id
from trilogue_sandbox.rapidpro.references import find_group, find_named, uuid_or_name_lookup
from trilogue_sandbox.rapidpro.resthooks import RESTHOOK_SUBSCRIBERS, RESTHOOKS
from trilogue_sandbox.rapidpro.sign_ins import TOKEN_HOLDERS, TokenHolder
from trilogue_sandbox.rapidpro.tables import CHANNELS, FLOWS, GROUPS, LABELS, USERS
from trilogue_sandbox.rapidpro.tickets import TOPICS

# -- every workspace ---------------------------------------------------------------------------------------------------

_WORKSPACES = (
    ("main", "RW", ["eng", "kin"], "Africa/Kigali", False, False),
    ("empty", "", ["eng"], "UTC", False, False),
    ("anonymous", "RW", ["eng"], "Africa/Kigali", True, False),
    ("suspended", "RW", ["eng"], "Africa/Kigali", False, True),
)
_CHANNELS = (
    ("Main line", "+250788000001", "android", "RW", ["tel"]),
    ("Short code", "1234", "external", "RW", ["tel"]),
    ("Telegram", "healthline_bot", "telegram", None, ["telegram"]),
    ("WhatsApp", "250788000002", "whatsapp", "RW", ["whatsapp"]),
)
_DEVICE: JsonObject = {
    "name": "Pixel 6",
    "power_level": 87,
    "power_status": "DIS",
    "power_source": "BAT",
    "network_type": "LTE",
}
_FIELDS = (
    ("Age", "number"),
    ("Gender", "text"),
    ("Nick Name", "text"),
    ("Registered On", "datetime"),
    ("Next Visit", "datetime"),
    ("District", "district"),
)


def make_default_data(world: World) -> None:
    """Make the workspaces, their users and tokens, and a little of everything in the main one."""
    contexts = [_make_workspace(world, *workspace) for workspace in _WORKSPACES]
    for context in contexts:
        _make_system_objects(context)
    for user in TOKEN_HOLDERS:
        _make_user(contexts[user.workspace_id - 1], user)
    for context in contexts:
        if context.workspace.name != "empty":
            _make_channels(context)
            _make_people(context, 12 if context.workspace.name == "main" else 3)
    _make_content(contexts[0])


def _make_workspace(
    world: World, name: str, country: str, languages: list[str], timezone: str, is_anonymous: bool, is_suspended: bool
) -> WorkspaceContext:
    values = {"name": name, "handle": name, "country": country, "languages": languages, "timezone": timezone}
    state = {"is_anonymous": is_anonymous, "is_suspended": is_suspended, "created_on": world.now - 1000 * DAY}
    return WorkspaceContext.load(world, world.records.add(WORKSPACES, {**values, **state})["id"])


def _make_system_objects(context: WorkspaceContext) -> None:
    created_on = context.now - 1000 * DAY
    context.add(TEAMS, name="All Topics")
    context.add(TOPICS, name="General", is_system=True, created_on=created_on)
    context.add(GROUPS, name="Open Tickets", query="tickets > 0", is_system=True, created_on=created_on)


def _make_user(context: WorkspaceContext, user: TokenHolder) -> None:
    named = {"email": user.email, "first_name": user.first_name, "last_name": "Uwera", "is_active": user.is_active}
    row = context.records.add(USERS, {**named, "avatar": user.avatar, "created_on": context.now - 900 * DAY})
    team = context.find(TEAMS)
    team_id = team["id"] if team and user.role == "agent" else None
    context.add(MEMBERS, user_id=row["id"], role=user.role, team_id=team_id)
    context.add(TOKENS, key=user.token, user_id=row["id"])


def _make_channels(context: WorkspaceContext) -> None:
    created_on = context.now - 800 * DAY
    for name, address, channel_type, country, schemes in _CHANNELS:
        reported = {"device": _DEVICE, "last_seen": context.now} if channel_type == "android" else {}
        values = {"name": name, "address": address, "type": channel_type, "country": country, "schemes": schemes}
        context.add(CHANNELS, **values, **reported, created_on=created_on)


def _make_people(context: WorkspaceContext, count: int) -> None:
    for name, field_type in _FIELDS:
        contact_fields.create_field(context, name, field_type)
    for name in ("Farmers", "Reporters", "Health Workers"):
        groups.create_group(context, name)
    groups.create_group(context, "Adults", "age >= 18")
    for name in ("Feedback", "Complaints"):
        context.add(LABELS, name=name)
    global_values.set_global(context, "Support Number", "+250788000009")
    population.make_contacts(context, count)
    memberships.fill_all(context)
    population.make_messages(context, 3 * count)
    population.make_broadcasts(context, 2)


# -- the main workspace ------------------------------------------------------------------------------------------------

_COLOR = Question("Color", "Hi @contact.first_name! What is your favorite color?", ("Red", "Green", "Blue"))
_BEER = Question("Beer", "I like @results.color too! Which beer goes with it?", ("Mutzig", "Primus"))
_AGE = Question("Age", "Welcome! How old are you?", is_number=True)
_CROP = Question("Crop", "Which crop do you grow?", ("Beans", "Maize", "Coffee"))


def _make_content(context: WorkspaceContext) -> None:
    """Make a little of everything."""
    boundaries.make_boundaries(context)
    _make_names(context)
    _make_resthooks(context)
    _make_flows(context)
    _make_templates(context)
    _make_campaigns(context)
    flow_history.make_flow_starts(context, 3)
    flow_history.make_runs(context, 24)
    activity.make_tickets(context, 6)
    activity.make_channel_events(context, 8)
    activity.make_resthook_events(context, 3)
    catalogue.make_archives(context, 4)
    yesterday = context.world.clock.now().date() - timedelta(days=1)
    archives.add_archive(context, "run", "daily", yesterday, [])


def _make_names(context: WorkspaceContext) -> None:
    """Make what consists of little more than a name."""
    created_on = context.now - 300 * DAY
    for table, names in ((TOPICS, ("Support", "Billing")), (OPTINS, ("Jokes", "Weekly News"))):
        for place, name in enumerate(names):
            context.add(table, name=name, created_on=created_on + place)
    intents = ["book_flight", "book_car"]
    context.add(CLASSIFIERS, name="Booker", type="wit", intents=intents, created_on=created_on)
    context.add(CLASSIFIERS, name="Empty Head", type="luis", created_on=created_on + 1)


def _make_resthooks(context: WorkspaceContext) -> None:
    for place, slug in enumerate(("new-mother", "new-father")):
        created_on = context.now - 200 * DAY + place
        resthook = context.add(RESTHOOKS, slug=slug, created_on=created_on, modified_on=created_on)
        subscriber = {"resthook_id": resthook["id"], "target_url": f"https://example.com/hooks/{slug}"}
        context.add(RESTHOOK_SUBSCRIBERS, **subscriber, created_on=created_on)


def _make_flows(context: WorkspaceContext) -> None:
    field: JsonObject = {"key": "age", "name": "Age"}
    registration: list[JsonObject] = [
        {"type": "set_contact_field", "field": field, "value": "@results.age"},
        {"type": "call_resthook", "resthook": "new-mother"},
        {"type": "send_msg", "text": "Thank you, @contact.first_name!"},
    ]
    thanks: list[JsonObject] = [{"type": "send_msg", "text": "Thank you!"}]
    join = _make_flow(context, "Registration", questions=(_AGE,), closing=registration)
    favorites = _make_flow(context, "Favorites", questions=(_COLOR, _BEER), closing=thanks)
    survey = _make_flow(context, "Household Survey", "survey", questions=(_CROP,))
    _make_flow(context, "Voice Menu", "voice", questions=(_CROP,))
    _make_flow(context, "Background Job", "background", closing=registration[1:2])
    _make_flow(context, "Old Flow", is_archived=True)
    label = context.add(FLOW_LABELS, name="Surveys")
    context.records.add(LABELLED_FLOWS, {"flow_id": survey["id"], "label_id": label["id"]})
    created_on = context.now - 200 * DAY
    context.add(TRIGGERS, type=KEYWORD, flow_id=join["id"], keywords=["join", "injira"], created_on=created_on)
    context.add(TRIGGERS, type=MISSED_CALL, flow_id=favorites["id"], created_on=created_on)


def _make_flow(
    context: WorkspaceContext,
    name: str,
    flow_type: str = "message",
    questions: Sequence[Question] = (),
    closing: Sequence[JsonObject] = (),
    *,
    is_archived: bool = False,
) -> Row:
    uuid, language = context.world.ids.uuid4(), context.workspace.language
    plan = Plan(uuid, name, flow_type, language, EXPIRES[flow_type], questions, closing)
    created_on = context.now - (250 - next_id(context, FLOWS)) * DAY
    return flows.create_flow(context, plan, is_archived=is_archived, created_on=created_on, modified_on=created_on)


def _make_templates(context: WorkspaceContext) -> None:
    channel = uuid_or_name_lookup(CHANNELS)(context, "WhatsApp")
    assert channel is not None
    texts = {"hello": {"eng-US": ("Hi {{1}}", "approved"), "fra-FR": ("Bonjour {{1}}", "pending")}}
    texts["goodbye"] = {"eng-US": ("Goodbye {{1}}", "rejected")}
    for place, (name, translations) in enumerate(texts.items()):
        created_on = context.now - 100 * DAY + place
        template = context.add(TEMPLATES, name=name, created_on=created_on, modified_on=created_on)
        for locale, (content, status) in translations.items():
            values = {"language": locale[:3], "locale": locale, "content": content, "status": status}
            owners = {"template_id": template["id"], "channel_id": channel["id"]}
            more = {"namespace": "health_line", "variable_count": 1}
            context.records.add(TEMPLATE_TRANSLATIONS, {**owners, **values, **more})


def _make_campaigns(context: WorkspaceContext) -> None:
    """Make a campaign with a message and a flow, and an old one that was put away."""
    created_on, group = context.now - 150 * DAY, find_group(context, "Health Workers")
    flow = find_named(context, FLOWS, "Favorites")
    assert group is not None
    assert flow is not None
    times = {"created_on": created_on, "modified_on": created_on}
    context.add(CAMPAIGNS, name="Old Reminders", is_archived=True, group_id=group["id"], **times)
    campaign = context.add(CAMPAIGNS, name="Reminders", group_id=group["id"], **times)
    reminder = {"eng": "See you in two days, @contact.first_name!", "kin": "Tuzabonana mu minsi ibiri!"}
    before = {"relative_to": "next_visit", "offset": -2, "unit": "days", "delivery_hour": 9, "message": reminder}
    after = {"relative_to": "registered_on", "offset": 1, "unit": "weeks", "delivery_hour": -1, "flow_id": flow["id"]}
    for place, values in enumerate((before, after)):
        event = context.add(CAMPAIGN_EVENTS, campaign_id=campaign["id"], **values, created_on=created_on + place)
        campaign_schedule.schedule(context, event)


RESOURCE = Resource(default_data=make_default_data)
