"""What the constructors of all clients take, and what they say of an argument they do not have."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import trilogue
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
