"""The server for agents, asked by the protocol's own client."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import Sandbox
from trilogue_tools.agents.calling import known, to_arguments
from trilogue_tools.agents.server import Tools, make_server
from trilogue_tools.connections import Connection

TOKENS = 3_000
BYTES_PER_TOKEN = 4

Ask = Callable[..., Any]


@pytest.fixture
def tools(address: str) -> Iterator[Callable[..., Tools]]:
    opened: list[Tools] = []

    def make(*, writes: bool = False, masks: bool = True) -> Tools:
        accounts = {name: Connection(name, sandbox=address) for name in PLATFORMS}
        opened.append(Tools(accounts, writes=writes, masks=masks))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def with_client(tools: Tools, work: Callable[[Client], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with Client(make_server(tools, [*PLATFORMS])) as client:
            return await work(client)

    return anyio.run(run)


def ask(tools: Tools, tool: str, **arguments: Any) -> Any:
    result = with_client(tools, lambda client: client.call_tool(tool, arguments))
    text = result.content[0].text
    assert not result.is_error, text
    return text if tool == "search" else json.loads(text)


def error_of(tools: Tools, tool: str, **arguments: Any) -> str:
    result = with_client(tools, lambda client: client.call_tool(tool, arguments))
    assert result.is_error
    text: str = result.content[0].text
    return text


def test_there_are_three_tools_with_little_to_read(tools: Callable[..., Tools]) -> None:
    listed = with_client(tools(), lambda client: client.list_tools())

    assert [tool.name for tool in listed.tools] == ["search", "describe", "call"]
    schema = json.dumps([tool.model_dump(mode="json", exclude_none=True) for tool in listed.tools])
    assert len(schema) < TOKENS * BYTES_PER_TOKEN


@pytest.mark.parametrize(
    ("query", "method"),
    [
        ("send a message to a contact", "rapidpro.messages.send"),
        ("who is in a group", "rapidpro.contacts.list"),
        ("start a flow", "rapidpro.flow_starts.start"),
        ("block a contact", "rapidpro.contact_actions.perform"),
        ("add a row to a table", "botpress.tables.rows.create"),
        ("upload a file", "botpress.files.upload"),
        ("request a payment", "pantheon.payments.request"),
        ("one-time password", "pantheon.otps.send"),
    ],
)
def test_a_search_finds_the_method(query: str, method: str, tools: Callable[..., Tools]) -> None:
    lines = ask(tools(), "search", query=query).splitlines()

    assert method in [line.split()[0] for line in lines]


def test_a_description_says_what_a_call_takes_and_does(tools: Callable[..., Tools]) -> None:
    described = ask(tools(), "describe", method="rapidpro.contacts.list")

    assert described["effect"] == "reads"
    assert {argument["name"]: argument["type"] for argument in described["arguments"]}["after"] == "datetime"


def test_a_call_masks_personal_data_unless_asked_not_to(tools: Callable[..., Tools]) -> None:
    def names(one: Tools) -> set[str]:
        return {row["name"] for row in ask(one, "call", method="rapidpro.contacts.list", limit=5)["rows"]}

    assert names(tools()) == {"•••"}
    assert "•••" not in names(tools(masks=False))


def test_secrets_are_never_shown(tools: Callable[..., Tools]) -> None:
    made = ask(
        tools(writes=True, masks=False),
        "call",
        method="pantheon.webhooks.create",
        arguments={"url": "https://hooks.example.org/x", "events": ["message.received"]},
    )

    assert made["result"]["secret"] == "•••"


def test_a_list_says_whether_there_is_more(tools: Callable[..., Tools]) -> None:
    called = ask(tools(), "call", method="rapidpro.contacts.list", limit=1)

    assert (len(called["rows"]), called["has_more"]) == (1, True)


def test_times_within_objects_are_given_as_strings_too() -> None:
    message = {"createdAt": "2026-01-02T00:00:00Z", "payload": {"createdAt": "2026-01-02"}}
    method = known(("botpress",))["botpress"].method("messages.import_")

    (given,) = to_arguments(method, {"messages": [message]})["messages"]

    assert given["createdAt"] == datetime(2026, 1, 2, tzinfo=UTC)
    assert given["payload"] == {"createdAt": "2026-01-02"}


def test_times_are_given_as_strings(tools: Callable[..., Tools]) -> None:
    arguments = {"after": "2100-01-01T00:00:00Z"}

    assert ask(tools(), "call", method="rapidpro.messages.list", arguments=arguments)["rows"] == []


def test_nothing_is_changed_unless_writing_is_allowed(tools: Callable[..., Tools], sandbox: Sandbox) -> None:
    arguments = {"name": "Beekeepers"}
    before = len(sandbox.journal.entries)

    said = error_of(tools(), "call", method="rapidpro.groups.create", arguments=arguments)

    assert "this server only reads (start it with --write)" in said
    assert len(sandbox.journal.entries) == before
    made = ask(tools(writes=True), "call", method="rapidpro.groups.create", arguments=arguments)
    assert made["result"]["name"] == "Beekeepers"


@pytest.mark.parametrize(
    ("method", "arguments", "said"),
    [
        ("rapidpro.contact.list", {}, "did you mean contacts.list"),
        ("telegram.messages.send", {}, "there is no platform 'telegram'"),
        ("rapidpro.contacts.list", {"grup": "x"}, "has no argument 'grup'; did you mean group?"),
        ("rapidpro.contacts.list", {"after": "soon"}, "after: expected a time in ISO 8601"),
        ("botpress.conversations.get", {}, "conversations.get needs: id"),
        ("botpress.files.upload", {"content": "/etc/passwd"}, "files of this machine are not sent for an agent"),
        ("botpress.users.get", {"id": "user_01JZ0000000000000000000009"}, "404"),
    ],
)
def test_what_is_wrong_is_explained(
    method: str, arguments: dict[str, Any], said: str, tools: Callable[..., Tools]
) -> None:
    assert said in error_of(tools(writes=True), "call", method=method, arguments=arguments)


def test_the_command_serves_over_standard_input_and_output(address: str) -> None:
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "trilogue", "mcp", "rapidpro", "--sandbox"],
        env={**os.environ, "TRILOGUE_SANDBOX": address},
    )

    async def run() -> Any:
        async with Client(command) as client:
            return await client.call_tool("call", {"method": "rapidpro.workspace.get"})

    with anyio.from_thread.start_blocking_portal() as portal:
        result = portal.call(run)

    assert json.loads(result.content[0].text)["result"]["name"] == "main"


def test_a_stream_is_neither_found_nor_called(tools: Callable[..., Tools]) -> None:
    assert "listen" not in json.dumps(tools().search("listen to a conversation"))
    assert "takes long" in error_of(tools(), "call", method="botpress_chat.conversations.listen", arguments={"id": "x"})
