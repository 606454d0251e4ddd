"""Mistakes people make with a client that works, and what they read; those of the network are in tests/overlays."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
import trilogue
from trilogue import AsyncRapidPro, Botpress, Pantheon, RapidPro
from trilogue_sandbox import Sandbox

TOKEN = "t" * 40
UUID = "5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9"


class Clients:
    """Clients of one sandbox, with changed settings."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def _settings(self, name: str, changes: dict[str, Any]) -> dict[str, Any]:
        given = {"host": self._sandbox.url(name), "transport": self._sandbox.transport()}
        return {**given, **self._sandbox.accounts(name)[0].credentials, **changes}

    def rapidpro(self, **changes: Any) -> RapidPro:
        return RapidPro(**self._settings("rapidpro", changes))

    def botpress(self, **changes: Any) -> Botpress:
        return Botpress(**self._settings("botpress", changes))

    def pantheon(self, **changes: Any) -> Pantheon:
        return Pantheon(**self._settings("pantheon", changes))


@pytest.fixture(scope="module")
def clients() -> Clients:
    return Clients(Sandbox())


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RAPIDPRO_TOKEN", "BP_TOKEN", "BP_BOT_ID", "PANTHEON_CLIENT_ID", "PANTHEON_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)


Mistake = tuple[Callable[[Clients], Any], type[Exception], str]

