"""What the main workspace holds from the beginning, besides its people and their messages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta

from trilogue_sandbox.kernel.http import JsonObject
from trilogue_sandbox.kernel.store import SqlValue
from trilogue_sandbox.rapidpro import (
    activity,
    archiving,
    boundary_data,
    campaign_schedule,
    catalogue,
    flows,
    references,
)
from trilogue_sandbox.rapidpro.catalogue import add
from trilogue_sandbox.rapidpro.flow_definitions import EXPIRES, Plan, Question
from trilogue_sandbox.rapidpro.tenants import Tenant
from trilogue_sandbox.rapidpro.triggers import KEYWORD, MISSED_CALL

MAKERS = catalogue.MAKERS

_DAY = 86_400_000_000

_COLOR = Question("Color", "Hi @contact.first_name! What is your favorite color?", ("Red", "Green", "Blue"))
_BEER = Question("Beer", "I like @results.color too! Which beer goes with it?", ("Mutzig", "Primus"))
_AGE = Question("Age", "Welcome! How old are you?", is_number=True)
_CROP = Question("Crop", "Which crop do you grow?", ("Beans", "Maize", "Coffee"))


def furnish(tenant: Tenant) -> None:
    """Make a little of everything."""
    boundary_data.make_boundaries(tenant)
    _make_names(tenant)
    _make_resthooks(tenant)
    _make_flows(tenant)
    _make_templates(tenant)
    _make_campaigns(tenant)
    activity.make_flow_starts(tenant, 3)
    activity.make_runs(tenant, 24)
    activity.make_tickets(tenant, 6)
    activity.make_channel_events(tenant, 8)
    activity.make_resthook_events(tenant, 3)
    catalogue.make_archives(tenant, 4)
    yesterday = tenant.world.clock.now().date() - timedelta(days=1)
    archiving.add_archive(tenant, "run", "daily", yesterday, archiving.File.of([]))


def _make_names(tenant: Tenant) -> None:
    """Make what consists of little more than a name."""
    moment, new_uuid = tenant.now - 300 * _DAY, tenant.world.ids.uuid4
    for place, name in enumerate(("Support", "Billing")):
        add(tenant, "topics", moment + place, uuid=new_uuid(), name=name)
    for place, name in enumerate(("Jokes", "Weekly News")):
        add(tenant, "optins", moment + place, uuid=new_uuid(), name=name)
    intents = json.dumps(["book_flight", "book_car"])
    add(tenant, "classifiers", moment, uuid=new_uuid(), name="Booker", type="wit", intents=intents)
    add(tenant, "classifiers", moment + 1, uuid=new_uuid(), name="Empty Head", type="luis")


def _make_resthooks(tenant: Tenant) -> None:
    moment = tenant.now - 200 * _DAY
    for place, slug in enumerate(("new-mother", "new-father")):
        resthook_id = add(tenant, "resthooks", moment + place, slug=slug, modified_on=moment + place)
        url = f"https://example.com/hooks/{slug}"
        add(tenant, "resthook_subscribers", moment + place, resthook_id=resthook_id, target_url=url)


def _make_flows(tenant: Tenant) -> None:
    field: JsonObject = {"key": "age", "name": "Age"}
    registration: list[JsonObject] = [
        {"type": "set_contact_field", "field": field, "value": "@results.age"},
        {"type": "call_resthook", "resthook": "new-mother"},
        {"type": "send_msg", "text": "Thank you, @contact.first_name!"},
    ]
    thanks: list[JsonObject] = [{"type": "send_msg", "text": "Thank you!"}]
    flow_id = _make_flow(tenant, "Registration", questions=(_AGE,), closing=registration)
    favorites = _make_flow(tenant, "Favorites", questions=(_COLOR, _BEER), closing=thanks)
    survey = _make_flow(tenant, "Household Survey", "survey", questions=(_CROP,))
    _make_flow(tenant, "Voice Menu", "voice", questions=(_CROP,))
    _make_flow(tenant, "Background Job", "background", closing=registration[1:2])
    tenant.store.run("UPDATE rapidpro_flows SET is_archived = 1 WHERE id = ?", _make_flow(tenant, "Old Flow"))
    label_id = tenant.store.insert(
        "INSERT INTO rapidpro_flow_labels (uuid, workspace_id, name) VALUES (?, ?, 'Surveys')",
        *(tenant.world.ids.uuid4(), tenant.workspace.id),
    )
    tenant.store.run("INSERT INTO rapidpro_flow_labelings VALUES (?, ?)", survey, label_id)
    add(
        tenant,
        "triggers",
        tenant.now - 200 * _DAY,
        type=KEYWORD,
        flow_id=flow_id,
        keywords=json.dumps(["join", "injira"]),
    )
    add(tenant, "triggers", tenant.now - 200 * _DAY, type=MISSED_CALL, flow_id=favorites)


def _make_flow(
    tenant: Tenant,
    name: str,
    kind: str = "message",
    questions: Sequence[Question] = (),
    closing: Sequence[JsonObject] = (),
) -> int:
    language, uuid = tenant.workspace.language, tenant.world.ids.uuid4()
    flow_id = flows.create_flow(tenant, Plan(uuid, name, kind, language, EXPIRES[kind], questions, closing))
    moment = tenant.now - (250 - flow_id) * _DAY
    tenant.store.run("UPDATE rapidpro_flows SET created_on = ?, modified_on = ? WHERE id = ?", moment, moment, flow_id)
    return flow_id


def _make_templates(tenant: Tenant) -> None:
    moment, channel = tenant.now - 100 * _DAY, references.by_uuid_or_name("channels")(tenant, "WhatsApp")
    assert channel is not None
    texts = {"hello": {"eng-US": ("Hi {{1}}", "approved"), "fra-FR": ("Bonjour {{1}}", "pending")}}
    texts["goodbye"] = {"eng-US": ("Goodbye {{1}}", "rejected")}
    for place, (name, translations) in enumerate(texts.items()):
        uuid = tenant.world.ids.uuid4()
        template_id = add(tenant, "templates", moment + place, uuid=uuid, name=name, modified_on=moment + place)
        for locale, (content, status) in translations.items():
            tenant.store.run(
                "INSERT INTO rapidpro_template_translations"
                " (template_id, channel_id, language, locale, content, namespace, variable_count, status)"
                " VALUES (?, ?, ?, ?, ?, 'health_line', 1, ?)",
                *(template_id, channel["id"], locale[:3], locale, content, status),
            )


def _make_campaigns(tenant: Tenant) -> None:
    """Make a campaign with a message and a flow, and an old one that was put away."""
    moment, group = tenant.now - 150 * _DAY, references.group(tenant, "Health Workers")
    flow = references.find_named(tenant, "flows", "Favorites")
    assert group is not None
    assert flow is not None
    for name, is_archived in (("Old Reminders", True), ("Reminders", False)):
        row: dict[str, SqlValue] = {"uuid": tenant.world.ids.uuid4(), "name": name, "is_archived": is_archived}
        campaign_id = add(tenant, "campaigns", moment, **row, group_id=group["id"], modified_on=moment)
    reminder = json.dumps({"eng": "See you in two days, @contact.first_name!", "kin": "Tuzabonana mu minsi ibiri!"})
    timing: dict[str, SqlValue] = {"relative_to": "next_visit", "offset": -2, "unit": "days", "delivery_hour": 9}
    _make_event(tenant, moment, {**timing, "campaign_id": campaign_id, "message": reminder})
    timing = {"relative_to": "registered_on", "offset": 1, "unit": "weeks", "delivery_hour": -1}
    _make_event(tenant, moment + 1, {**timing, "campaign_id": campaign_id, "flow_id": flow["id"]})


def _make_event(tenant: Tenant, moment: int, values: Mapping[str, SqlValue]) -> None:
    event_id = add(tenant, "campaign_events", moment, uuid=tenant.world.ids.uuid4(), **values)
    campaign_schedule.schedule_event(tenant.world, {"event": event_id})
