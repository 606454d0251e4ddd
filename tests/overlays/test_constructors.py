"""What the constructors of all clients take, and what they say of an argument they do not have."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import trilogue
from trilogue._base_client import Client
from trilogue_generated.platforms import PLATFORMS, PlatformInfo

CLIENTS = [getattr(trilogue, prefix + info.client) for info in PLATFORMS.values() for prefix in ("", "Async")]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_misspelt_argument_is_refused_with_the_nearest_and_all_others(client: Any) -> None:
    with pytest.raises(TypeError) as raised:
        client(timeot=5)

    assert str(raised.value).startswith(f"{client.__name__} has no argument 'timeot'; did you mean timeout? it takes ")
    assert "max_attempts, retry_quota, on_wait" in str(raised.value)


def test_a_misspelt_argument_of_a_method_or_an_option_is_refused_with_the_nearest_and_all_others() -> None:
    mistaken: Any = trilogue.RapidPro("token")
    constructor: Any = trilogue.Botpress

    with pytest.raises(TypeError, match=r"Contacts\.get has no argument 'uid'; did you mean uuid\? it takes uuid"):
        mistaken.contacts.get(uid="x")
    with pytest.raises(TypeError, match=r"RapidPro\.with_options has no argument 'timeot'; did you mean timeout\?"):
        mistaken.with_options(timeot=5)
    with pytest.raises(TypeError, match=r"has no argument 'botId'; did you mean bot_id\?"):
        constructor(botId="x")


NO_NUMBER = [True, "5", float("nan"), -1, 0, [5], 10**30]
NO_COUNT = [True, "5", 1.0, float("nan"), -1, [5]]
NO_FUNCTION = [True, 5, "print", [print]]
NO_STRING = [True, False, 0, 5, b"x", [], ["x"], {}, object()]
WRONG: dict[str, list[object]] = {
    "timeout": [*NO_NUMBER, None],
    "deadline": NO_NUMBER,
    "max_attempts": [*NO_COUNT, 0, None],
    "retry_quota": [*NO_COUNT, None],
    "requests_per_hour": [*NO_COUNT, 0],
    **dict.fromkeys(("on_wait", "on_request", "on_response", "on_retry", "on_drift"), NO_FUNCTION),
    "priority": ["urgent", "", True, 1, ["high"], {"high": 1}],
    "budget": [True, 5, "", b"x", ["x"], "a\nb", "\ud800", "http://x"],
    "headers": [False, 0, "", "a: b", [], [("a", "b")], {"a": 1}, {"a": None}],
    "verify": [True, False, "ca.pem", 1],
    "allow_http": ["no", "", 0, 1, None, []],
    "clock": [False, 0, "", "now", object()],
    "transport": [False, 0, "", "http://proxy", object()],
    "email": [*NO_STRING, "", "ana"],
    "token_cache": [False, 0, "", "file", object()],
    **dict.fromkeys(("token", "client_id", "client_secret", "host", "bot_id", "workspace_id"), NO_STRING),
    **dict.fromkeys(("integration_id", "webhook_id", "user_key"), NO_STRING),
    "encryption_key": [*NO_STRING, "\ud800"],
}
CREDENTIALS = {"token": "t", "client_id": "a", "client_secret": "b", "webhook_id": "8f2c6d1e-0b3a-4c5d-9e7f-1a2b3c4d5e"}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_value_of_the_wrong_type_is_refused_and_its_argument_named(client: Any) -> None:
    arguments = [name for name in inspect.signature(client).parameters if not name.startswith("_")]
    credentials = {name: value for name, value in CREDENTIALS.items() if name in arguments}

    for name in arguments:
        for value in WRONG[name]:
            with pytest.raises(trilogue.InvalidArgument, match=f"^{name}: "):
                client(**{**credentials, name: value})


@pytest.mark.parametrize("name", [name for name in WRONG if name in inspect.signature(Client.with_options).parameters])
def test_an_option_of_the_wrong_type_is_refused_and_named(name: str) -> None:
    client: Any = trilogue.RapidPro("token")
    for value in WRONG[name]:
        with pytest.raises(trilogue.InvalidArgument, match=f"^{name}: "):
            client.with_options(**{name: value})


@pytest.mark.parametrize("client", CLIENTS)
def test_every_argument_is_named_and_documented(client: Any) -> None:
    names = [name for name in inspect.signature(client).parameters if not name.startswith("_")]

    assert "transport" in names
    documented = inspect.getdoc(client.__init__) or ""
    assert [name for name in names if f"\n    {name}: " not in documented] == []


@pytest.mark.parametrize("info", PLATFORMS.values(), ids=PLATFORMS)
def test_every_setting_can_come_from_its_environment_variable(
    info: PlatformInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    special = {"host": "http://127.0.0.1:1/there", "webhook_id": info.base_path.strip("/")}
    for argument, variable in info.variables.items():
        monkeypatch.setenv(variable, special.get(argument, f"{argument}-1"))

    client = getattr(trilogue, info.client)()

    assert repr(client) == f"{info.client}('http://127.0.0.1:1/there{info.base_path}')"
