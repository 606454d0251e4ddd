"""Whatever a table or a definition holds comes back whole from every operation that shows it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.botpress.caller import Caller
from tests.sandbox.botpress.test_integrations import DEFINITION, INTEGRATIONS
from tests.sandbox.botpress.test_interfaces_and_plugins import CODE, HUB, INTERFACES, PLUGINS
from tests.sandbox.botpress.test_tables import PATH

TEXT = {"type": "string"}
TITLES = {"title": "Title", "description": "What it is for."}
ITEM = {"schema": {"type": "object", "properties": {"id": TEXT}}}
ACTIONS = {
    "open": {**TITLES, "input": ITEM, "output": ITEM, "billable": True, "cacheable": True, "attributes": {"a": "b"}}
}
EVENTS = {"opened": {**TITLES, **ITEM, "attributes": {"a": "b"}}}
ENTITIES = {"ticket": {**TITLES, **ITEM}}
STATES = {"session": {"type": "user", **ITEM, "expiry": 1000}}
TAGS = {"tags": {"id": TITLES}}
CHANNELS = {"chat": {**TITLES, "messages": {"text": ITEM}, "message": TAGS, "conversation": TAGS}}

WHOLE_INTEGRATION: dict[str, Any] = {
    **DEFINITION,
    "configuration": {**TITLES, **ITEM, "identifier": {"required": False, "linkTemplateScript": "'https://a.example'"}},
    "configurations": {
        "oauth": {**TITLES, **ITEM, "identifier": {"required": True, "linkTemplateScript": "'https://a.example'"}}
    },
    "actions": ACTIONS,
    "events": EVENTS,
    "entities": ENTITIES,
    "states": {"session": {"type": "user", **ITEM}},
    "channels": CHANNELS,
    "user": {**TAGS, "creation": {"enabled": True, "requiredTags": ["id"]}},
    "identifier": {"extractScript": ".body.team", "fallbackHandlerScript": ".team"},
    "visibility": "public",
}
WHOLE_INTERFACE: dict[str, Any] = {
    **TITLES,
    "actions": ACTIONS,
    "events": EVENTS,
    "entities": ENTITIES,
    "channels": {"chat": {**TITLES, "messages": {"text": ITEM}}},
    "nameTemplate": {"script": "{{ ticket }}", "language": "handlebars"},
    "public": True,
}
WHOLE_PLUGIN: dict[str, Any] = {
    **TITLES,
    "code": CODE,
    "actions": ACTIONS,
    "events": EVENTS,
    "states": STATES,
    "configuration": {**TITLES, **ITEM},
    "user": TAGS,
    "conversation": TAGS,
    "message": TAGS,
    "visibility": "public",
}

COMPUTED = {"action": "code", "code": "1", "model": "m", "workflowId": "w", "enabled": True, "prompt": "p"}
OPTIONS = {"id": "c1", "schemaId": "s1", "typings": "string"}
COLUMNS: dict[str, Any] = {
    "city": {
        **TEXT,
        "pattern": "^[A-Z]",
        "x-zui": {"searchable": True, "width": 120, "order": 1, "hidden": False, **OPTIONS},
    },
    "founded": {**TEXT, "format": "date-time"},
    "size": {**TEXT, "enum": ["small", "large"]},
    "tags": {"type": "array", "items": TEXT},
    "place": {"type": "object", "properties": {"lat": {"type": "number"}}},
    "country": {**TEXT, "x-zui": {"computed": {**COMPUTED, "dependencies": ["city"]}}},
}


@pytest.mark.parametrize(
    ("path", "hub", "name", "definition"),
    [
        (INTEGRATIONS, "integrations", "integration", WHOLE_INTEGRATION),
        (INTERFACES, "interfaces", "interface", WHOLE_INTERFACE),
        (PLUGINS, "plugins", "plugin", WHOLE_PLUGIN),
    ],
)
def test_a_definition_is_shown_the_same_to_its_owner_and_to_everyone(
    api: Caller, path: str, hub: str, name: str, definition: dict[str, Any]
) -> None:
    made = api.post(path, name="desk", version="1.0.0", **definition)[name]
    shown = [
        api.get(f"{path}/{made['id']}")[name],
        api.get(f"{path}/desk/1.0.0")[name],
        api.get(f"{HUB}/{hub}/{made['id']}")[name],
        api.get(f"{HUB}/{hub}/desk/latest")[name],
    ]
    if name == "plugin":
        telegram = next(iter(api.get(f"/v1/admin/bots/{api.headers['x-bot-id']}")["bot"]["integrations"]))
        shown += [
            api.get(f"{PLUGINS}/{made['id']}/dereferenced", interfaces={"desk": telegram})[name],
            api.get(f"{HUB}/plugins/{made['id']}/dereferenced", interfaces={"desk": telegram})[name],
        ]

    for part in ("actions", "events", "entities", "states", "channels", "title", "description", "nameTemplate"):
        assert [one.get(part) for one in shown] == [made.get(part)] * len(shown), part
    assert made["actions"] == ACTIONS
    assert made["events"] == EVENTS


@pytest.mark.parametrize(
    ("path", "name", "more", "changes"),
    [
        (
            INTEGRATIONS,
            "integration",
            DEFINITION,
            {"events": EVENTS, "configuration": WHOLE_INTEGRATION["configuration"]},
        ),
        (INTERFACES, "interface", {**WHOLE_INTERFACE, "public": False}, {"events": {"closed": EVENTS["opened"]}}),
        (PLUGINS, "plugin", {"code": CODE}, {"states": STATES, "events": EVENTS}),
    ],
)
def test_a_definition_shows_what_it_was_changed_to(
    api: Caller, path: str, name: str, more: dict[str, Any], changes: dict[str, Any]
) -> None:
    made = api.post(path, name="desk", version="1.0.0", **more)[name]
    changed = api.put(f"{path}/{made['id']}", **changes)[name]

    for part, sent in changes.items():
        assert {**changed[part], **sent} == changed[part]
    assert api.get(f"{path}/{made['id']}")[name] == changed


def test_a_table_shows_the_same_columns_everywhere(api: Caller) -> None:
    body = {"schema": {"type": "object", "properties": COLUMNS}, "keyColumn": "city"}
    made = api.post(PATH, name="Cities", **body)["table"]
    found = api.post(f"{PATH}/Cities", **body)["table"]
    columns = made["schema"]["properties"]
    copy = api.post(f"{PATH}/{made['id']}/duplicate", tableName="Towns")["table"]
    shown = [
        found,
        copy,
        api.get(f"{PATH}/Cities")["table"],
        *(table for table in api.get(PATH)["tables"] if table["name"] in ("Cities", "Towns")),
        api.put(f"{PATH}/Cities", factor=2)["table"],
    ]

    renamed = api.put(f"{PATH}/Cities/column", name="size", newName="extent")["table"]["schema"]["properties"]

    assert {key: columns["city"][key] for key in ("pattern", "type")} == {"pattern": "^[A-Z]", "type": "string"}
    for table in shown:
        assert table["schema"]["properties"] == columns
    assert renamed == {("extent" if name == "size" else name): column for name, column in columns.items()}
