"""Actions of the bot and of its integrations."""

from __future__ import annotations

from typing import Any

from trilogue_sandbox.botpress import credentials

from tests.sandbox.botpress.caller import Caller

PATH = "/v1/chat/actions"


def declare(api: Caller, name: str, **declared: Any) -> None:
    """Let the bot have one more action."""
    schema = {"schema": {"type": "object"}}
    action = {"title": name, "description": name, "input": schema, "output": schema, **declared}
    api.put(f"/v1/admin/bots/{credentials.BOT_ID}", actions={name: action})


def test_an_action_gives_back_its_input_until_its_output_is_set(api: Caller) -> None:
    echoed = api.post(PATH, type="lookUp", input={"order": 7})
    api.control("set_action", type="lookUp", output={"found": True})
    given = api.post(PATH, type="lookUp", input={"order": 7})

    assert echoed == {"output": {"order": 7}, "meta": {"cached": False}}
    assert given == {"output": {"found": True}, "meta": {"cached": False}}


def test_an_action_of_an_integration_is_named_after_it(bot: Caller, integration: Caller) -> None:
    assert bot.post(PATH, type="telegram:startTyping", input={"a": 1})["output"] == {"a": 1}
    assert integration.post(PATH, type="startTyping", input={"a": 2})["output"] == {"a": 2}
    bot.error("ResourceNotFound", "POST", PATH, {"type": "telegram:fly", "input": {}})
    bot.error("ResourceNotFound", "POST", PATH, {"type": "startTyping", "input": {}})


def test_an_action_that_can_be_cached_runs_once_for_the_same_input(api: Caller) -> None:
    declare(api, "price", cacheable=True)
    api.control("set_action", type="price", output={"sum": 1})
    first = api.post(PATH, type="price", input={"item": "pump"})
    api.control("set_action", type="price", output={"sum": 2})
    again = api.post(PATH, type="price", input={"item": "pump"})
    other = api.post(PATH, type="price", input={"item": "ring"})

    assert [(response["output"]["sum"], response["meta"]["cached"]) for response in (first, again, other)] == [
        (1, False),
        (1, True),
        (2, False),
    ]


def test_what_goes_in_and_comes_out_must_fit_what_the_definition_says(api: Caller) -> None:
    order = {"schema": {"type": "object", "properties": {"order": {"type": "number"}}, "required": ["order"]}}
    declare(api, "ship", input=order, output=order)
    wrong_input = api.error("InvalidDataFormat", "POST", PATH, {"type": "ship", "input": {"order": "seven"}})
    api.control("set_action", type="ship", output={"order": None})
    wrong_output = api.error("InvalidDataFormat", "POST", PATH, {"type": "ship", "input": {"order": 7}})

    assert wrong_input["message"].startswith("input/order")
    assert wrong_output["message"].startswith("output/order")


def test_a_run_that_failed_is_on_record(api: Caller) -> None:
    api.control("set_action", type="telegram:startTyping", error="the chat is closed")
    error = api.error("Runtime", "POST", PATH, {"type": "telegram:startTyping", "input": {"chat": 1}})
    runs = api.get(f"/v1/admin/bots/{credentials.BOT_ID}/action-runs", integrationName="telegram")["data"]

    assert error["message"] == "the chat is closed"
    assert (runs[0]["status"], runs[0]["errorMessage"]) == ("FAILURE", "the chat is closed")
    assert (runs[0]["actionType"], runs[0]["input"], runs[0]["output"]) == ("startTyping", {"chat": 1}, None)


LIVES = (test_an_action_gives_back_its_input_until_its_output_is_set,)
