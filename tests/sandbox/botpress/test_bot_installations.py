"""Integrations and plugins in bots, and links to try them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from trilogue_sandbox.kernel.http import Request

from tests.sandbox.botpress.caller import Caller
from tests.sandbox.botpress.test_bots import BOTS, make_bot

INTEGRATIONS = "/v1/admin/integrations"
PLUGINS = "/v1/admin/plugins"
CODE = {"node": "module.exports = {}", "browser": "export default {}"}
ACTION = {"input": {"schema": {}}, "output": {"schema": {}}}
CONFIGURATION = {"schema": {"type": "object", "properties": {"team": {"type": "string"}}, "required": ["team"]}}


def make_integration(api: Caller, name: str = "tickets", version: str = "1.0.0", **body: Any) -> str:
    """Make an integration; return its id."""
    return str(api.post(INTEGRATIONS, name=name, version=version, **body)["integration"]["id"])


def installed(api: Caller, bot_id: str, by_alias: bool = False) -> Any:
    """Return the integrations of a bot."""
    asking = api.with_headers(x_multiple_integrations="true") if by_alias else api
    return asking.get(f"{BOTS}/{bot_id}")["bot"]["integrations"]


def test_an_integration_is_installed_changed_and_taken_out(api: Caller) -> None:
    integration, bot = make_integration(api, configuration=CONFIGURATION), make_bot(api)["id"]
    api.put(f"{BOTS}/{bot}", integrations={integration: {"configuration": {"team": "SUP"}}})
    first = installed(api, bot)[integration]
    api.put(f"{BOTS}/{bot}", integrations={"tickets": {"enabled": False}})
    by_alias = installed(api, bot, by_alias=True)["tickets"]
    api.put(f"{BOTS}/{bot}", integrations={"tickets": None})

    assert (first["name"], first["status"], first["configuration"]) == ("tickets", "registered", {"team": "SUP"})
    assert by_alias == {**first, "enabled": False, "status": "unregistered"}
    assert installed(api, bot) == {}


def test_one_integration_can_be_installed_twice_under_two_aliases(api: Caller) -> None:
    integration, bot = make_integration(api), make_bot(api)["id"]
    api.put(f"{BOTS}/{bot}", integrations={name: {"integrationId": integration} for name in ("north", "south")})

    assert set(installed(api, bot, by_alias=True)) == {"north", "south"}
    assert set(installed(api, bot)) == {integration}


def test_an_installation_keeps_to_what_its_integration_declares(api: Caller) -> None:
    integration, bot = make_integration(api, configuration=CONFIGURATION), f"{BOTS}/{make_bot(api)['id']}"

    api.error("ReferenceNotFound", "PUT", bot, {"integrations": {"intver_00000000000000000000000000": {}}})
    api.error("InvalidDataFormat", "PUT", bot, {"integrations": {integration: {}}})
    off = {"enabled": False, "configurationType": "oauth"}
    api.error("ReferenceNotFound", "PUT", bot, {"integrations": {integration: off}})
    off = {"enabled": False, "disabledChannels": ["fax"]}
    api.error("InvalidPayload", "PUT", bot, {"integrations": {integration: off}})
    large = {"configuration": {"team": "x" * 21_000}}
    api.error("LimitExceeded", "PUT", bot, {"integrations": {integration: large}})


def test_a_deprecated_integration_cannot_be_installed(api: Caller) -> None:
    integration, bot = make_integration(api), make_bot(api)["id"]
    api.control("deprecate", id=integration)

    assert api.get(f"{INTEGRATIONS}/{integration}")["integration"]["lifecycleStatus"] == "deprecated"
    api.error("ResourceGone", "PUT", f"{BOTS}/{bot}", {"integrations": {integration: {}}})


def test_a_bot_has_at_most_thirty_integrations(api: Caller) -> None:
    integration, bot = make_integration(api), make_bot(api)["id"]
    many = {f"copy{number}": {"integrationId": integration} for number in range(31)}

    api.error("LimitExceeded", "PUT", f"{BOTS}/{bot}", {"integrations": many})
    assert installed(api, bot) == {}


def test_a_registration_can_fail(api: Caller) -> None:
    api.control("set_registration", status="registration_failed", reason="the token is wrong")
    (found,) = installed(api, api.headers["x-bot-id"]).values()

    assert (found["status"], found["statusReason"]) == ("registration_failed", "the token is wrong")
    changed = api.put(f"{BOTS}/{api.headers['x-bot-id']}", description="Sells pumps")["bot"]
    assert [one["statusReason"] for one in changed["integrations"].values()] == ["the token is wrong"]


def test_a_webhook_leaves_a_line_in_the_log_of_the_integration(api: Caller) -> None:
    ((integration, found),) = installed(api, api.headers["x-bot-id"]).items()
    path = found["webhookUrl"].removeprefix("http://127.0.0.1")
    response = api.sandbox.respond(Request("POST", path, (), {}, b"hello"))
    logs = api.get(f"{INTEGRATIONS}/{integration}/logs", timeStart="2026-01-01T00:00:00Z", messageContains="Webhook")

    assert response.status == 200
    assert [line["message"] for line in logs["logs"]] == ["Webhook: POST with 5 bytes"]
    assert api.sandbox.respond(Request("POST", "/botpress/webhook/unknown")).status == 404


def plugin_with_needs(api: Caller) -> tuple[Any, str]:
    """Return the plugin that is there from the beginning, and an integration that implements what it needs."""
    (plugin,) = api.get(PLUGINS, name="handoff")["plugins"]
    needed = api.get(f"{PLUGINS}/{plugin['id']}")["plugin"]["dependencies"]["interfaces"]["handoff"]
    integration = make_integration(
        api,
        entities={"case": {"schema": {"type": "object", "title": "Case"}}},
        actions={"startHandoff": {"input": {"schema": {}}, "output": {"schema": {}}}},
        interfaces={"handoff": {"id": needed["id"], "entities": {"ticket": {"name": "case"}}}},
    )
    return plugin, integration


def test_a_plugin_is_installed_with_what_provides_its_needs(api: Caller) -> None:
    plugin, integration = plugin_with_needs(api)
    bot = f"{BOTS}/{make_bot(api)['id']}"
    api.put(bot, integrations={"desk": {"integrationId": integration}})
    standing_in = {"handoff": {"integrationId": integration, "integrationAlias": "desk"}}
    made = api.put(bot, plugins={"hitl": {"id": plugin["id"], "interfaces": standing_in}})["bot"]["plugins"]["hitl"]

    assert made["interfaces"]["handoff"]["integrationAlias"] == "desk"
    assert made["interfaces"]["handoff"]["integrationInterfaceAlias"] == "handoff"
    api.error("ReferenceConstraint", "PUT", bot, {"integrations": {"desk": None}})
    api.error("ReferenceConstraint", "DELETE", f"{PLUGINS}/{plugin['id']}")
    assert api.put(bot, plugins={"hitl": None})["bot"]["plugins"] == {}


def test_a_plugin_is_moved_to_another_integration(api: Caller) -> None:
    plugin, first = plugin_with_needs(api)
    declared = api.get(f"{INTEGRATIONS}/{first}")["integration"]
    implemented = {"id": declared["interfaces"]["handoff"]["id"], "entities": {"ticket": {"name": "case"}}}
    second = make_integration(
        api,
        "cases",
        entities={"case": {"schema": {"type": "object"}}},
        actions={"startHandoff": {"input": {"schema": {}}, "output": {"schema": {}}}},
        interfaces={"east": implemented, "west": implemented},
    )
    bot = f"{BOTS}/{make_bot(api, actions={'sell': {**ACTION, 'attributes': {'shop': 'a'}}})['id']}"
    api.put(bot, integrations={first: {}, second: {}})
    api.put(bot, plugins={"hitl": {"id": plugin["id"], "interfaces": {"handoff": {"integrationId": first}}}})
    west = {"integrationId": second, "integrationInterfaceAlias": "west"}
    changed = api.put(bot, plugins={"hitl": {"id": plugin["id"], "interfaces": {"handoff": west}}})["bot"]
    shown = api.get(bot)["bot"]

    provider = shown["plugins"]["hitl"]["interfaces"]["handoff"]
    assert provider == {**west, "integrationAlias": "cases", "interfaceId": implemented["id"]}
    assert shown["plugins"] == changed["plugins"]
    assert shown["actions"]["sell"]["attributes"] == {"shop": "a"}


def test_a_plugin_is_installed_with_the_integration_it_needs(api: Caller) -> None:
    telegram, bot = next(iter(installed(api, api.headers["x-bot-id"]))), f"{BOTS}/{api.headers['x-bot-id']}"
    needs = {"integrations": {"chat": {"id": telegram}}}
    plugin = api.post(PLUGINS, name="greeter", version="1.0.0", code=CODE, dependencies=needs)["plugin"]["id"]
    standing_in = {"chat": {"integrationId": telegram, "integrationAlias": "telegram"}}
    made = api.put(bot, plugins={"greeter": {"id": plugin, "integrations": standing_in}})["bot"]

    assert made["plugins"]["greeter"]["integrations"] == standing_in
    assert api.get(bot)["bot"]["plugins"] == made["plugins"]
    other = make_integration(api)
    for unfit in ({"integrationAlias": "fax"}, {"integrationId": other}):
        provider = {"chat": {**standing_in["chat"], **unfit}}
        api.error("RelationConflict", "PUT", bot, {"plugins": {"greeter": {"id": plugin, "integrations": provider}}})


def test_an_integration_is_installed_in_one_of_its_configurations(api: Caller) -> None:
    oauth, bot = {"oauth": CONFIGURATION, "key": CONFIGURATION}, f"{BOTS}/{make_bot(api)['id']}"
    integration = make_integration(api, configurations=oauth, channels={"fax": {"messages": {}, "message": {}}})
    chosen = {"configurationType": "oauth", "configuration": {"team": "SUP"}, "disabledChannels": ["fax"]}
    made = api.put(bot, integrations={integration: chosen})["bot"]["integrations"][integration]
    kept = api.get(bot)["bot"]["integrations"][integration]

    assert kept == made == {**made, **chosen}
    api.error("InvalidDataFormat", "PUT", bot, {"integrations": {integration: {**chosen, "configuration": {}}}})


def test_a_plugin_is_not_installed_without_what_it_needs(api: Caller) -> None:
    plugin, integration = plugin_with_needs(api)
    bot = f"{BOTS}/{api.headers['x-bot-id']}"
    telegram = next(iter(installed(api, api.headers["x-bot-id"])))

    api.error("InvalidPayload", "PUT", bot, {"plugins": {"hitl": {"id": plugin["id"]}}})
    absent = {"id": plugin["id"], "interfaces": {"handoff": {"integrationId": integration}}}
    api.error("RelationConflict", "PUT", bot, {"plugins": {"hitl": absent}})
    unfit = {"id": plugin["id"], "interfaces": {"handoff": {"integrationId": telegram}}}
    api.error("RelationConflict", "PUT", bot, {"plugins": {"hitl": unfit}})
    api.error("ReferenceNotFound", "PUT", bot, {"plugins": {"hitl": {"id": "0" * 36}}})


def test_a_shareable_id_works_for_a_day(api: Caller) -> None:
    bot = api.headers["x-bot-id"]
    path = f"{BOTS}/{bot}/integrations/{next(iter(installed(api, bot)))}/shareable-id"
    api.error("ResourceNotFound", "GET", path)
    first = api.post(path)["shareableId"]
    second = api.post(path)["shareableId"]
    found = api.get(path, integrationInstanceAlias="telegram")
    api.sandbox.advance(timedelta(days=1))
    expired = api.get(path)
    api.delete(path)

    assert first != second
    assert found == {"shareableId": second, "isExpired": False}
    assert expired == {"shareableId": second, "isExpired": True}
    api.error("ResourceNotFound", "DELETE", path)
    api.error("RelationConflict", "GET", path, integrationInstanceAlias="elsewhere")


def test_a_shareable_id_belongs_to_one_integration(api: Caller) -> None:
    bot, other = f"{BOTS}/{api.headers['x-bot-id']}", make_integration(api)
    api.put(bot, integrations={other: {}})
    telegram = next(key for key in installed(api, api.headers["x-bot-id"]) if key != other)
    ids = [api.post(f"{bot}/integrations/{key}/shareable-id")["shareableId"] for key in (telegram, other)]
    shown = [api.get(f"{bot}/integrations/{key}/shareable-id")["shareableId"] for key in (telegram, other)]

    assert shown == ids
    assert ids[0] != ids[1]


def test_sandboxed_conversations_are_taken_away(api: Caller) -> None:
    bot = api.headers["x-bot-id"]
    conversation = api.get("/v1/chat/conversations")["conversations"][0]["id"]
    linked = api.control("link_sandboxed_conversation", conversation=conversation)
    api.delete(f"{BOTS}/{bot}/integrations/{next(iter(installed(api, bot)))}/sandboxed-conversations")

    assert linked == {"conversations": [conversation]}
    assert api.control("link_sandboxed_conversation") == {"conversations": []}


LIVES = (
    test_a_shareable_id_works_for_a_day,
    test_sandboxed_conversations_are_taken_away,
    test_a_webhook_leaves_a_line_in_the_log_of_the_integration,
)