CREDENTIALS: dict[str, Mistake] = {
    "no token": (
        lambda _: RapidPro(),
        trilogue.InvalidArgument,
        r"token: missing; pass token=\.\.\. or set RAPIDPRO_TOKEN",
    ),
    "None for a token": (lambda _: Botpress(None), trilogue.InvalidArgument, r"pass token=\.\.\. or set BP_TOKEN"),
    "an empty token": (lambda _: RapidPro(""), trilogue.InvalidArgument, r"pass token=\.\.\. or set RAPIDPRO_TOKEN"),
    "a token with its newline": (
        lambda _: RapidPro("a\n"),
        trilogue.InvalidArgument,
        "check that you copied the whole",
    ),
    "a token with its scheme": (
        lambda _: RapidPro("Token a"),
        trilogue.InvalidArgument,
        "check that you copied the whole",
    ),
    "a wrong token": (
        lambda clients: clients.rapidpro(token=TOKEN).workspace.get(),
        trilogue.CredentialsRefused,
        r"403 Invalid token.*; check `token` \(RAPIDPRO_TOKEN\), and that `host` \(RAPIDPRO_HOST\)",
    ),
    "no client id": (
        lambda _: Pantheon(),
        trilogue.InvalidArgument,
        r"pass client_id=\.\.\. or set PANTHEON_CLIENT_ID",
    ),
    "a wrong secret": (
        lambda clients: clients.pantheon(client_secret="x" * 20).apps.get(),
        trilogue.AuthenticationFailed,
        r"check `client_id` \(PANTHEON_CLIENT_ID\) and `client_secret` \(PANTHEON_CLIENT_SECRET\)",
    ),
    "id and secret swapped": (
        lambda clients: clients.pantheon(client_id="x" * 20, client_secret="PANTHEON").apps.get(),
        trilogue.AuthenticationFailed,
        "check `client_id`",
    ),
    "no bot": (
        lambda clients: clients.botpress(bot_id=None).users.list().all(),
        trilogue.InvalidArgument,
        r"users\.list: this client has no bot_id; pass bot_id=\.\.\. to it or set BP_BOT_ID",
    ),
    "a wrong bot": (
        lambda clients: clients.botpress(bot_id="nope").users.list().all(),
        trilogue.PermissionDenied,
        "this token may not act for the bot nope",
    ),
}
SETTINGS: dict[str, Mistake] = {
    "plain http": (
        lambda _: RapidPro(TOKEN, host="http://a.example.org"),
        trilogue.InvalidArgument,
        "use https, or allow_http",
    ),
    "the address of a resource": (
        lambda _: RapidPro(TOKEN, host="https://a.example.org/api/v2/contacts.json"),
        trilogue.InvalidArgument,
        "names a resource of the server; leave out what follows /api/v2",
    ),
    "a misspelt scheme": (
        lambda _: RapidPro(TOKEN, host="htp://a"),
        trilogue.InvalidArgument,
        "expected an address such as",
    ),
    "an option of another client": (
        lambda _: RapidPro(TOKEN, retries=3),
        TypeError,
        "no argument 'retries'; it takes token, ",
    ),
    "camelCase": (lambda _: Botpress(TOKEN, botId="b"), TypeError, r"no argument 'botId'; did you mean bot_id\?"),
    "a negative timeout": (
        lambda _: RapidPro(TOKEN, timeout=-1),
        trilogue.InvalidArgument,
        "timeout: expected seconds above 0",
    ),
    "a string for a timeout": (
        lambda _: RapidPro(TOKEN, timeout="5"),
        trilogue.InvalidArgument,
        "timeout: expected seconds",
    ),
    "no attempt": (lambda _: RapidPro(TOKEN, max_attempts=0), trilogue.InvalidArgument, "an integer of at least 1"),
    "certificates unchecked": (
        lambda _: RapidPro(TOKEN, verify=False),
        trilogue.InvalidArgument,
        r"such as ssl\.create_default_context\(cafile='ca\.pem'\); certificates cannot be left unchecked",
    ),
}
CALLS: dict[str, Mistake] = {
    "an argument that there is not": (
        lambda clients: clients.rapidpro().contacts.create(phone="+250788123123"),
        TypeError,
        "has no argument 'phone'; it takes name, language, urns",
    ),
    "an argument by position": (
        lambda clients: clients.rapidpro().contacts.create("Ana"),
        TypeError,
        "takes 1 positional argument but 2 were given",
    ),
    "a filter by position": (
        lambda clients: clients.rapidpro().contacts.list("Farmers"),
        TypeError,
        "takes 1 positional argument but 2 were given",
    ),
    "no receiver": (
        lambda clients: clients.rapidpro().messages.send(text="Hi"),
        TypeError,
        "missing 1 required keyword-only argument: 'contact'",
    ),
    "an integer for a name": (
        lambda clients: clients.rapidpro().contacts.create(name=7),
        trilogue.InvalidArgument,
        r"contacts\.create: name: expected a string, not int",
    ),
    "a mapping for a URN": (
        lambda clients: clients.rapidpro().contacts.create(urns=[{"tel": "1"}]),
        trilogue.InvalidArgument,
        r"urns\[0\]: expected a string, not dict",
    ),
    "a malformed UUID": (
        lambda clients: clients.rapidpro().contacts.list(uuid="7"),
        trilogue.InvalidArgument,
        "a UUID such as",
    ),
    "an unknown field": (
        lambda clients: clients.rapidpro().contacts.update(urn="tel:+250788123123", fields={"nope": "1"}),
        trilogue.BadRequest,
        "fields: Invalid contact field key: nope",
    ),
    "an unknown contact": (
        lambda clients: clients.rapidpro().contacts.update(uuid=UUID, name="A"),
        trilogue.NotFound,
        "No Contact",
    ),
    "more than a call takes": (
        lambda clients: clients.rapidpro().contact_actions.perform(contacts=[UUID] * 101, action="block"),
        trilogue.BadRequest,
        "contacts: Ensure this field has no more than 100 elements",
    ),
    "no file": (
        lambda clients: clients.rapidpro().media.upload("no.png"),
        trilogue.InvalidArgument,
        r"no file at no\.png; check the path",
    ),
    "no position": (
        lambda clients: clients.rapidpro().contacts.list().resume("x"),
        trilogue.InvalidArgument,
        r"pass what `\.position` returned, unchanged",
    ),
    "the position of another list": (
        lambda clients: (
            clients.rapidpro().contacts.list().resume(clients.rapidpro().messages.list().iterator().position)
        ),
        trilogue.InvalidArgument,
        "belongs to another list; resume it there",
    ),
}
NAMES: dict[str, Mistake] = {
    "a resource": (lambda clients: clients.rapidpro().contact, AttributeError, "no attribute 'contact'"),
    "a method": (lambda clients: clients.rapidpro().contacts.fetch, AttributeError, "no 'fetch'; it has create, "),
    "a field": (lambda clients: clients.rapidpro().workspace.get().naem, AttributeError, "no attribute 'naem'"),
    "a field as a key": (
        lambda clients: clients.rapidpro().workspace.get()["name"],
        TypeError,
        r"read \.name, or to_dict\(\)\['name'\]",
    ),
    "a model as JSON": (
        lambda clients: json.dumps(clients.rapidpro().workspace.get()),
        TypeError,
        "Workspace is not JSON serializable",
    ),
    "a client": (lambda _: trilogue.RapidPRO, AttributeError, "no attribute 'RapidPRO'"),
}


async def _await_sync(client: RapidPro) -> None:
    await client.workspace.get()


async def _iterate_async_synchronously() -> None:
    for _ in AsyncRapidPro(TOKEN).contacts.list():
        pass


async def _enter_async_synchronously() -> None:
    with AsyncRapidPro(TOKEN):
        pass


MODES: dict[str, Mistake] = {
    "await on a sync client": (lambda clients: asyncio.run(_await_sync(clients.rapidpro())), TypeError, "'await'"),
    "for instead of async for": (
        lambda _: asyncio.run(_iterate_async_synchronously()),
        TypeError,
        "'AsyncPaginator' object is not iterable",
    ),
    "with instead of async with": (lambda _: asyncio.run(_enter_async_synchronously()), TypeError, "context manager"),
}
MISTAKES = {**CREDENTIALS, **SETTINGS, **CALLS, **NAMES, **MODES}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_the_next_step(clients: Clients, mistake: str) -> None:
    make, error, message = MISTAKES[mistake]
    with pytest.raises(error, match=message):
        make(clients)
