"""What a bot counts and remarks, the values of its tags, and how an integration configures itself."""

from __future__ import annotations

from tests.sandbox.botpress.caller import Caller, part
from tests.sandbox.botpress.test_messages import make_parties


def test_the_values_of_a_tag_are_listed_once_each(api: Caller) -> None:
    for plan in ("paid", "free", "paid", "trial"):
        api.create("/v1/chat/users", tags={"plan": plan})
    make_parties(api)
    values = api.iterate("/v1/chat/tags/plan/values", "tags", type="user", pageSize=2)
    none = api.get("/v1/chat/tags/plan/values", type="conversation")

    assert values == [{"value": "free"}, {"value": "paid"}, {"value": "trial"}]
    assert none == {"tags": [], "meta": {}}
    api.error("InvalidQuery", "GET", "/v1/chat/tags/plan/values", type="workflow")


def test_a_tag_of_an_integration_is_named_after_it(bot: Caller, integration: Caller) -> None:
    integration.create("/v1/chat/users", tags={"id": "42"})

    assert {"value": "42"} in bot.get(f"/v1/chat/tags/{part('telegram:id')}/values", type="user")["tags"]
    assert {"value": "42"} in integration.get("/v1/chat/tags/id/values", type="user")["tags"]


def test_a_bot_counts(api: Caller) -> None:
    assert api.post("/v1/chat/analytics", name="orders", count=3) == {}
    api.error("InvalidPayload", "POST", "/v1/chat/analytics", {"name": "orders", "count": 0})


def test_a_remark_is_kept(api: Caller) -> None:
    parties = make_parties(api)
    api.post("/v1/chat/observations", name="rated", data={"stars": 4}, **parties)
    (kept,) = api.control("observations")
    message = api.create("/v1/chat/messages", type="text", payload={"text": "Hi"}, tags={}, **parties)["message"]["id"]
    event = api.create("/v1/chat/events", type="rated", payload={}, messageId=message)["event"]
    api.post("/v1/chat/observations", name="rated", data={}, messageId=message, eventId=event["id"])

    assert (api.control("observations")[1]["messageId"], api.control("observations")[1]["eventId"]) == (
        message,
        event["id"],
    )
    assert (kept["name"], kept["data"], kept["userId"]) == ("rated", {"stars": 4}, parties["userId"])
    body = {"name": "rated", "data": {}, "eventId": "evt_00000000000000000000000000"}
    api.error("ReferenceNotFound", "POST", "/v1/chat/observations", body)


def test_an_integration_configures_its_installation(integration: Caller, bot: Caller) -> None:
    path, body = "/v1/chat/integrations/configure", {"identifier": "bot-7", "scheduleRegisterCall": "daily"}

    assert integration.post(path, **body) == {}
    assert integration.post(path, identifier=None) == {}
    bot.error("Forbidden", "POST", path, body)


def test_the_identifier_of_an_installation_is_shown_with_the_bot(api: Caller, integration: Caller) -> None:
    bot = f"/v1/admin/bots/{api.headers['x-bot-id']}"
    integration.post("/v1/chat/integrations/configure", identifier="bot-7")
    (shown,) = api.get(bot)["bot"]["integrations"].values()
    (kept,) = api.put(bot, description="Sells pumps")["bot"]["integrations"].values()

    assert shown["identifier"] == kept["identifier"] == "bot-7"


def test_two_installations_never_have_the_same_identifier(api: Caller, integration: Caller) -> None:
    path, bot = "/v1/chat/integrations/configure", f"/v1/admin/bots/{api.headers['x-bot-id']}"
    telegram = next(iter(api.get(bot)["bot"]["integrations"]))
    api.put(bot, integrations={"second": {"integrationId": telegram}})
    integration.post(path, identifier="bot-7")
    other = integration.with_headers(x_integration_alias="second")
    other.error("AlreadyExists", "POST", path, {"identifier": "bot-7"})
    other.post(path, identifier="bot-8")
    shown = api.with_headers(x_multiple_integrations="true").get(bot)["bot"]["integrations"]

    assert {alias: one["identifier"] for alias, one in shown.items()} == {"telegram": "bot-7", "second": "bot-8"}


def configure(api: Caller) -> None:
    """Call configureIntegration as the integration."""
    test_an_integration_configures_its_installation(Caller.of(api.sandbox, "iak"), Caller.of(api.sandbox, "bak"))


LIVES = (
    test_the_values_of_a_tag_are_listed_once_each,
    test_a_bot_counts,
    test_a_remark_is_kept,
    configure,
)
