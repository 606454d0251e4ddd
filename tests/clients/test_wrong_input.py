"""Mistakes in programs, and what is said about each; tests/overlays/test_mistakes.py has those about networks."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import date, datetime
from io import StringIO
from typing import Any, cast

import pytest
import trilogue
from trilogue import Botpress, BotpressChat, Pantheon, RapidPro
from trilogue_generated.platforms import PLATFORMS
from trilogue_sandbox import PlatformSandbox, Sandbox

NOBODY = "5079cb96-a1d8-4f47-8c87-d8c7bb6ddab9"
SETTINGS = "timeout, deadline, max_attempts, retry_quota"


class Programs:
    """Clients of a sandbox, made with mistakes."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.rapidpro = self.make_rapidpro()

    def make_rapidpro(self, **settings: Any) -> Any:
        return RapidPro(**{**self._settings("rapidpro"), **settings})

    def make_botpress(self, **settings: Any) -> Any:
        return Botpress(**{**self._settings("botpress"), **settings})

    def make_pantheon(self, **settings: Any) -> Any:
        return Pantheon(**{**self._settings("pantheon"), **settings})

    def _settings(self, name: str) -> dict[str, Any]:
        platform = PlatformSandbox(self.sandbox, name)
        known = {key: value for key, value in platform.credentials.items() if key in PLATFORMS[name].variables}
        return {**known, "host": platform.url, "transport": platform.transport()}

    @property
    def contact(self) -> Any:
        return self.rapidpro.contacts.list().first()

    def resume_elsewhere(self) -> object:
        contacts = self.rapidpro.contacts.list().iterator()
        next(contacts)
        return self.rapidpro.messages.list().resume(contacts.position).iterator()


