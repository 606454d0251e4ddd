"""What the RapidPro clients, sync and async, say where one kind of server differs from the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from trilogue import AsyncRapidPro, InvalidArgument, NotFound, RapidPro
from trilogue_sandbox import Sandbox

from tests.clients.blocking import Blocking

Connect = Callable[[str], Any]


@pytest.fixture(params=["sync", "async"])
def connect(request: pytest.FixtureRequest, runner: asyncio.Runner) -> Iterator[Connect]:
    """Makes a client of a new sandbox that is one of the servers."""
    with ExitStack() as opened:

        def connect(flavour: str) -> Any:
            sandbox = opened.enter_context(Sandbox(flavour=flavour))
            token, host = sandbox.accounts("rapidpro")[0].credentials["token"], sandbox.url("rapidpro")
            if request.param == "sync":
                return opened.enter_context(RapidPro(token, host=host, transport=sandbox.transport()))
            client = AsyncRapidPro(token, host=host, transport=sandbox.async_transport())
            opened.callback(lambda: runner.run(client.close()))
            return Blocking(client, runner)

        yield connect


@pytest.mark.parametrize("resource", ["classifiers", "templates"])
def test_the_error_says_which_server_has_the_operation(connect: Connect, resource: str) -> None:
    with pytest.raises(NotFound, match="; only RapidPro 9 has this operation"):
        getattr(connect("textit"), resource).list().page()


def test_what_is_not_found_on_a_server_that_has_the_operation_says_nothing_of_servers(connect: Connect) -> None:
    with pytest.raises(NotFound) as caught:
        connect("textit").groups.delete(uuid="f5901b62-ba76-4003-9c62-72fdacc1b7b7")

    assert "this operation" not in str(caught.value)


@pytest.mark.parametrize("flavour", ["textit", "rapidpro-9"])
def test_what_makes_a_server_fail_is_refused_beforehand(connect: Connect, flavour: str) -> None:
    rapidpro = connect(flavour)
    campaign = {"campaign": "f5901b62-ba76-4003-9c62-72fdacc1b7b7", "relative_to": "registered", "unit": "days"}

    with pytest.raises(InvalidArgument, match="target_url: expected at most 200 characters, not 201"):
        rapidpro.resthook_subscribers.create(resthook="new-mother", target_url="https://example.com/".ljust(201, "x"))
    with pytest.raises(InvalidArgument, match="offset: expected -2147483648 to 2147483647"):
        rapidpro.campaign_events.create(**campaign, offset=2**31, delivery_hour=9, message="Hi")
    with pytest.raises(InvalidArgument, match="quick_replies"):
        rapidpro.broadcasts.send(contacts=[campaign["campaign"]], text={"eng": "Hi"}, quick_replies=["a"])
