"""What the command line says when something is wrong."""

from __future__ import annotations

import json
from collections import defaultdict
from importlib.metadata import packages_distributions, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..conftest import Trilogue


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["rapidpro", "contacts", "lst"],
            "there is no command 'lst' of trilogue rapidpro contacts; did you mean list?",
        ),
        (["rapidpr"], "there is no command 'rapidpr' of trilogue; did you mean rapidpro?"),
        (
            ["rapidpro", "contacts", "list", "--grup", "x"],
            "there is no option --grup of trilogue rapidpro contacts list",
        ),
        (["rapidpro", "contacts", "list", "--grup", "x"], "did you mean --group?"),
        (["rapidpro", "contacts", "list", "--after", "soon"], "--after: expected a time in ISO 8601"),
        (["rapidpro", "groups", "create", "--json", "{"], "--json: this is no JSON"),
        (["rapidpro", "groups", "create", "--json", "[]"], "--json takes an object"),
        (["rapidpro", "groups", "create", "--json", '{"nam": 1}'], "there is no field 'nam'; did you mean name?"),
        (["rapidpro", "groups", "create", "--json", "@missing.json"], "--json: missing.json: No such file"),
        (["rapidpro", "groups", "create"], "missing: --name"),
        (["rapidpro", "contacts", "create", "--fields", "age"], "--fields: expected KEY=VALUE"),
        (["rapidpro", "groups", "list", "--resume"], "leave out --resume"),
        (["rapidpro", "groups", "list", "--query", "["], "--query"),
    ],
)
def test_wrong_usage_is_explained(arguments: list[str], said: str, trilogue: Trilogue) -> None:
    done = trilogue("--sandbox", *arguments)

    assert done.status == 2
    assert said in done.err


def test_missing_credentials_are_explained(trilogue: Trilogue) -> None:
    done = trilogue("rapidpro", "groups", "list")

    assert done.status == 1
    assert "trilogue login rapidpro" in done.err
    assert "RAPIDPRO_TOKEN" in done.err


def test_a_missing_object_has_its_exit_status(trilogue: Trilogue) -> None:
    uuid = "00000000-0000-4000-8000-000000000000"

    assert trilogue("rapidpro", "groups", "delete", "--sandbox", "--uuid", uuid, "--yes").status == 4


def test_a_wrong_token_has_its_exit_status(trilogue: Trilogue, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPIDPRO_TOKEN", "wrong")

    assert trilogue("rapidpro", "groups", "list", "--host", f"{address}/rapidpro").status == 3


def test_an_unreachable_server_has_its_exit_status(trilogue: Trilogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPIDPRO_TOKEN", "token")

    assert trilogue("rapidpro", "workspace", "get", "--host", "http://127.0.0.1:9").status == 7


@pytest.mark.parametrize("options", [["--errors", "json"], ["--errors=json"]])
def test_errors_are_json_on_request(options: list[str], trilogue: Trilogue) -> None:
    refused = json.loads(trilogue("rapidpro", "contacts", "create", "--sandbox", "--urns", "x", *options).err)

    assert (refused["error"], refused["status"], refused["operation"]) == ("BadRequest", 400, "contacts.create")
    assert refused["field_errors"]


def test_what_the_platform_says_of_a_field_is_printed_once(trilogue: Trilogue) -> None:
    refused = trilogue("rapidpro", "messages", "send", "--sandbox", "--contact", "nobody", "--text", "hi")

    assert refused.err.splitlines() == ["Error: RapidPro messages.send: 400", "  contact: No such object: nobody"]


def test_usage_errors_are_json_on_request(trilogue: Trilogue) -> None:
    assert json.loads(trilogue("--errors", "json", "rapidpro", "contacts", "lst").err)["error"] == "UsageError"


def test_what_is_missing_is_named_with_its_extra() -> None:
    from trilogue_tools.extras import advice

    said = advice(ModuleNotFoundError("No module named 'dlt'", name="dlt"))

    assert said == "this needs dlt, which is not installed; install it: pip install 'trilogue[export]'"
    assert advice(ModuleNotFoundError("No module named 'somewhere'", name="somewhere")) is None


def test_what_an_extra_brings_is_named_with_an_extra() -> None:
    from trilogue_tools.extras import advice

    modules: dict[str, list[str]] = defaultdict(list)
    for module, distributions in packages_distributions().items():
        for distribution in distributions:
            modules[canonicalize_name(distribution)].append(module)
    optional = {Requirement(each) for each in requires("trilogue") or () if "extra ==" in each}
    brought = {each.name: modules[canonicalize_name(each.name)] for each in optional}

    unnamed = [
        name
        for name, found in brought.items()
        if name not in ("msgspec", "tzdata")  # the clients need the one, and nothing imports the other
        and not any(advice(ModuleNotFoundError(name=module)) for module in found)
    ]
    assert unnamed == []