@pytest.fixture
def programs(trilogue_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Programs:
    for info in PLATFORMS.values():
        for variable in info.variables.values():
            monkeypatch.delenv(variable, raising=False)
    return Programs(trilogue_sandbox)


Mistake = Callable[[Programs], object]

SETTING: dict[str, tuple[Mistake, str]] = {
    "no token": (lambda do: RapidPro(), r"token: missing; pass token=\.\.\. or set RAPIDPRO_TOKEN"),
    "no token of Botpress": (lambda do: Botpress(token=None), r"token: missing; pass token=\.\.\. or set BP_TOKEN"),
    "an empty token": (lambda do: RapidPro(""), r"token: missing; pass token=\.\.\. or set RAPIDPRO_TOKEN"),
    "a token with its line break": (lambda do: do.make_rapidpro(token="abc\n"), "check that you copied the whole"),
    "a token with its scheme": (lambda do: do.make_rapidpro(token="Token abc"), "check that you copied the whole"),
    "plain http": (lambda do: do.make_rapidpro(host="http://rapidpro.example.org"), "use https, or allow_http=True"),
    "a host with a resource": (
        lambda do: do.make_rapidpro(host="http://127.0.0.1/rapidpro/api/v2/contacts.json"),
        "leave out what follows /api/v2",
    ),
    "a misspelt scheme": (lambda do: do.make_rapidpro(host="htp://x"), "such as https://rapidpro.example.org"),
    "an unknown option": (lambda do: do.make_rapidpro(retries=3), f"'retries'; it takes token, host, .*{SETTINGS}"),
    "an option in camelCase": (lambda do: do.make_botpress(botId="b"), r"'botId'; did you mean bot_id\?"),
    "certificates unchecked": (lambda do: do.make_rapidpro(verify=False), r"such as ssl\.create_default_context"),
    "certificates in a file": (lambda do: do.make_rapidpro(verify="ca.pem"), r"such as ssl\.create_default_context"),
    "a negative timeout": (lambda do: do.make_rapidpro(timeout=-1), "timeout: expected seconds above 0"),
    "a timeout in a string": (lambda do: do.make_rapidpro(timeout="5"), "timeout: expected seconds above 0"),
    "no attempt": (lambda do: do.make_rapidpro(max_attempts=0), "max_attempts: expected an integer of at least 1"),
    "a key in bytes": (
        lambda do: BotpressChat("webhook", encryption_key=cast(Any, b"key")),
        "encryption_key: expected a string, not bytes",
    ),
    "a dict for a cache": (
        lambda do: Pantheon("id", "secret", token_cache=cast(Any, {})),
        r"token_cache: expected a TokenCache, with load\(\) and save\(\), not dict",
    ),
    "no client id": (lambda do: Pantheon(), r"client_id: missing; pass client_id=\.\.\. or set PANTHEON_CLIENT_ID"),
}
ARGUMENT: dict[str, tuple[Mistake, str]] = {
    "a datetime without a zone": (
        lambda do: do.rapidpro.contacts.list(after=datetime(2026, 1, 1)).page(),
        r"after: this datetime has no time zone; give one, for example datetime\.now\(timezone\.utc\)",
    ),
    "a date": (lambda do: do.rapidpro.contacts.list(after=date(2026, 1, 1)).page(), "expected a datetime, not date"),
    "a time in a string": (lambda do: do.rapidpro.contacts.list(after="2026-01-01").page(), r"datetime\.fromisoformat"),
    "a string for a list": (lambda do: do.rapidpro.contacts.create(urns="tel:+250"), r"pass urns=\[\.\.\.\]"),
    "a dict for a URN": (lambda do: do.rapidpro.contacts.create(urns=[{}]), r"urns\[0\]: expected a string, not dict"),
    "an unknown argument": (
        lambda do: do.rapidpro.contacts.create(phone="1"),
        "'phone'; it takes name, language, urns",
    ),
    "an argument by position": (lambda do: do.rapidpro.contacts.create("Ana"), "takes 1 positional argument but 2"),
    "a filter by position": (lambda do: do.rapidpro.contacts.list("Farmers"), "takes 1 positional argument but 2"),
    "a number for a name": (lambda do: do.rapidpro.contacts.create(name=5), "name: expected a string, not int"),
    "nobody to update": (lambda do: do.rapidpro.contacts.update(name="Ana"), "pass exactly one of uuid, urn"),
    "no UUID": (lambda do: do.rapidpro.contacts.list(uuid="x").page(), "uuid: expected a UUID such as "),
    "a model for its UUID": (
        lambda do: do.rapidpro.messages.send(contact=do.contact, text="Hello"),
        r"contact: expected a string, not Contact; pass its \.uuid",
    ),
    "an unknown choice": (lambda do: do.rapidpro.messages.list(folder="inbx").page(), "expected one of inbox, flows"),
    "nobody to write to": (lambda do: do.rapidpro.messages.send(text="Hello"), "missing 1 required .*'contact'"),
    "no file": (lambda do: do.rapidpro.media.upload("nofile.png"), "file: no file at nofile.png; check the path"),
    "a file of text": (lambda do: do.rapidpro.media.upload(StringIO("x")), "open the file with mode 'rb'"),
    "a position that is none": (
        lambda do: do.rapidpro.contacts.list().resume("here").iterator(),
        r"position: not the position of an iteration; pass what `\.position` returned, unchanged",
    ),
    "a position of another list": (Programs.resume_elsewhere, "position: belongs to another list; resume it there"),
    "no bot": (
        lambda do: do.make_botpress(bot_id=None).users.list().page(),
        r"Botpress users\.list: this client has no bot_id; pass bot_id=\.\.\. to it or set BP_BOT_ID",
    ),
    "an unknown resource": (lambda do: do.rapidpro.contact, "'RapidPro' object has no attribute 'contact'"),
    "an unknown method": (lambda do: do.rapidpro.contacts.fetch(), "Contacts has no 'fetch'; it has create, .*get"),
    "an unknown field": (lambda do: do.contact.naem, "'Contact' object has no attribute 'naem'"),
    "a field by subscript": (lambda do: do.contact["name"], r"read \.name, or to_dict\(\)\['name'\]"),
    "a misspelt class": (lambda do: cast(Any, trilogue).RapidPRO, "has no attribute 'RapidPRO'"),
}
REFUSED: dict[str, tuple[Mistake, type[trilogue.ApiError], str]] = {
    "a wrong token": (
        lambda do: do.make_rapidpro(token="wrong").workspace.get(),
        trilogue.PermissionDenied,
        r"403 Invalid token; check `token` \(RAPIDPRO_TOKEN\), and that `host` \(RAPIDPRO_HOST\) is the server",
    ),
    "a field of contacts that there is not": (
        lambda do: do.rapidpro.contacts.update(uuid=do.contact.uuid, fields={"nope": 1}),
        trilogue.BadRequest,
        "fields: Invalid contact field key: nope",
    ),
    "somebody who is not there": (
        lambda do: do.rapidpro.contacts.update(uuid=NOBODY, name="Ana"),
        trilogue.NotFound,
        "404 No Contact matches the given query",
    ),
    "too many contacts": (
        lambda do: do.rapidpro.contact_actions.perform(contacts=[NOBODY] * 101, action="block"),
        trilogue.BadRequest,
        "contacts: Ensure this field has no more than 100 elements",
    ),
    "a bot that is none": (
        lambda do: do.make_botpress(bot_id="nope").users.list().page(),
        trilogue.PermissionDenied,
        "403 this token may not act for the bot nope",
    ),
    "a wrong secret": (
        lambda do: do.make_pantheon(client_secret="wrong").apps.get(),
        trilogue.AuthenticationFailed,
        r"check `client_id` \(PANTHEON_CLIENT_ID\) and `client_secret` \(PANTHEON_CLIENT_SECRET\)",
    ),
    "id and secret swapped": (
        lambda do: do.make_pantheon(client_id="secret-of-scale", client_secret="PANTHEONSCALE").apps.get(),
        trilogue.AuthenticationFailed,
        "The client id or the client secret is wrong",
    ),
}
NO_MISTAKE: dict[str, Callable[[Programs], bool]] = {
    "a list is iterated twice": lambda do: [*(found := do.rapidpro.groups.list())] == [*found],
    "a client is used after it was closed": lambda do: do.rapidpro.close() or bool(do.rapidpro.workspace.get().name),
    "a contact is created with nothing": lambda do: do.rapidpro.contacts.create().name is None,
    "a filter names no group": lambda do: do.rapidpro.contacts.list(group="Framers").all() == [],
    "a model is pickled": lambda do: pickle.loads(pickle.dumps(do.contact)) == do.contact,
}


@pytest.mark.parametrize("name", SETTING)
def test_a_mistake_in_a_setting_is_named_with_what_to_do(programs: Programs, name: str) -> None:
    make, message = SETTING[name]
    with pytest.raises((trilogue.InvalidArgument, TypeError), match=message):
        make(programs)


@pytest.mark.parametrize("name", ARGUMENT)
def test_a_mistake_in_a_call_is_named_with_what_to_do(programs: Programs, name: str) -> None:
    make, message = ARGUMENT[name]
    with pytest.raises((trilogue.InvalidArgument, TypeError, AttributeError), match=message):
        make(programs)


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_platform_refuses_is_in_its_words_with_what_to_check(programs: Programs, name: str) -> None:
    make, error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        make(programs)


@pytest.mark.parametrize("name", NO_MISTAKE)
def test_what_looks_like_a_mistake_works(programs: Programs, name: str) -> None:
    assert NO_MISTAKE[name](programs)


@pytest.mark.parametrize("how", ["for", "with"])
def test_an_async_client_is_not_used_as_a_sync_one(how: str) -> None:
    client: Any = trilogue.AsyncRapidPro("abc", host="http://127.0.0.1")

    with pytest.raises((TypeError, AttributeError), match=r"AsyncPaginator|__enter__|context manager"):
        [*client.contacts.list()] if how == "for" else client.__enter__()
